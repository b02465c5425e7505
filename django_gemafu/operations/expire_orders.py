"""Expiring orders whose time is over. Late money still settles them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone

from django_gemafu.enums import EventKind, OrderStatus
from django_gemafu.models import Order
from django_gemafu.operations.transactions import atomic

_BATCH_SIZE = 500


def expire_orders(*, now: datetime | None = None) -> int:
    """Expire every order that waits for a payment although its time is over; return how many."""
    overdue = Order.objects.overdue(now or timezone.now()).fresh()
    return sum(expire_order(order) for order in overdue.in_batches(_BATCH_SIZE))


def expire_order(order: Order, *, user: Any = None, note: str = "") -> bool:
    """Expire one order, whose time is over or whose customer has given up; return whether it was
    still waiting. ``user`` is the person who did it, if it was one, and ``note`` the reason.
    """
    with atomic():
        if not order.transition(OrderStatus.EXPIRED):
            return False
        order.record(
            EventKind.EXPIRED,
            user=user,
            note=note,
            before={"status": OrderStatus.PENDING},
            after={"status": order.status},
        )
    return True
