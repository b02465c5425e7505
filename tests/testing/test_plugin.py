from __future__ import annotations

from typing import Any

import pytest

from django_gemafu.enums import OrderStatus
from django_gemafu.operations import place_order
from django_gemafu.testing.plugin import Sandbox


def test_an_order_can_be_placed_and_paid(gemafu_sandbox: Sandbox) -> None:
    order = place_order(amount_fen=1250, customer_id="42", reference="A-1001")

    payment = gemafu_sandbox.pay(order)

    order.refresh_from_db()
    assert (order.status, payment.amount_fen) == (OrderStatus.PAID, 1250)


def test_urls_without_the_sandbox_are_named(request: pytest.FixtureRequest, settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.urls_of_a_shop"

    with pytest.raises(pytest.fail.Exception, match="DEBUG off"):
        request.getfixturevalue("gemafu_sandbox")
