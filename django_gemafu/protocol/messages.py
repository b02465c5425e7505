"""The messages of the protocol as frozen, typed values, and the JSON around them.

Reading is strict, because a signature alone proves little: every required field with its documented
type, canonical integers, lengths that make sense. Unknown further fields with plain values are kept
in ``extra`` and otherwise ignored, so that the gateway can grow. A value built here in Python goes
through the same rules as one that was received. Whatever breaks them raises :class:`MessageError`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from datetime import datetime, timezone
from typing import Any, ClassVar, NoReturn, TypeVar

from django_gemafu.exceptions import MessageError, UnsignableValue
from django_gemafu.protocol.fields import (
    Flag,
    Integer,
    Moment,
    OptionalText,
    Text,
    on_wire,
    refuse_unstorable,
)
from django_gemafu.protocol.signing import Scalar, sign

#: No message comes near this size; more is a fault or an attack.
MAX_MESSAGE_BYTES = 64 * 1024
#: What stands in place of a signature where the gateway asks for none (QueryOrder alone).
NO_SIGNATURE = "nosign"

REFERENCE_MAX_LENGTH = 64
NAME_MAX_LENGTH = 128
URL_MAX_LENGTH = 1024
BODY_MAX_LENGTH = 2000
#: A longer text makes a code too dense for a phone's camera to read off a screen.
QR_CONTENT_MAX_LENGTH = 512

_IDENTIFIER = Integer(minimum=1)
_AMOUNT_FEN = Integer(minimum=1)

Self = TypeVar("Self", bound="Message")


@dataclass(frozen=True, kw_only=True)
class Message:
    """A flat set of fields. ``extra`` holds the unknown ones, as received."""

    #: What the field "method" says, in the messages that have one.
    method: ClassVar[str] = ""

    extra: Mapping[str, Scalar] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for each in _wire_fields(type(self)):
            kind = each.metadata["kind"]
            with _naming(each.name):
                value = kind.read(kind.write(getattr(self, each.name)))
            object.__setattr__(self, each.name, value)

    @classmethod
    def parse(cls: type[Self], data: Mapping[str, Scalar]) -> Self:
        """Read the message from the fields of a received one."""
        declared = _wire_fields(cls)
        known = {each.metadata["wire_name"] for each in declared}
        if cls.method:
            known.add("method")
            if data.get("method") != cls.method:
                raise MessageError(f'"method" must be "{cls.method}"')
        values = {each.name: _read(each, data.get(each.metadata["wire_name"])) for each in declared}
        extra = {name: value for name, value in data.items() if name not in known}
        return cls(extra=extra, **values)

    def to_data(self) -> dict[str, Scalar]:
        """Return the fields as they go onto the wire, without the optional ones that are empty."""
        data = dict(self.extra)
        if self.method:
            data["method"] = self.method
        for each in _wire_fields(type(self)):
            kind = each.metadata["kind"]
            value = getattr(self, each.name)
            if value != "" or not isinstance(kind, OptionalText):
                data[each.metadata["wire_name"]] = kind.write(value)
        return data


@dataclass(frozen=True, kw_only=True)
class PlaceOrderRequest(Message):
    """The shop asks for a payment. ``notify_url`` is where the gateway reports it."""

    method = "PlaceOrder"

    merchant_id: int = on_wire("m_id", _IDENTIFIER)
    reference: str = on_wire("m_oid", Text(REFERENCE_MAX_LENGTH))
    amount_fen: int = on_wire("m_money", _AMOUNT_FEN)
    sent_at: datetime = on_wire("timestamp", Moment())
    notify_url: str = on_wire("b_url", Text(URL_MAX_LENGTH))
    customer_id: str = on_wire("userid", Text(NAME_MAX_LENGTH))
    app_name: str = on_wire("appname", Text(NAME_MAX_LENGTH))
    return_url: str = on_wire("f_url", OptionalText(URL_MAX_LENGTH), default="")
    body: str = on_wire("body", OptionalText(BODY_MAX_LENGTH), default="")


@dataclass(frozen=True, kw_only=True)
class PlaceOrderAnswer(Message):
    """The gateway took the order: ``payable_fen`` is what the customer must really pay."""

    gateway_order_id: int = on_wire("orderid", _IDENTIFIER)
    reference: str = on_wire("m_oid", Text(REFERENCE_MAX_LENGTH))
    amount_fen: int = on_wire("m_money", _AMOUNT_FEN)
    customer_id: str = on_wire("userid", Text(NAME_MAX_LENGTH))
    app_name: str = on_wire("appname", Text(NAME_MAX_LENGTH))
    return_url: str = on_wire("f_url", OptionalText(URL_MAX_LENGTH), default="")
    payable_fen: int = on_wire("money", _AMOUNT_FEN)
    qr_content: str = on_wire("qr_content", Text(QR_CONTENT_MAX_LENGTH))
    is_free_input: bool = on_wire("freecode", Flag())
    expires_at: datetime = on_wire("expiration", Moment())


@dataclass(frozen=True, kw_only=True)
class QueryOrderRequest(Message):
    """The shop asks what became of an order."""

    method = "QueryOrder"

    merchant_id: int = on_wire("m_id", _IDENTIFIER)
    gateway_order_id: int = on_wire("orderid", _IDENTIFIER)
    sent_at: datetime = on_wire("timestamp", Moment())


@dataclass(frozen=True, kw_only=True)
class QueryOrderAnswer(Message):
    """What became of an order.

    0 and 1: not paid yet; 2: paid, and the notification was accepted; 4: paid, the notification is
    being retried; 3: paid, and the retries are used up.
    """

    status: int = on_wire("status", Integer(maximum=4))

    @property
    def is_paid(self) -> bool:
        return self.status >= 2  # noqa: PLR2004 - the table above


@dataclass(frozen=True, kw_only=True)
class Notification(Message):
    """The gateway reports a payment. ``gateway_payment_id`` is its idempotency key."""

    gateway_order_id: int = on_wire("orderid", _IDENTIFIER)
    gateway_payment_id: int = on_wire("payid", _IDENTIFIER)
    paid_at: datetime = on_wire("pubtime", Moment())
    reference: str = on_wire("m_oid", Text(REFERENCE_MAX_LENGTH))
    customer_id: str = on_wire("userid", Text(NAME_MAX_LENGTH))
    app_name: str = on_wire("appname", Text(NAME_MAX_LENGTH))
    amount_fen: int = on_wire("money", _AMOUNT_FEN)
    return_url: str = on_wire("f_url", OptionalText(URL_MAX_LENGTH), default="")
    body: str = on_wire("body", OptionalText(BODY_MAX_LENGTH), default="")


@dataclass(frozen=True)
class Envelope:
    """What goes both ways: the fields and their signature."""

    data: Mapping[str, Scalar]
    sign: str

    @classmethod
    def parse(cls, raw: bytes) -> Envelope:
        """Read ``{"data": {...}, "sign": "..."}``. The signature is not verified here."""
        envelope = _load(raw)
        if not isinstance(envelope, dict):
            raise MessageError('a JSON object with "data" and "sign" is expected')
        signature = envelope.get("sign")
        if not isinstance(signature, str):
            raise MessageError('"sign" must be a string')
        return cls(data=_flat(envelope.get("data"), '"data"'), sign=signature)

    @classmethod
    def seal(cls, message: Message, secret: str) -> Envelope:
        """Sign a message."""
        data = message.to_data()
        return cls(data=data, sign=sign(data, secret))

    def to_json(self) -> bytes:
        return json.dumps({"data": dict(self.data), "sign": self.sign}).encode()


def parse_answer(raw: bytes) -> dict[str, Scalar]:
    """Read the flat JSON object that the gateway answers with."""
    return _flat(_load(raw), "the answer")


def utc_now() -> datetime:
    """Return the time in whole seconds, as the wire has it."""
    return datetime.now(timezone.utc).replace(microsecond=0)


def _wire_fields(message: type[Message]) -> list[Any]:
    return [each for each in fields(message) if "kind" in each.metadata]


def _read(declared: Any, value: Scalar) -> Any:
    kind, wire_name = declared.metadata["kind"], declared.metadata["wire_name"]
    if value is None and not isinstance(kind, (OptionalText, Flag)):
        raise MessageError(f'"{wire_name}" is missing')
    with _naming(wire_name):
        return kind.read(value)


@contextmanager
def _naming(name: str) -> Iterator[None]:
    """Name the field in the error: as the caller, or as the sender, calls it."""
    try:
        yield
    except MessageError as error:
        raise MessageError(f'"{name}" {error}') from None


def _load(raw: bytes) -> object:
    if len(raw) > MAX_MESSAGE_BYTES:
        raise MessageError(f"longer than {MAX_MESSAGE_BYTES} bytes")
    try:
        return json.loads(
            raw.decode(), object_pairs_hook=_unique_pairs, parse_constant=_refuse_constant
        )
    except (ValueError, RecursionError) as error:  # no UTF-8, no JSON, too large a number, too deep
        raise MessageError("not a JSON text in UTF-8") from error


def _unique_pairs(pairs: list[tuple[str, object]]) -> dict[str, object]:
    pairs_by_name = dict(pairs)
    if len(pairs_by_name) != len(pairs):
        raise MessageError("a field is given twice")
    return pairs_by_name


def _refuse_constant(name: str) -> NoReturn:
    raise MessageError(f"{name} is no JSON number")


def _flat(value: object, what: str) -> dict[str, Scalar]:
    if not isinstance(value, dict):
        raise MessageError(f"{what} must be a JSON object")
    for name, each in value.items():
        if isinstance(each, (dict, list)):
            raise UnsignableValue(f"{what} must be flat, and holds an object or an array")
        if isinstance(each, (int, float)) and abs(each) > sys.float_info.max:  # JSON's 1e999
            raise UnsignableValue(f"{what} holds a number that is too large")
        for text in (name, each):
            if isinstance(text, str):
                refuse_unstorable(text)
    return value
