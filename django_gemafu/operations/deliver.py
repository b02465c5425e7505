"""Delivering: telling the shop that an order was paid, exactly once."""

from __future__ import annotations

import logging
import traceback
from typing import Any

from django.utils import timezone

from django_gemafu.enums import EventKind
from django_gemafu.exceptions import DeliveryFailed
from django_gemafu.models import Order, Payment
from django_gemafu.operations.transactions import atomic
from django_gemafu.signals import payment_succeeded

logger = logging.getLogger(__name__)

#: The end of a traceback is the part that tells.
_TRACEBACK_LENGTH = 4000


def deliver(order: Order, *, payment: Payment | None = None, user: Any = None) -> bool:
    """Send ``payment_succeeded`` unless that was done; return whether it was done now.

    The mark and what the receivers write commit together or not at all. ``payment`` is the accepted
    payment if it is at hand; ``user`` the person who asked for the delivery, if it was one.

    Raises :class:`DeliveryFailed` if a receiver did: the order stays undelivered, with the
    traceback in its story. Returns ``False`` for an order that is unpaid, or that has no accepted
    payment because the amount is in question.
    """
    payment = payment or order.payments.accepted().first()
    if payment is None:
        return False
    try:
        with atomic():
            if not order.claim_delivery(timezone.now()):
                return False
            payment_succeeded.send(sender=Order, order=order, payment=payment)
            order.record(EventKind.DELIVERED, user=user)
    except Exception as error:
        order.delivered_at = None
        logger.exception("Order %s is paid, but its delivery failed", order.reference)
        _note_failure(order, error, user)
        raise DeliveryFailed(
            f"Order {order.reference} is paid, but a receiver of payment_succeeded failed: "
            f"{type(error).__name__}. The traceback is in the order's story.",
            order=order,
        ) from error
    return True


def _note_failure(order: Order, error: Exception, user: Any) -> None:
    trace = "".join(traceback.format_exception(error))[-_TRACEBACK_LENGTH:]
    order.record(
        EventKind.DELIVERY_FAILED,
        user=user,
        error=_storable(f"{type(error).__name__}: {error}")[:500],
        traceback=_storable(trace),
    )


def _storable(text: str) -> str:
    """Return the text without what PostgreSQL's JSON cannot hold."""
    return text.replace("\x00", "").encode(errors="replace").decode()
