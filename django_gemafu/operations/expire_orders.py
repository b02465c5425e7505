"""Expiring orders whose time is over. Late money still settles them."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from django_gemafu.enums import EventKind, OrderStatus
from django_gemafu.models import Order
from django_gemafu.operations.transactions import atomic

_BATCH_SIZE = 500


def expire_orders(*, now: datetime | None = None) -> int:
    """Expire every order that waits for a payment although its time is over; return how many."""
    overdue = Order.objects.overdue(now or timezone.now()).fresh()
    return sum(expire_order(order) for order in overdue.in_batches(_BATCH_SIZE))


def expire_order(order: Order) -> bool:
    """Expire one order that is overdue; return whether it was still waiting."""
    with atomic():
        if not order.transition(OrderStatus.EXPIRED):
            return False
        order.record(EventKind.EXPIRED)
    return True
