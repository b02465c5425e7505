"""The gateway's answers, from the request's bytes to the answer's fields. No HTTP here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import TypeVar

from django_gemafu.conf import conf
from django_gemafu.exceptions import MessageError
from django_gemafu.protocol.fields import OptionalText
from django_gemafu.protocol.messages import (
    NO_SIGNATURE,
    Envelope,
    Message,
    PlaceOrderAnswer,
    PlaceOrderRequest,
    QueryOrderAnswer,
    QueryOrderRequest,
)
from django_gemafu.protocol.signing import Scalar, verify
from django_gemafu.sandbox.models import Behaviour, SandboxOrder
from django_gemafu.sandbox.placing import place
from django_gemafu.sandbox.refusals import (
    Refusal,
    missing,
    on_purpose,
    unknown_method,
    unknown_order,
    unreadable,
    wrong_key,
    wrong_merchant,
    wrong_type,
)

#: From an order's number to the text of its QR code.
WalletUrl = Callable[[int], str]
Fields = dict[str, Scalar]

_Request = TypeVar("_Request", PlaceOrderRequest, QueryOrderRequest)


def answer(raw: bytes, wallet_url: WalletUrl) -> Fields:
    """Return the fields of the answer to a request's body, whatever it holds."""
    try:
        return {"code": "200", **_answer(raw, wallet_url)}
    except Refusal as refusal:
        return {"code": str(refusal.code), "msg": refusal.reason}


def _answer(raw: bytes, wallet_url: WalletUrl) -> Fields:
    try:
        envelope = Envelope.parse(raw)
    except MessageError as error:
        raise unreadable(error) from error
    method = envelope.data.get("method")
    if not method:
        raise missing("method")
    if method == "PlaceOrder":
        return _place_order(envelope, wallet_url)
    if method == "QueryOrder":
        return _query_order(envelope)
    raise unknown_method(method)


def _place_order(envelope: Envelope, wallet_url: WalletUrl) -> Fields:
    request = _parsed(PlaceOrderRequest, envelope.data)
    if not verify(envelope.data, envelope.sign, conf.secret_keys):
        raise wrong_key()
    refusal = Behaviour.current().refusal
    if refusal:
        raise on_purpose(refusal)
    order = place(request)
    return PlaceOrderAnswer(
        gateway_order_id=order.number,
        reference=order.reference,
        amount_fen=order.amount_fen,
        customer_id=order.customer_id,
        app_name=order.app_name,
        return_url=order.return_url,
        payable_fen=order.payable_fen,
        qr_content=wallet_url(order.number),
        is_free_input=order.is_free_input,
        expires_at=order.expires_at,
    ).to_data()


def _query_order(envelope: Envelope) -> Fields:
    # The guide leaves the merchant's number out of this request; the reference SDK sends it.
    request = _parsed(QueryOrderRequest, {"m_id": conf.merchant_id, **envelope.data})
    is_unsigned = envelope.sign == NO_SIGNATURE
    if not is_unsigned and not verify(envelope.data, envelope.sign, conf.secret_keys):
        raise wrong_key()
    order = SandboxOrder.objects.filter(
        number=request.gateway_order_id, merchant_id=request.merchant_id
    ).first()
    if order is None:
        raise unknown_order()
    return QueryOrderAnswer(status=order.status).to_data()


def _parsed(kind: type[_Request], data: Mapping[str, Scalar]) -> _Request:
    for name in _mandatory_fields(kind):
        if data.get(name) in (None, ""):
            raise missing(name)
    try:
        request = kind.parse(data)
    except MessageError as error:
        raise wrong_type(error) from error
    if request.merchant_id != conf.merchant_id:
        raise wrong_merchant()
    return request


def _mandatory_fields(kind: type[Message]) -> list[str]:
    declared = [each.metadata for each in fields(kind) if "kind" in each.metadata]
    return [each["wire_name"] for each in declared if not isinstance(each["kind"], OptionalText)]
