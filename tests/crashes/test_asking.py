"""The worker dies while it asks the gateway: to take an order, or what became of one."""

from __future__ import annotations

from uuid import uuid4

from django.urls import reverse

from django_gemafu.enums import EventKind, OrderStatus
from django_gemafu.models import Order
from django_gemafu.sandbox import notifier
from django_gemafu.sandbox.enums import PaymentState
from django_gemafu.sandbox.models import SandboxOrder
from django_gemafu.testing.plugin import Sandbox
from tests.crashes.invariants import contradictions, shortcomings, story
from tests.crashes.shop import Shop
from tests.crashes.trials import each, moments
from tests.crashes.visits import DONE, PLACED, die, get, let_claims_run_out, paid_unseen


def status_path(order: Order) -> str:
    return reverse("gemafu:status", args=[order.token])


def points_of_a_poll(shop: Shop, gateway: Sandbox) -> list[str]:
    for _ in range(2):  # a worker's first request may pass more points
        order, _ = paid_unseen(gateway)
        answer = get(shop, status_path(order))
        assert answer is not None
        assert answer.json()["paid"]
        points = shop.points()
    assert shortcomings(order) == []
    assert story(order) == DONE
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
        assert story(order) == DONE, passed


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
        assert [kind for kind in story(order) if kind != EventKind.IDENTIFIED] == DONE, passed


def orders_at_the_gateway(reference: str) -> int:
    return SandboxOrder.objects.filter(reference=reference).count()


def test_an_order_is_resumed_after_a_death_at_every_step(shop: Shop, gateway: Sandbox) -> None:
    for _ in range(2):
        reference = str(uuid4())
        answer = get(shop, f"/buy/{reference}/")
        assert answer is not None
        assert answer.text == OrderStatus.PENDING
        points = shop.points()
    assert story(Order.objects.get(reference=reference)) == PLACED
    assert len(points) >= 14

    placing = 0
    for passed in moments(points):
        reference = str(uuid4())
        path = f"/buy/{reference}/"
        die(shop, path, passed)
        orders = list(Order.objects.filter(reference=reference))
        assert len(orders) >= orders_at_the_gateway(reference), passed
        for order in orders:
            expected = [EventKind.PLACED] if order.status == OrderStatus.PLACING else PLACED
            assert story(order) == expected, passed
            placing += order.status == OrderStatus.PLACING

        get(shop, path)  # while the call that died may still be under way, for all that is known
        let_claims_run_out()
        answer = get(shop, path)

        assert answer is not None, passed
        assert answer.text == OrderStatus.PENDING, passed
        order = Order.objects.get(reference=reference)
        assert orders_at_the_gateway(reference) == 1, passed
        assert story(order) == PLACED, passed
        assert gateway.pay(order).state == PaymentState.ACCEPTED, passed
        assert shortcomings(order) == [], passed
        assert story(order) == DONE, passed
    assert placing >= 2
