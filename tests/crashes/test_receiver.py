"""The shop's own code raises or hangs, and the worker dies on top of it."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from django_gemafu.enums import EventKind, OrderStatus
from django_gemafu.models import Order
from django_gemafu.testing import make_order
from tests.crashes.invariants import contradictions, shortcomings, story
from tests.crashes.notes import wait_until
from tests.crashes.shop import Shop
from tests.crashes.trials import Trial, moments, warm, wrong_after_deaths


def test_it_raises_the_first_three_times(shop: Shop) -> None:
    trial = Trial(shop, make_order())
    shop.notes.leave("receiver", "raise 3")

    for _ in range(3):
        outcome = trial.gateway.send()
        assert (outcome.http_status, outcome.is_accepted) == (503, False)
        assert contradictions(trial.order) == []

    assert trial.gateway.send().is_accepted
    assert shortcomings(trial.order, trial.message) == []
    assert story(trial.order) == [
        EventKind.PAID,
        *[EventKind.DELIVERY_FAILED] * 3,
        EventKind.DELIVERED,
    ]


def test_it_raises_always(shop: Shop) -> None:
    trial = Trial(shop, make_order())
    shop.notes.leave("receiver", "raise")

    for _ in range(4):
        assert trial.gateway.send().http_status == 503

    assert contradictions(trial.order) == []
    order = Order.objects.get(pk=trial.order.pk)
    assert (order.status, order.delivered_at) == (OrderStatus.PAID, None)
    failures = order.events.filter(kind=EventKind.DELIVERY_FAILED)
    assert len(failures) == 4
    for failure in failures:
        assert 'raise RuntimeError("the shop\'s own code failed")' in failure.facts["traceback"]


def test_it_raises_once_and_the_worker_dies_at_every_step_of_that(shop: Shop) -> None:
    def trial_with_one_failure() -> Trial:
        shop.notes.leave("receiver", "raise 1")
        return Trial(shop, make_order())

    warm(shop)
    trial = trial_with_one_failure()
    assert trial.gateway.send().http_status == 503
    points = shop.points()
    assert "after ROLLBACK" in points
    assert len(points) >= 22

    expected = [EventKind.PAID, EventKind.DELIVERED]
    deaths = moments(points)
    assert wrong_after_deaths(deaths, trial_with_one_failure, expected, accepted=False) == {}


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGABRT])
def test_it_hangs_past_the_workers_timeout(shop: Shop, ending: signal.Signals) -> None:
    """gunicorn's arbiter aborts a worker that hangs, and kills it if that does not help."""
    trial = Trial(shop, make_order())
    worker = shop.worker
    shop.notes.leave("receiver", "hang")

    def end_when_it_hangs() -> None:
        wait_until(lambda: shop.notes.read("receiver") == "hanging", "the receiver hangs")
        os.kill(worker, ending)

    arbiter = threading.Thread(target=end_when_it_hangs)
    arbiter.start()
    outcome = trial.gateway.send()
    arbiter.join()
    shop.wait_for_death(worker)

    assert outcome.error
    assert contradictions(trial.order) == []
    assert Order.objects.get(pk=trial.order.pk).status == OrderStatus.PAID
    assert trial.gateway.send().is_accepted
    assert shortcomings(trial.order, trial.message) == []
    assert story(trial.order) == [EventKind.PAID, EventKind.DELIVERED]
