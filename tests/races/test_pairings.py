"""Whatever can happen to an order, against whatever else can happen to it."""

from __future__ import annotations

from itertools import combinations_with_replacement

import pytest

from django_gemafu.enums import OrderStatus, Verdict
from django_gemafu.operations import cancel_order, expire_order
from django_gemafu.testing import make_order
from tests.races.happenings import (
    Happening,
    a_notification,
    a_query,
    accepting,
    by_hand,
    cancelling,
    deliver_again,
    dismissing,
    expiry,
    let_happen,
    refunding,
    too_little,
)
from tests.races.racing import ROUNDS, Gateway
from tests.races.shop import UNLUCKY

HAPPENINGS: list[Happening] = [
    a_notification,
    too_little,
    a_query,
    by_hand,
    deliver_again,
    expiry,
    cancelling,
    accepting,
    dismissing,
    refunding,
]


def names(pair: tuple[Happening, ...]) -> str:
    return " against ".join(happening.__name__ for happening in pair)


@pytest.mark.parametrize("pair", [*combinations_with_replacement(HAPPENINGS, 2)], ids=names)
def test_two_things_at_once(gateway: Gateway, pair: tuple[Happening, Happening]) -> None:
    for _ in range(ROUNDS):
        let_happen(gateway, list(pair), make_order())


@pytest.mark.usefixtures("options")
def test_everything_at_once(gateway: Gateway) -> None:
    for _ in range(ROUNDS):
        let_happen(gateway, HAPPENINGS, make_order())


@pytest.mark.usefixtures("options")
def test_everything_at_once_while_receivers_fail(gateway: Gateway) -> None:
    for _ in range(ROUNDS):
        let_happen(gateway, HAPPENINGS, make_order(customer_id=UNLUCKY))


@pytest.mark.usefixtures("options")
def test_late_money_against_the_operators_deliver_again(gateway: Gateway) -> None:
    for _ in range(ROUNDS):
        order = make_order(customer_id=UNLUCKY)
        expire_order(order)

        let_happen(gateway, [a_notification, deliver_again, deliver_again, a_notification], order)

        assert order.status == OrderStatus.PAID
        assert order.payments.accepted().get().is_late


@pytest.mark.usefixtures("options")
def test_money_for_a_cancelled_order_is_one_surprise(gateway: Gateway) -> None:
    for _ in range(ROUNDS):
        order = make_order()
        cancel_order(order)

        let_happen(gateway, [a_notification, a_query, a_query], order)

        assert order.payments.get().verdict == Verdict.UNEXPECTED
