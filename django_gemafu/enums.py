"""What an order, a payment and an event can be; the allowed transitions as data."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class OrderStatus(TextChoices):
    PLACING = "placing", _("placing")
    PENDING = "pending", _("waiting for payment")
    PAID = "paid", _("paid")
    EXPIRED = "expired", _("expired")
    FAILED = "failed", _("refused by the gateway")
    CANCELLED = "cancelled", _("cancelled")


#: Where an order may go from each status. Nothing leaves ``paid``; late money is still money.
TRANSITIONS: Mapping[OrderStatus, frozenset[OrderStatus]] = {
    OrderStatus.PLACING: frozenset(
        {OrderStatus.PENDING, OrderStatus.FAILED, OrderStatus.CANCELLED}
    ),
    OrderStatus.PENDING: frozenset({OrderStatus.PAID, OrderStatus.EXPIRED, OrderStatus.CANCELLED}),
    OrderStatus.EXPIRED: frozenset({OrderStatus.PAID}),
    OrderStatus.PAID: frozenset(),
    OrderStatus.FAILED: frozenset(),
    OrderStatus.CANCELLED: frozenset(),
}


#: Where besides a person may take it, who has seen that the money came.
BY_HAND: Mapping[OrderStatus, frozenset[OrderStatus]] = {
    OrderStatus.PLACING: frozenset({OrderStatus.PAID}),
    OrderStatus.FAILED: frozenset({OrderStatus.PAID}),
    OrderStatus.CANCELLED: frozenset({OrderStatus.PAID}),
}


def origins(target: OrderStatus, *, by_hand: bool = False) -> list[OrderStatus]:
    """Return the statuses from which an order may go to ``target``."""
    more = BY_HAND if by_hand else {}
    return [
        status
        for status, targets in TRANSITIONS.items()
        if target in targets | more.get(status, frozenset())
    ]


class PaymentSource(TextChoices):
    """How we learnt of a payment."""

    NOTIFICATION = "notification", _("notification")
    QUERY = "query", _("query")
    MANUAL = "manual", _("by hand")
    STATEMENT = "statement", _("account statement")


class Verdict(TextChoices):
    """What a payment is to its order. Only an accepted one settles it."""

    ACCEPTED = "accepted", pgettext_lazy("verdict", "accepted")
    UNDERPAID = "underpaid", _("too little")
    OVERPAID = "overpaid", _("too much")
    DUPLICATE = "duplicate", _("paid again")
    UNEXPECTED = "unexpected", _("unexpected")


class EventKind(TextChoices):
    """What an order's story tells of."""

    PLACED = "placed", _("placed")
    TAKEN = "taken", _("taken by the gateway")
    REFUSED = "refused", _("refused by the gateway")
    UNANSWERED = "unanswered", _("no usable answer")
    ANSWERED_LATE = "answered_late", _("answered too late")
    CHECKED = "checked", _("checked")
    PAID = "paid", _("paid")
    PAID_LATE = "paid_late", _("paid late")
    SURPRISE = "surprise", _("payment that does not fit")
    IDENTIFIED = "identified", _("payment identified")
    DELIVERED = "delivered", _("delivered")
    DELIVERY_FAILED = "delivery_failed", _("delivery failed")
    AFTERMATH_FAILED = "aftermath_failed", _("failed after delivery")
    EXPIRED = "expired", _("expired")
    CANCELLED = "cancelled", _("cancelled")
    PAYMENT_ACCEPTED = "payment_accepted", _("payment accepted by a person")
    PAYMENT_DISMISSED = "payment_dismissed", _("payment dismissed by a person")
    REFUNDED = "refunded", _("money given back")
    REFUND_FAILED = "refund_failed", _("refund not recorded")
