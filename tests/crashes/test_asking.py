"""The worker dies while it asks the gateway: to take an order, or what became of one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import requests
from django.urls import reverse

from django_gemafu.enums import EventKind, OrderStatus
from django_gemafu.models import Order
from django_gemafu.operations import place_order
from django_gemafu.sandbox import notifier
from django_gemafu.sandbox.enums import PaymentState
from django_gemafu.sandbox.models import SandboxOrder, SandboxPayment
from django_gemafu.testing.plugin import Sandbox
from tests.crashes.invariants import contradictions, shortcomings, story
from tests.crashes.shop import Shop
from tests.crashes.trials import each, moments

_PLACED = [EventKind.PLACED, EventKind.TAKEN]
_DONE = [*_PLACED, EventKind.PAID, EventKind.DELIVERED]


@pytest.fixture
def gateway(shop: Shop, gemafu_sandbox: Sandbox, settings: Any) -> Sandbox:
    """The sandbox, and this process as another worker of the shop: with the same addresses."""
    settings.GEMAFU = {**settings.GEMAFU, "SITE_URL": shop.url}
    return gemafu_sandbox


def get(shop: Shop, path: str) -> requests.Response | None:
    """Return the answer, or ``None`` if there is no whole one."""
    shop.notes.take("passed")
    try:
        return requests.get(shop.url + path, timeout=30)
    except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
        return None


def die(shop: Shop, path: str, points: Sequence[str]) -> None:
    """Let a customer's browser see how the worker dies at the last of the points."""
    worker = shop.worker
    shop.plan("die", at=len(points))
    get(shop, path)
    assert shop.wait_for_death(worker) == [*points]


def status_path(order: Order) -> str:
    return reverse("gemafu:status", args=[order.token])


def paid_unseen(gateway: Sandbox) -> tuple[Order, SandboxPayment]:
    """Return an order that was paid, of which no notification came."""
    order = place_order(amount_fen=1250, customer_id="42", reference=str(uuid4()))
    return order, gateway.pay(order, notifies=False)


def points_of_a_poll(shop: Shop, gateway: Sandbox) -> list[str]:
    for _ in range(2):  # a worker's first request may pass more points
        order, _ = paid_unseen(gateway)
        answer = get(shop, status_path(order))
        assert answer is not None
        assert answer.json()["paid"]
        points = shop.points()
    assert shortcomings(order) == []
    assert story(order) == _DONE
    assert len(points) >= 28
    return points


def test_the_page_comes_again_after_a_death_at_every_step(shop: Shop, gateway: Sandbox) -> None:
    points = points_of_a_poll(shop, gateway)
    for passed in moments(points):
        order, _ = paid_unseen(gateway)
        die(shop, status_path(order), passed)
        assert contradictions(order) == [], passed

        answers = [get(shop, status_path(order)) for _ in range(2)]

        assert all(answer and answer.json()["paid"] for answer in answers), passed
        assert shortcomings(order) == [], passed
        assert story(order) == _DONE, passed


def test_the_notification_comes_after_a_death_at_a_commit(shop: Shop, gateway: Sandbox) -> None:
    points = points_of_a_poll(shop, gateway)
    deaths = [passed for passed in each(points) if passed[-1].endswith("COMMIT")]
    assert len(deaths) >= 4
    for passed in deaths:
        order, payment = paid_unseen(gateway)
        die(shop, status_path(order), passed)

        notifier.notify(payment)
        notifier.wait_until_idle()

        payment.refresh_from_db()
        assert payment.state == PaymentState.ACCEPTED, passed
        assert shortcomings(order) == [], passed
        assert order.payments.get().gateway_payment_id == payment.number
        assert [kind for kind in story(order) if kind != EventKind.IDENTIFIED] == _DONE, passed


def orders_at_the_gateway(reference: str) -> int:
    return SandboxOrder.objects.filter(reference=reference).count()


def let_the_dead_callers_claim_run_out(reference: str) -> None:
    for order in Order.objects.filter(reference=reference).exclude(checked_at=None):
        assert order.checked_at is not None
        Order.objects.filter(pk=order.pk).update(checked_at=order.checked_at - timedelta(hours=1))


def test_an_order_is_resumed_after_a_death_at_every_step(shop: Shop, gateway: Sandbox) -> None:
    for _ in range(2):
        reference = str(uuid4())
        answer = get(shop, f"/buy/{reference}/")
        assert answer is not None
        assert answer.text == OrderStatus.PENDING
        points = shop.points()
    assert story(Order.objects.get(reference=reference)) == _PLACED
    assert len(points) >= 14

    placing = 0
    for passed in moments(points):
        reference = str(uuid4())
        path = f"/buy/{reference}/"
        die(shop, path, passed)
        orders = list(Order.objects.filter(reference=reference))
        assert len(orders) >= orders_at_the_gateway(reference), passed
        for order in orders:
            expected = [EventKind.PLACED] if order.status == OrderStatus.PLACING else _PLACED
            assert story(order) == expected, passed
            placing += order.status == OrderStatus.PLACING

        get(shop, path)  # while the call that died may still be under way, for all that is known
        let_the_dead_callers_claim_run_out(reference)
        answer = get(shop, path)

        assert answer is not None, passed
        assert answer.text == OrderStatus.PENDING, passed
        order = Order.objects.get(reference=reference)
        assert orders_at_the_gateway(reference) == 1, passed
        assert story(order) == _PLACED, passed
        assert gateway.pay(order).state == PaymentState.ACCEPTED, passed
        assert shortcomings(order) == [], passed
        assert story(order) == _DONE, passed
    assert placing >= 2
