"""Delivering: telling the shop that an order was paid, exactly once."""

from __future__ import annotations

import logging
from typing import Any

from django.utils import timezone

from django_gemafu.enums import EventKind, OrderStatus
from django_gemafu.exceptions import DeliveryFailed
from django_gemafu.models import Order, Payment
from django_gemafu.operations.failures import failure_facts
from django_gemafu.operations.transactions import atomic, on_commit
from django_gemafu.signals import payment_succeeded

logger = logging.getLogger(__name__)


def deliver(order: Order, *, payment: Payment | None = None, user: Any = None) -> bool:
    """Send ``payment_succeeded`` unless that was done; return whether it was done now.

    The mark and what the receivers write commit together or not at all. ``payment`` is the accepted
    payment if it is at hand; ``user`` the person who asked for the delivery, if it was one.

    Raises :class:`DeliveryFailed` if a receiver did: the order stays undelivered, with the
    traceback in its story. Returns ``False`` for an order that is unpaid, or that has no accepted
    payment because the amount is in question.
    """
    payment = payment or order.fresh_payments().accepted().first()
    if payment is None:
        return False
    committed: list[bool] = []
    try:
        with atomic():
            payment = _confirmed(payment, order)
            if payment is None or not order.claim_delivery(timezone.now()):
                return False
            # The first of the hooks, so that those of receivers find the commit noted.
            on_commit(lambda: committed.append(True))
            if order.status != OrderStatus.PAID:
                order.reload()  # receivers must not see what a stale instance holds
            payment_succeeded.send(sender=Order, order=order, payment=payment)
            order.record(EventKind.DELIVERED, user=user)
    except Exception as error:
        if committed:
            _note_aftermath(order, error, user)
            return True
        order.delivered_at = None
        _note_failure(order, error, user)
        raise DeliveryFailed(
            f"Order {order.reference} is paid, but a receiver of payment_succeeded failed: "
            f"{type(error).__name__}. The traceback is in the order's story.",
            order=order,
        ) from error
    return True


def _confirmed(payment: Payment, order: Order) -> Payment | None:
    """Read again, with nobody else at it, a payment of which only somebody's word told: a
    notification may have shown just now that the amount was wrong.
    """
    if payment.gateway_payment_id is not None:
        return payment
    order.lock()
    return order.fresh_payments().accepted().first()


def _note_aftermath(order: Order, error: Exception, user: Any) -> None:
    """Note that something failed which a receiver had put off until after the commit."""
    logger.exception("Order %s is delivered, but what followed failed", order.reference)
    order.record(EventKind.AFTERMATH_FAILED, user=user, **failure_facts(error))


def _note_failure(order: Order, error: Exception, user: Any) -> None:
    logger.exception("Order %s is paid, but its delivery failed", order.reference)
    order.record(EventKind.DELIVERY_FAILED, user=user, **failure_facts(error))
