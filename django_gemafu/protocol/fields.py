"""How each kind of field is read from the wire, strictly, and written to it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any, Generic, TypeVar

from django_gemafu.exceptions import MessageError
from django_gemafu.protocol.signing import Scalar

T = TypeVar("T")

#: What a signed 64-bit column, and PHP's own integer, can hold.
MAX_INTEGER = 2**63 - 1
#: 2106-02-07: later times are a fault (milliseconds, for instance), and no calendar overflows.
MAX_UNIX_SECONDS = 2**32 - 1

_CANONICAL_INTEGER = re.compile(r"0|[1-9][0-9]{0,18}")


class Kind(Generic[T]):
    """A kind of field. ``read`` raises :class:`MessageError` with the reason alone."""

    def read(self, value: object) -> T:
        raise NotImplementedError

    def write(self, value: T) -> Scalar:
        raise NotImplementedError


@dataclass(frozen=True)
class Integer(Kind[int]):
    """A whole number; also as a string of digits, the way PHP programs often send one."""

    minimum: int = 0
    maximum: int = MAX_INTEGER

    def read(self, value: object) -> int:
        if isinstance(value, str) and _CANONICAL_INTEGER.fullmatch(value):
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            raise MessageError("must be a whole number")
        if not self.minimum <= value <= self.maximum:
            raise MessageError(f"must lie between {self.minimum} and {self.maximum}")
        return value

    def write(self, value: int) -> Scalar:
        return value


@dataclass(frozen=True)
class Text(Kind[str]):
    """A string of 1 to ``max_length`` characters."""

    max_length: int

    def read(self, value: object) -> str:
        if not isinstance(value, str):
            raise MessageError("must be a string")
        if not value:
            raise MessageError("must not be empty")
        if len(value) > self.max_length:
            raise MessageError(f"must have at most {self.max_length} characters")
        refuse_unstorable(value)
        return value

    def write(self, value: str) -> Scalar:
        return value


@dataclass(frozen=True)
class OptionalText(Text):
    """A string that may be missing, null or empty: all three read as ``""``."""

    def read(self, value: object) -> str:
        return "" if value is None or value == "" else super().read(value)


class Moment(Kind[datetime]):
    """Unix seconds on the wire, an aware UTC time here."""

    def read(self, value: object) -> datetime:
        seconds = Integer(maximum=MAX_UNIX_SECONDS).read(value)
        return datetime.fromtimestamp(seconds, tz=timezone.utc)

    def write(self, value: datetime) -> Scalar:
        if value.tzinfo is None:
            raise MessageError("must be an aware time: a naive one means something else elsewhere")
        return int(value.timestamp())


class Flag(Kind[bool]):
    """Truthy or not, in PHP's sense: ``0``, ``"0"``, ``""``, ``false`` and ``null`` are not."""

    def read(self, value: object) -> bool:
        return value not in (None, False, 0, "", "0")

    def write(self, value: bool) -> Scalar:  # noqa: FBT001 - it is the field's value
        return int(value)


def refuse_unstorable(text: str) -> None:
    """Refuse what no UTF-8 database column takes: half surrogate pairs and NUL.

    Raises :class:`MessageError`.
    """
    if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise MessageError("must not hold NUL characters or half surrogate pairs")


def on_wire(name: str, kind: Kind[Any], *, default: Any = ...) -> Any:
    """Declare a dataclass field that travels as ``name``."""
    metadata: Mapping[str, Any] = {"wire_name": name, "kind": kind}
    if default is ...:
        return field(metadata=metadata)
    return field(metadata=metadata, default=default)
