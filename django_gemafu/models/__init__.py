"""Orders, the payments reported for them, what was given back, and their story."""

from django_gemafu.models.events import OrderEvent
from django_gemafu.models.inbox import Inbox
from django_gemafu.models.orders import GRACE, STUCK_AFTER, Order, OrderQuerySet
from django_gemafu.models.payments import Payment, PaymentQuerySet
from django_gemafu.models.refunds import Refund, RefundQuerySet
from django_gemafu.models.takings import Takings

__all__ = [
    "GRACE",
    "STUCK_AFTER",
    "Inbox",
    "Order",
    "OrderEvent",
    "OrderQuerySet",
    "Payment",
    "PaymentQuerySet",
    "Refund",
    "RefundQuerySet",
    "Takings",
]
