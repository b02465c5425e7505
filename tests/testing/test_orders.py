from __future__ import annotations

import pytest

from django_gemafu.enums import OrderStatus
from django_gemafu.testing import make_order, notification, notify, pay
from tests.conftest import Receiver

pytestmark = pytest.mark.django_db


def test_a_made_order_waits_for_its_payment() -> None:
    order = make_order(amount_fen=100)

    assert (order.status, order.payable_fen) == (OrderStatus.PENDING, 100)


def test_paying_it_goes_all_the_way(receiver: Receiver) -> None:
    order = pay(make_order())

    assert order.status == OrderStatus.PAID
    assert order.delivered_at is not None
    assert len(receiver.received) == 1


def test_a_shop_that_does_not_take_the_payment_fails_the_test(receiver: Receiver) -> None:
    receiver.raises = RuntimeError("a bug of the shop")

    with pytest.raises(AssertionError, match="503"):
        pay(make_order())


def test_a_notification_can_be_made_not_to_fit() -> None:
    order = make_order()

    response = notify(order, notification(order, amount_fen=1))

    assert response.status_code == 409
