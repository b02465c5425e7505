"""Cancelling an order that is not paid yet."""

from __future__ import annotations

from typing import Any

from django_gemafu.enums import EventKind, OrderStatus
from django_gemafu.exceptions import OrderClosed
from django_gemafu.models import Order
from django_gemafu.operations.transactions import atomic


def cancel_order(order: Order, *, user: Any = None, note: str = "") -> None:
    """Cancel the order, so that its page shows no code any more.

    The gateway knows no cancelling: a customer who kept the code can still pay. That payment
    is stored as ``unexpected`` and waits for a person. Cancelling again does nothing.

    Raises :class:`OrderClosed` if the order was paid or has ended otherwise.
    """
    with atomic():
        order.lock()
        before = {"status": order.status}
        if order.transition(OrderStatus.CANCELLED):
            after = {"status": order.status}
            order.record(EventKind.CANCELLED, user=user, note=note, before=before, after=after)
            return
    if order.status != OrderStatus.CANCELLED:
        raise OrderClosed(
            f"Order {order.reference} is {order.status} and cannot be cancelled.", order=order
        )
