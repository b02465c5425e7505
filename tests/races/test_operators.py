"""Two operators at one order, and operators against the gateway."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from django_gemafu.enums import EventKind, OrderStatus, Verdict
from django_gemafu.exceptions import AlreadyPaid, AlreadyResolved, GemafuError, RefundTooLarge
from django_gemafu.models import Order, Payment, Refund
from django_gemafu.operations import (
    accept_payment,
    cancel_order,
    dismiss_payment,
    record_refund,
    settle_manually,
)
from django_gemafu.testing import make_order, notification, pay
from tests.races.happenings import Happening, a_notification, let_happen, operator
from tests.races.racing import ROUNDS, Gateway, assert_money_is_safe, persistently, race
from tests.races.shop import shipments

pytestmark = pytest.mark.usefixtures("options")


def outcome(act: Callable[[], object]) -> str:
    """Return what the operator is told: "done", or the error's name."""
    try:
        persistently(act)
    except GemafuError as error:
        return type(error).__name__
    return "done"


def by_hand(order: Order, **changes: Any) -> Payment:
    values: dict[str, Any] = {
        "amount_fen": order.due_fen,
        "paid_at": timezone.now(),
        "evidence": "the bill",
        "note": "a race",
        "user": operator(),
    }
    return settle_manually(order, **(values | changes))


def surprise(order: Order, gateway: Gateway, amount_fen: int = 1200) -> Payment:
    message = notification(order, amount_fen=amount_fen)
    gateway.notify(order, message)
    return Payment.objects.get(gateway_payment_id=message.gateway_payment_id)


def both(first: Callable[[], object], second: Callable[[], object]) -> list[str]:
    return race([partial(outcome, first), partial(outcome, second)])


@pytest.mark.parametrize("status", [OrderStatus.PENDING, OrderStatus.CANCELLED])
def test_of_two_that_settle_by_hand_one_does(gateway: Gateway, status: OrderStatus) -> None:
    for _ in range(ROUNDS):
        order = make_order(status=status)
        instances = [Order.objects.get(pk=order.pk) for _ in range(2)]

        told = both(*(partial(by_hand, instance) for instance in instances))

        assert sorted(told) == [AlreadyPaid.__name__, "done"]
        assert order.payments.get().verdict == Verdict.ACCEPTED
        assert shipments(order) == 1


def test_settling_by_hand_against_the_notification(gateway: Gateway) -> None:
    for _ in range(ROUNDS):
        order = make_order()
        instance = Order.objects.get(pk=order.pk)

        told = race(
            [
                partial(outcome, partial(by_hand, instance)),
                partial(outcome, partial(a_notification, order, gateway)),
            ]
        )

        assert told[0] in ("done", AlreadyPaid.__name__)
        gateway.notify_until_answered()
        assert_money_is_safe(order, gateway)
        assert order.payments.get().gateway_payment_id is not None
        assert shipments(order) == 1
        gateway.sent.clear()


def test_settling_by_hand_against_cancelling(gateway: Gateway) -> None:
    for _ in range(ROUNDS):
        order = make_order()
        instances = [Order.objects.get(pk=order.pk) for _ in range(2)]

        told = both(partial(by_hand, instances[0]), partial(cancel_order, instances[1]))

        assert told[0] == "done"
        assert_money_is_safe(order, gateway)
        assert order.status == OrderStatus.PAID


def accepts(payment: Payment) -> None:
    accept_payment(payment, user=operator(), note="a race")


def dismisses(payment: Payment) -> None:
    dismiss_payment(payment, user=operator(), note="a race")


@pytest.mark.parametrize("first", [accepts, dismisses])
@pytest.mark.parametrize("second", [accepts, dismisses])
def test_of_two_that_resolve_one_does(
    gateway: Gateway, first: Callable[[Payment], None], second: Callable[[Payment], None]
) -> None:
    for _ in range(ROUNDS):
        order = make_order()
        payment = surprise(order, gateway)
        instances = [Payment.objects.get(pk=payment.pk) for _ in range(2)]

        told = both(partial(first, instances[0]), partial(second, instances[1]))

        assert sorted(told) == [AlreadyResolved.__name__, "done"]
        assert_money_is_safe(order, gateway)
        kinds = Counter(order.events.values_list("kind", flat=True))
        assert kinds[EventKind.PAYMENT_ACCEPTED] + kinds[EventKind.PAYMENT_DISMISSED] == 1
        gateway.sent.clear()


def test_of_two_payments_that_are_accepted_at_once_one_settles(gateway: Gateway) -> None:
    for _ in range(ROUNDS):
        order = make_order()
        payments = [surprise(order, gateway), surprise(order, gateway)]

        told = both(*(partial(accepts, payment) for payment in payments))

        assert sorted(told) == [AlreadyPaid.__name__, "done"]
        assert_money_is_safe(order, gateway)
        assert order.needs_review
        gateway.sent.clear()


def test_dismissing_against_the_next_surprise(gateway: Gateway) -> None:
    for _ in range(ROUNDS):
        order = make_order()
        payment = surprise(order, gateway)

        race(
            [
                partial(persistently, partial(dismisses, payment)),
                partial(gateway.notify, order, notification(order, amount_fen=1)),
            ]
        )

        gateway.notify_until_answered()
        assert_money_is_safe(order, gateway)
        assert order.needs_review
        gateway.sent.clear()


def test_accepting_against_the_payment_that_fits(gateway: Gateway) -> None:
    for _ in range(ROUNDS):
        order = make_order()
        payment = surprise(order, gateway)

        race(
            [
                partial(outcome, partial(accepts, payment)),
                partial(outcome, partial(a_notification, order, gateway)),
            ]
        )

        gateway.notify_until_answered()
        assert_money_is_safe(order, gateway)
        assert order.payments.accepted().count() == shipments(order) == 1
        gateway.sent.clear()


def refund(order: Order, amount_fen: int) -> None:
    record_refund(order, amount_fen=amount_fen, note="a race", user=operator())


def test_refunds_at_once_give_back_no_more_than_came_in(gateway: Gateway) -> None:
    for _ in range(ROUNDS):
        order = pay(make_order())
        instances = [Order.objects.get(pk=order.pk) for _ in range(5)]

        told = race(partial(outcome, partial(refund, each, 500)) for each in instances)

        assert Counter(told) == {"done": 2, RefundTooLarge.__name__: 3}
        assert order.refundable_fen() == 250
        assert Refund.objects.filter(order=order).count() == 2


def test_everything_operators_do_at_once(gateway: Gateway) -> None:
    for _ in range(ROUNDS):
        order = make_order()
        surprise(order, gateway, amount_fen=1)
        surprise(order, gateway, amount_fen=2)
        acts: list[Happening] = [
            lambda order, gateway: outcome(partial(by_hand, order)),
            lambda order, gateway: [
                outcome(partial(accepts, each)) for each in order.payments.all()
            ],
            lambda order, gateway: outcome(partial(refund, order, 2)),
            lambda order, gateway: outcome(partial(refund, order, 2)),
            lambda order, gateway: outcome(partial(cancel_order, order)),
            a_notification,
        ]
        let_happen(gateway, acts, order)
        assert order.status == OrderStatus.PAID
        assert order.delivered_at is not None
