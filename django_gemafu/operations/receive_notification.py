"""Receiving the gateway's notification of a payment."""

from __future__ import annotations

from uuid import UUID

from django_gemafu.conf import conf
from django_gemafu.enums import PaymentSource, Verdict
from django_gemafu.exceptions import (
    ForgedNotification,
    MalformedNotification,
    MessageError,
    PaymentConflict,
    PaymentNotAccepted,
    UnboundNotification,
    UnknownOrder,
)
from django_gemafu.models import Order, Payment
from django_gemafu.operations.deliver import deliver
from django_gemafu.operations.notify_address import is_genuine
from django_gemafu.operations.settle import settle
from django_gemafu.protocol.messages import Envelope, Notification
from django_gemafu.protocol.signing import verify

#: What a notification to a wrong address is answered; the doctor knows the app by it.
NOT_OUR_ADDRESS = "this address was not made by this shop"


def receive_notification(*, token: UUID, proof: str, body: bytes) -> None:
    """Believe, bind, settle, deliver. Return only when all of it is done.

    ``token`` and ``proof`` come from the address, ``body`` is what was sent. The database is not
    touched before the sender has proved to be the gateway.

    Raises a :class:`NotificationRefused`, whose text may be shown to the sender, and
    :class:`DeliveryFailed` for a payment that is safely recorded.
    """
    if not is_genuine(token, proof):
        raise ForgedNotification(NOT_OUR_ADDRESS)
    notification = _authenticated(body)
    try:
        order = Order.objects.fresh().get(token=token)
    except Order.DoesNotExist as error:
        raise UnknownOrder("there is no such order") from error
    _require_bound(notification, order)
    payment = _settled(notification, order)
    if payment.verdict == Verdict.ACCEPTED:
        deliver(order, payment=payment)
    elif payment.needs_review:
        raise PaymentNotAccepted(
            f"recorded as {payment.verdict}: {notification.amount_fen} fen for an order "
            f"of {order.due_fen} fen that is {order.status}; the shop has to look at it",
            order=order,
        )


def _authenticated(body: bytes) -> Notification:
    try:
        envelope = Envelope.parse(body)
        if not verify(envelope.data, envelope.sign, conf.secret_keys):
            raise ForgedNotification("the signature is wrong: check the merchant's key")
        return Notification.parse(envelope.data)
    except MessageError as error:
        raise MalformedNotification(str(error)) from error


def _require_bound(notification: Notification, order: Order) -> None:
    """Hold every field that ties the message to the order against the order.

    One signature fits several messages (see protocol/signing.py): this is what tells them apart.
    """
    claims: dict[str, tuple[object, object]] = {
        "m_oid": (notification.reference, order.reference),
        "userid": (notification.customer_id, order.customer_id),
        "appname": (notification.app_name, order.app_name),
    }
    if order.gateway_order_id is not None:
        claims["orderid"] = (notification.gateway_order_id, order.gateway_order_id)
    # A customer may have had a say in these. Left unbound, a text that holds field names of the
    # wire could be split into other fields: another amount under the same signature.
    if order.body:
        claims["body"] = (notification.body, order.body)
    if order.return_url:
        claims["f_url"] = (notification.return_url, order.return_url)
    for name, (claimed, known) in claims.items():
        if claimed != known:
            raise UnboundNotification(f"{name} is not the one of this order", order=order)
    if order.gateway_order_id is None and _is_of_another(notification, order):
        raise UnboundNotification("orderid belongs to another order", order=order)


def _is_of_another(notification: Notification, order: Order) -> bool:
    return (
        Order.objects.fresh()
        .filter(merchant_id=order.merchant_id, gateway_order_id=notification.gateway_order_id)
        .exists()
    )


def _settled(notification: Notification, order: Order) -> Payment:
    try:
        return settle(
            order,
            source=PaymentSource.NOTIFICATION,
            amount_fen=notification.amount_fen,
            gateway_payment_id=notification.gateway_payment_id,
            gateway_order_id=notification.gateway_order_id,
            paid_at=notification.paid_at,
            facts=notification.to_data(),
        )
    except PaymentConflict as error:
        raise UnboundNotification(str(error), order=order) from error
