"""The worker dies while it takes a notification; the gateway comes again."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence

import pytest

from django_gemafu.enums import EventKind, OrderStatus, Verdict
from django_gemafu.models import Order
from django_gemafu.testing import make_order, notification
from tests.crashes.invariants import contradictions, shortcomings, story
from tests.crashes.shop import Gateway, Shop
from tests.crashes.situations import SITUATIONS
from tests.crashes.trials import (
    AFTER_THE_ANSWER,
    Trial,
    each,
    moments,
    undisturbed,
    warm,
    wrong_after_deaths,
)

DeathsAt = Callable[[Sequence[str]], Iterator[Sequence[str]]]


def wrong_after(deaths_at: DeathsAt, shop: Shop, situation: str) -> dict[str, str]:
    make, fewest_points = SITUATIONS[situation]
    points, expected = undisturbed(shop, make())
    assert len(points) >= fewest_points, points
    assert points[-1] == AFTER_THE_ANSWER
    return wrong_after_deaths(deaths_at(points), lambda: Trial(shop, make()), expected)


def test_the_worker_dies_at_every_point(shop: Shop) -> None:
    assert wrong_after(each, shop, "pending") == {}


@pytest.mark.parametrize("situation", sorted(SITUATIONS.keys() - {"pending"}))
def test_the_worker_dies_at_every_step_when_the_order_is(shop: Shop, situation: str) -> None:
    assert wrong_after(moments, shop, situation) == {}


def test_the_worker_dies_at_every_step_with_write_ahead_log(shop_with_wal: Shop) -> None:
    assert wrong_after(moments, shop_with_wal, "pending") == {}


def test_the_points_are_those_that_matter(shop: Shop) -> None:
    points, _ = undisturbed(shop, make_order())

    first, second = (at for at, point in enumerate(points) if point == "after COMMIT")
    for step in (
        "UPDATE django_gemafu_order",
        "INSERT django_gemafu_payment",
        "INSERT django_gemafu_orderevent",
    ):
        assert points.index(f"before {step}") < points.index(f"after {step}") < first
    recorded = points[first:second]
    assert recorded.index("after UPDATE django_gemafu_order") < recorded.index(
        "the receiver begins"
    )
    assert recorded.index("before INSERT crashes_shipment") < recorded.index(
        "the receiver has written"
    )
    assert points[second + 1 :] == [
        "before the answer",
        "the answer is half written",
        AFTER_THE_ANSWER,
    ]


def test_every_attempt_dies_one_step_later(shop: Shop) -> None:
    points, expected = undisturbed(shop, make_order())
    trial = Trial(shop, make_order())
    deaths = 0
    for at in range(1, len(points) + 1):
        worker = shop.worker
        shop.plan("die", at=at)
        if trial.gateway.send().is_accepted:
            break
        shop.wait_for_death(worker)
        deaths += 1
        assert contradictions(trial.order) == []

    assert deaths > len(points) // 2
    assert trial.retry() == []
    assert story(trial.order) == expected


def test_the_worker_dies_at_any_moment(shop: Shop) -> None:
    """Also within a statement, and within COMMIT."""
    _, expected = undisturbed(shop, make_order())
    for _ in range(25):
        begun = time.monotonic()
        warm(shop)
        moment_seconds = random.uniform(0, 1.2) * (time.monotonic() - begun)
        trial = Trial(shop, make_order())
        worker = shop.worker
        killer = threading.Timer(moment_seconds, os.kill, (worker, signal.SIGKILL))
        killer.start()
        if trial.gateway.send().is_accepted:
            assert shortcomings(trial.order, trial.message) == []
        killer.join()
        shop.wait_for_death(worker)

        assert contradictions(trial.order) == []
        assert trial.retry() == []
        assert story(trial.order) == expected


def test_money_that_does_not_fit_is_kept_whatever_dies(shop: Shop) -> None:
    def underpaid() -> tuple[Order, Gateway]:
        order = make_order()
        return order, Gateway(shop, order, notification(order, amount_fen=1249))

    _, gateway = underpaid()
    assert gateway.send().answer.startswith("recorded as underpaid")
    points = shop.points()
    assert len(points) >= 18
    for passed in moments(points):
        order, gateway = underpaid()
        worker = shop.worker
        shop.plan("die", at=len(passed))
        gateway.send()
        shop.wait_for_death(worker)
        assert contradictions(order) == []

        assert gateway.send().answer.startswith("recorded as underpaid")
        order.refresh_from_db()
        assert (order.status, order.payments.get().verdict) == (
            OrderStatus.PENDING,
            Verdict.UNDERPAID,
        )
        assert story(order) == [EventKind.SURPRISE]
