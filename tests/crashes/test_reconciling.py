"""The worker dies while it reconciles."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from django_gemafu.enums import EventKind, OrderStatus, PaymentSource
from django_gemafu.models import Order
from django_gemafu.operations import settle
from django_gemafu.testing.plugin import Sandbox
from tests.crashes.invariants import contradictions, story
from tests.crashes.shop import Shop
from tests.crashes.trials import moments
from tests.crashes.visits import (
    DONE,
    PLACED,
    die,
    get,
    let_claims_run_out,
    paid_unseen,
    placed,
)


def found_paid(gateway: Sandbox) -> Order:
    order, _ = paid_unseen(gateway)
    return order


def undelivered(gateway: Sandbox) -> Order:
    """The process that settled it died before the delivery."""
    order = found_paid(gateway)
    settle(order, source=PaymentSource.QUERY)
    return order


def overdue(gateway: Sandbox) -> Order:
    order = placed()
    Order.objects.filter(pk=order.pk).update(expires_at=timezone.now() - timedelta(minutes=1))
    return order


def unanswered(gateway: Sandbox) -> Order:
    """The gateway has the order; its answer never came."""
    order = placed()
    fields = {"gateway_order_id": None, "payable_fen": None, "expires_at": None, "qr_content": ""}
    Order.objects.filter(pk=order.pk).update(status=OrderStatus.PLACING, **fields)
    order.events.filter(kind=EventKind.TAKEN).delete()
    return order


#: What a reconciliation finds, and the story that it has to come to.
FINDS: dict[str, tuple[Callable[[Sandbox], Order], list[EventKind]]] = {
    "paid": (found_paid, DONE),
    "undelivered": (undelivered, DONE),
    "overdue": (overdue, [*PLACED, EventKind.EXPIRED]),
    "unanswered": (unanswered, PLACED),
}


def retire(order: Order) -> None:
    """Make the order too old for the next reconciliation."""
    long_ago = timezone.now() - timedelta(days=30)
    Order.objects.filter(pk=order.pk).update(expires_at=long_ago, created_at=long_ago)


@pytest.mark.parametrize("find", FINDS)
def test_the_next_run_finishes_what_a_death_at_any_step_left(
    shop: Shop, gateway: Sandbox, find: str
) -> None:
    make, expected = FINDS[find]
    for _ in range(2):  # a worker's first request may pass more points
        order = make(gateway)
        let_claims_run_out()
        answer = get(shop, "/reconcile/")
        assert answer is not None
        assert answer.text == "0"
        points = shop.points()
        assert story(order) == expected
        retire(order)
    assert "after COMMIT" in points
    assert len(points) >= 20

    for passed in moments(points):
        order = make(gateway)
        let_claims_run_out()
        die(shop, "/reconcile/", passed)
        assert contradictions(order) == [], passed

        let_claims_run_out()
        answer = get(shop, "/reconcile/")

        assert answer is not None, passed
        assert contradictions(order) == [], passed
        assert story(order) == expected, passed
        retire(order)
