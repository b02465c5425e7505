"""Asking the gateway what became of an order."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from django.utils import timezone

from django_gemafu.enums import EventKind, PaymentSource, Verdict
from django_gemafu.exceptions import GatewayError, OrderNotTaken
from django_gemafu.models import Order
from django_gemafu.operations.deliver import deliver
from django_gemafu.operations.gateway import borrowed_or_new
from django_gemafu.operations.settle import settle
from django_gemafu.operations.transactions import require_no_transaction
from django_gemafu.protocol.client import GatewayClient
from django_gemafu.protocol.messages import QueryOrderAnswer


def check_order(
    order: Order,
    *,
    user: Any = None,
    timeout_seconds: float | None = None,
    client: GatewayClient | None = None,
) -> bool:
    """Ask the gateway; settle and deliver the order if it was paid. Return whether it was.

    ``user`` is the person who asked, if it was one. ``timeout_seconds`` replaces the timeouts of
    the settings; ``client`` is one to reuse. Raises :class:`GatewayError`,
    :class:`OrderNotTaken` for an order that the gateway has no number for, and
    :class:`DeliveryFailed`, and :class:`TransactionOpen` when called inside of a transaction.
    """
    require_no_transaction()
    answer = _ask(order, user, borrowed_or_new(client, timeout_seconds=timeout_seconds))
    if user is not None:
        order.record(EventKind.CHECKED, user=user, status=answer.status)
    if not answer.is_paid:
        return False
    payment = settle(order, source=PaymentSource.QUERY, facts=answer.to_data())
    if payment.verdict == Verdict.ACCEPTED:
        deliver(order, payment=payment)
    return True


def _ask(
    order: Order, user: Any, gateway: AbstractContextManager[GatewayClient]
) -> QueryOrderAnswer:
    if order.gateway_order_id is None:
        raise OrderNotTaken(
            "The gateway has not taken the order yet: there is no number to ask about.", order=order
        )
    order.note_check(timezone.now())
    try:
        with gateway as client:
            return client.query_order(order.gateway_order_id)
    except GatewayError as error:
        error.order = order
        if user is not None:
            order.record(EventKind.UNANSWERED, user=user, reason=str(error))
        raise
