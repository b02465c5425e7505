"""What can happen to an order, whoever causes it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial

from django_gemafu.enums import PaymentSource, Verdict
from django_gemafu.exceptions import OrderClosed
from django_gemafu.models import Order
from django_gemafu.operations import cancel_order, deliver, settle
from django_gemafu.operations.expire_orders import expire_order
from django_gemafu.testing import notification
from tests.races.racing import Gateway, assert_money_is_safe, persistently, race

Happening = Callable[[Order, Gateway], object]


def a_notification(order: Order, gateway: Gateway) -> None:
    gateway.notify(order, notification(order))


def too_little(order: Order, gateway: Gateway) -> None:
    gateway.notify(order, notification(order, amount_fen=order.due_fen - 1))


def a_query(order: Order, gateway: Gateway) -> None:
    payment = settle(order, source=PaymentSource.QUERY)
    if payment.verdict == Verdict.ACCEPTED:
        deliver(order, payment=payment)


def by_hand(order: Order, gateway: Gateway) -> None:
    payment = settle(order, source=PaymentSource.MANUAL, amount_fen=order.due_fen)
    if payment.verdict == Verdict.ACCEPTED:
        deliver(order, payment=payment)


def deliver_again(order: Order, gateway: Gateway) -> None:
    deliver(order)


def expiry(order: Order, gateway: Gateway) -> None:
    expire_order(order)


def cancelling(order: Order, gateway: Gateway) -> None:
    with suppress(OrderClosed):
        cancel_order(order)


def let_happen(gateway: Gateway, happenings: list[Happening], order: Order) -> None:
    """Let all happen at once, each to an instance that was read before, and wait for quiet."""
    race(
        partial(persistently, partial(happening, Order.objects.get(pk=order.pk), gateway))
        for happening in happenings
    )
    gateway.notify_until_answered()
    order.refresh_from_db()
    persistently(partial(deliver, order))  # as reconcile does, should a query have been killed
    assert_money_is_safe(order, gateway)
    gateway.sent.clear()
