"""Asking the gateway what became of an order."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from django_gemafu.enums import EventKind, PaymentSource, Verdict
from django_gemafu.exceptions import GatewayError, OrderNotTaken
from django_gemafu.models import Order
from django_gemafu.operations.deliver import deliver
from django_gemafu.operations.gateway import gateway_client
from django_gemafu.operations.settle import settle
from django_gemafu.operations.transactions import require_no_transaction
from django_gemafu.protocol.client import GatewayClient
from django_gemafu.protocol.messages import QueryOrderAnswer


def check_order(order: Order, *, user: Any = None, timeout_seconds: float | None = None) -> bool:
    """Ask the gateway; settle and deliver the order if it was paid. Return whether it was.

    ``user`` is the person who asked, if it was one. ``timeout_seconds`` replaces the timeouts of
    the settings. Raises :class:`GatewayError`, :class:`OrderNotTaken` for an order that the gateway
    has no number for, :class:`DeliveryFailed`, and :class:`TransactionOpen` when called inside of a
    transaction.
    """
    require_no_transaction()
    number = _number(order)
    order.note_check(timezone.now())
    try:
        with gateway_client(timeout_seconds=timeout_seconds) as client:
            answer = _ask(order, number, client)
    except GatewayError as error:
        if user is not None:
            order.record(EventKind.UNANSWERED, user=user, reason=str(error))
        raise
    if user is not None:
        order.record(EventKind.CHECKED, user=user, status=answer.status)
    return _finish(order, answer)


def check_claimed_order(order: Order, *, client: GatewayClient) -> bool:
    """Do the same for an order of which the caller has noted that it is being asked about."""
    require_no_transaction()
    return _finish(order, _ask(order, _number(order), client))


def _number(order: Order) -> int:
    if order.gateway_order_id is None:
        raise OrderNotTaken(
            "The gateway has not taken the order yet: there is no number to ask about.", order=order
        )
    return order.gateway_order_id


def _ask(order: Order, number: int, client: GatewayClient) -> QueryOrderAnswer:
    try:
        return client.query_order(number)
    except GatewayError as error:
        error.order = order
        raise


def _finish(order: Order, answer: QueryOrderAnswer) -> bool:
    if not answer.is_paid:
        return False
    payment = settle(order, source=PaymentSource.QUERY, facts=answer.to_data())
    if payment.verdict == Verdict.ACCEPTED:
        deliver(order, payment=payment)
    return True
