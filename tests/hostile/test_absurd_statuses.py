"""Answers to QueryOrder that make no sense, or that are about something else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given

from django_gemafu.enums import OrderStatus
from django_gemafu.exceptions import (
    EchoMismatch,
    GatewayError,
    InvalidGatewayAnswer,
)
from django_gemafu.models import Order, Payment
from django_gemafu.operations import check_order
from django_gemafu.testing import make_order
from tests.hostile.gateways import Gateway, but, says, well
from tests.hostile.messages import documents
from tests.hostile.world import examples, page

pytestmark = pytest.mark.django_db

SCRIPT = "</p><script>alert(1)</script>"


@given(answer=documents)
@examples(30)
def test_whatever_json_the_answer_is_nothing_is_paid_by_it(answer: bytes, gateway: Gateway) -> None:
    gateway.answer = says(answer)
    order = make_order()
    with pytest.raises(GatewayError):
        check_order(order)
    assert not Payment.objects.exists()
    order.delete()


@pytest.mark.parametrize(
    "status",
    [5, 7, -1, 2**63, 2.0, 2.5, True, None, "", "two", "02", " 2", "2\n", [2], {"2": 2}],
)
def test_one_that_does_not_exist_is_not_paid(status: Any, gateway: Gateway) -> None:
    gateway.answer = says({"code": 200, "status": status})
    order = make_order(checked_at=None)

    with pytest.raises(InvalidGatewayAnswer):
        check_order(order)
    Order.objects.update(checked_at=timezone.now() - timedelta(minutes=1))

    assert "Pay with WeChat" in page(order)
    assert not Payment.objects.exists()
    gateway.answer = well
    assert not check_order(order)


@pytest.mark.parametrize("orderid", [1, "1", "", 0, -1, True, 4711.5, "4711 ", "04711"])
def test_another_orders_is_not_taken(orderid: Any, gateway: Gateway) -> None:
    gateway.answer = says({"code": 200, "status": 2, "orderid": orderid})

    with pytest.raises(EchoMismatch):
        check_order(make_order(gateway_order_id=4711))

    assert not Payment.objects.exists()


def test_nor_is_the_answer_to_another_question(gateway: Gateway) -> None:
    gateway.answer = lambda data: but(orderid=data["orderid"])(
        {**data, "m_oid": "A-1", "m_money": 1250, "userid": "42", "appname": "TESTSHOP"}
    )

    with pytest.raises(InvalidGatewayAnswer):
        check_order(make_order())


def test_words_of_the_gateway_are_kept_and_not_shown(gateway: Gateway) -> None:
    gateway.answer = says({"code": 200, "status": 2, "qr_content": SCRIPT, "msg": SCRIPT})
    order = make_order(checked_at=None)

    assert "alert(1)" not in page(order)

    order.refresh_from_db()
    assert order.status == OrderStatus.PAID
