"""What can happen to an order, whoever causes it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial

from django.contrib.auth.models import User
from django.utils import timezone

from django_gemafu.enums import PaymentSource, Verdict
from django_gemafu.exceptions import (
    AlreadyPaid,
    AlreadyResolved,
    OrderClosed,
    PaymentWaiting,
    RefundTooLarge,
)
from django_gemafu.models import Order
from django_gemafu.operations import (
    accept_payment,
    cancel_order,
    deliver,
    dismiss_payment,
    expire_order,
    record_refund,
    settle,
    settle_manually,
)
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
    with suppress(AlreadyPaid, PaymentWaiting):
        settle_manually(
            order,
            amount_fen=order.due_fen,
            paid_at=timezone.now(),
            evidence="the bill",
            note="a race",
            user=operator(),
        )


def accepting(order: Order, gateway: Gateway) -> None:
    for payment in order.payments.unresolved():
        with suppress(AlreadyPaid, AlreadyResolved):
            accept_payment(payment, user=operator(), note="a race")


def dismissing(order: Order, gateway: Gateway) -> None:
    for payment in order.payments.unresolved():
        with suppress(AlreadyResolved):
            dismiss_payment(payment, user=operator(), note="a race")


def refunding(order: Order, gateway: Gateway) -> None:
    with suppress(RefundTooLarge):
        record_refund(order, amount_fen=order.due_fen, note="a race", user=operator())


def deliver_again(order: Order, gateway: Gateway) -> None:
    deliver(order)


def expiry(order: Order, gateway: Gateway) -> None:
    expire_order(order)


def cancelling(order: Order, gateway: Gateway) -> None:
    with suppress(OrderClosed):
        cancel_order(order)


def operator() -> User:
    user, _ = User.objects.get_or_create(username="operator")
    return user


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
