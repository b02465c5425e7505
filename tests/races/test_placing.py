"""Placing orders, against itself and against what the gateway reports of them."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from django_gemafu.enums import EventKind, OrderStatus, Verdict
from django_gemafu.models import Order
from django_gemafu.operations import place_order, resume_order
from django_gemafu.protocol.client import GatewayClient
from django_gemafu.protocol.messages import PlaceOrderAnswer, PlaceOrderRequest
from django_gemafu.sandbox.models import SandboxOrder
from django_gemafu.testing import make_order, notification
from django_gemafu.testing.plugin import Sandbox
from tests.races.racing import ROUNDS, Gateway, persistently, race
from tests.races.shop import shipments


def test_one_reference_is_placed_once(gemafu_sandbox: Sandbox) -> None:
    for number in range(ROUNDS):
        place: Any = partial(
            place_order, amount_fen=1250, customer_id="42", reference=f"A-{number}"
        )

        orders = race([partial(persistently, place)] * 8)

        order = Order.objects.get(reference=f"A-{number}")
        assert orders == [order] * 8
        assert order.status == OrderStatus.PENDING
        assert SandboxOrder.objects.filter(reference=order.reference).count() == 1
        kinds = list(order.events.order_by("pk").values_list("kind", flat=True))
        assert kinds == [EventKind.PLACED, EventKind.TAKEN]


@pytest.fixture
def takes_for_less(monkeypatch: pytest.MonkeyPatch) -> None:
    """A gateway that takes each order under the number that is its reference, for a fen less."""

    def take(client: GatewayClient, request: PlaceOrderRequest) -> PlaceOrderAnswer:
        return PlaceOrderAnswer(
            gateway_order_id=int(request.reference),
            payable_fen=request.amount_fen - 1,
            qr_content="wxp://for-tests",
            is_free_input=False,
            expires_at=timezone.now() + timedelta(minutes=5),
            reference=request.reference,
            amount_fen=request.amount_fen,
            customer_id=request.customer_id,
            app_name=request.app_name,
            return_url=request.return_url,
        )

    monkeypatch.setattr(GatewayClient, "place_order", take)


@pytest.mark.parametrize("amount_fen", [1250, 1249])
def test_a_payment_is_held_against_what_was_due_when_it_was_recorded(
    gateway: Gateway, takes_for_less: None, amount_fen: int
) -> None:
    for number in range(1, 5 * ROUNDS + 1):
        order = make_order(
            reference=str(number),
            status=OrderStatus.PLACING,
            gateway_order_id=None,
            payable_fen=None,
            expires_at=None,
            checked_at=None,
        )
        message = notification(order, amount_fen=amount_fen, gateway_order_id=number)

        resume: Any = partial(resume_order, Order.objects.get(pk=order.pk))
        race([partial(persistently, resume), partial(gateway.notify, order, message)])

        gateway.notify_until_answered()
        gateway.sent.clear()
        order.refresh_from_db()
        payment = order.payments.get()
        is_accepted = payment.verdict == Verdict.ACCEPTED
        assert shipments(order) == is_accepted
        assert (order.status == OrderStatus.PAID) == is_accepted
        assert order.due_fen == amount_fen or not is_accepted
