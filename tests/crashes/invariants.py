"""What must be true of an order at every moment, and what at the end."""

from __future__ import annotations

from django_gemafu.enums import EventKind, OrderStatus, Verdict
from django_gemafu.models import Order
from django_gemafu.protocol.messages import Notification
from tests.crashes.receiver import shipments

_PAID_KINDS = (EventKind.PAID, EventKind.PAID_LATE)


def story(order: Order) -> list[str]:
    return [event.kind for event in order.events.order_by("pk")]


def contradictions(order: Order) -> list[str]:
    """Return what is half done: status, payment, mark, the shop's rows and story must agree."""
    order = Order.objects.get(pk=order.pk)
    kinds = story(order)
    is_paid = order.status == OrderStatus.PAID
    is_delivered = order.delivered_at is not None
    facts = {
        "paid": {
            "status": int(is_paid),
            "accepted payments": order.payments.accepted().count(),
            "told as paid": sum(kinds.count(kind) for kind in _PAID_KINDS),
        },
        "delivered": {
            "mark": int(is_delivered),
            "shipments": shipments(order.reference),
            "told as delivered": kinds.count(EventKind.DELIVERED),
        },
        "surprises": {
            "payments": order.payments.exclude(verdict=Verdict.ACCEPTED).count(),
            "told as surprise": kinds.count(EventKind.SURPRISE),
        },
    }
    found = [f"{what}: {each}" for what, each in facts.items() if len(set(each.values())) > 1]
    if is_delivered and not is_paid:
        found.append("delivered, but not paid")
    if EventKind.DELIVERED in kinds and kinds.index(EventKind.DELIVERED) < _first_paid(kinds):
        found.append(f"delivered before it was paid: {kinds}")
    return found


def _first_paid(kinds: list[str]) -> int:
    return next((at for at, kind in enumerate(kinds) if kind in _PAID_KINDS), len(kinds))


def shortcomings(order: Order, message: Notification | None = None) -> list[str]:
    """Return what keeps the order from being paid once and delivered once."""
    order = Order.objects.get(pk=order.pk)
    payments = list(order.payments.all())
    found = contradictions(order)
    if order.status != OrderStatus.PAID or order.delivered_at is None:
        found.append(f"{order.status}, delivered: {order.delivered_at}")
    if len(payments) != 1:
        found.append(f"{len(payments)} payments")
    notified = message and (message.gateway_payment_id, message.amount_fen)
    stored = [(each.gateway_payment_id, each.amount_fen) for each in payments]
    if notified and stored != [notified]:
        found.append(f"{stored} instead of {notified}")
    return found
