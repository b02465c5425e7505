"""Notifications against notifications."""

from __future__ import annotations

from collections import Counter
from functools import partial

import pytest

from django_gemafu.enums import OrderStatus, Verdict
from django_gemafu.models import Order, Payment
from django_gemafu.protocol.messages import Notification
from django_gemafu.testing import make_order, notification
from tests.races.racing import ROUNDS, Gateway, assert_money_is_safe, race
from tests.races.shop import UNLUCKY, shipments

pytestmark = pytest.mark.usefixtures("options")


def test_the_same_notification_fifty_times_at_once(gateway: Gateway) -> None:
    order = make_order()
    message = notification(order)

    answers = race([partial(gateway.notify, order, message)] * 50)

    assert {status for status, _ in answers} <= {200, 503}
    gateway.notify_until_answered()
    assert_money_is_safe(order, gateway)
    assert order.status == OrderStatus.PAID


def told_and_shipped(gateway: Gateway, order: Order, message: Notification) -> tuple[int, int]:
    status, _ = gateway.notify(order, message)
    return status, shipments(order)


def test_whoever_hears_200_can_rely_on_the_delivery(gateway: Gateway) -> None:
    for _ in range(ROUNDS):
        order = make_order(customer_id=UNLUCKY)
        message = notification(order)

        seen = race([partial(told_and_shipped, gateway, order, message)] * 4)

        assert {shipped for status, shipped in seen if status == 200} <= {1}
        gateway.notify_until_answered()
        assert_money_is_safe(order, gateway)


@pytest.mark.parametrize("count", [2, 10])
def test_of_several_payments_for_one_order_one_is_accepted(gateway: Gateway, count: int) -> None:
    for _ in range(ROUNDS):
        order = make_order()

        race([partial(gateway.notify, order, notification(order)) for _ in range(count)])

        gateway.notify_until_answered()
        assert_money_is_safe(order, gateway)
        verdicts = Counter(order.payments.values_list("verdict", flat=True))
        assert verdicts == {Verdict.ACCEPTED: 1, Verdict.DUPLICATE: count - 1}
        gateway.sent.clear()


def test_several_payments_several_times_each_while_receivers_fail(gateway: Gateway) -> None:
    for _ in range(ROUNDS):
        order = make_order(customer_id=UNLUCKY)
        messages = [notification(order) for _ in range(3)]

        race([partial(gateway.notify, order, message) for message in messages * 4])

        gateway.notify_until_answered()
        assert_money_is_safe(order, gateway)
        gateway.sent.clear()


def test_one_payment_number_settles_one_of_two_orders(gateway: Gateway) -> None:
    for _ in range(ROUNDS):
        orders = [make_order(), make_order()]
        first = notification(orders[0])
        second = notification(orders[1], gateway_payment_id=first.gateway_payment_id)

        for _ in range(2):  # and once more, should the database have been busy
            answers = race(
                partial(gateway.notify, order, message)
                for order, message in zip(orders, [first, second], strict=True)
            )
        for order, message in zip(orders, [first, second], strict=True):
            answers.append(gateway.notify(order, message))

        assert sorted(status for status, _ in answers[-2:]) == [200, 409]
        assert Payment.objects.get(gateway_payment_id=first.gateway_payment_id).order in orders
        assert sum(shipments(order) for order in orders) == 1
        for order in orders:
            order.refresh_from_db()
        assert {order.status for order in orders} == {OrderStatus.PAID, OrderStatus.PENDING}
