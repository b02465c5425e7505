"""The database goes away in the middle of a notification, and comes back."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection

from django_gemafu.testing import make_order
from tests.crashes.conftest import RunShop
from tests.crashes.invariants import contradictions, shortcomings, story
from tests.crashes.notes import wait_until
from tests.crashes.shop import Shop
from tests.crashes.trials import Trial, undisturbed


def disturbed(shop: Shop, deed: str, at: int, expected: list[str]) -> str:
    """Let the deed befall a notification; return what is wrong then or after a retry."""
    trial = Trial(shop, make_order())
    shop.plan(deed, at=at)
    outcome = trial.gateway.send()
    shop.points()
    found = contradictions(trial.order)
    if outcome.is_accepted:
        found += shortcomings(trial.order, trial.message)
    elif outcome.http_status != 503:
        found.append(f"the gateway saw {outcome}")
    found += trial.retry()
    if trial.happy_story() != expected:
        found.append(f"another story: {story(trial.order)}")
    return "; ".join(found)


def wrong_at_every(shop: Shop, deed: str) -> dict[str, str]:
    points, expected = undisturbed(shop, make_order())
    in_view = points[: points.index("before the answer")]
    assert len(in_view) >= 20
    found = {
        f"{at} {point}": disturbed(shop, deed, at, expected) for at, point in enumerate(in_view, 1)
    }
    return {point: wrong for point, wrong in found.items() if wrong}


@pytest.mark.parametrize("deed", ["operational error", "interface error"])
def test_the_database_fails_at_every_step(shop: Shop, deed: str) -> None:
    """After COMMIT, too: it is done then, but nobody hears of it."""
    assert wrong_at_every(shop, deed) == {}


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has no sessions to end")
def test_the_server_ends_the_session_at_every_step(shop: Shop) -> None:
    assert wrong_at_every(shop, "lose the database") == {}


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has no sessions to end")
def test_the_server_ends_a_persistent_session_between_requests(shops: RunShop, table: None) -> None:
    shop = shops(CONN_MAX_AGE=None)
    points, expected = undisturbed(shop, make_order())
    shop.plan("lose the database", at=len(points))
    assert Trial(shop, make_order()).gateway.send().is_accepted
    shop.points()

    trial = Trial(shop, make_order())
    outcome = trial.gateway.send()

    assert (outcome.http_status, outcome.is_accepted) == (503, False)
    assert trial.retry() == []
    assert story(trial.order) == expected


@contextmanager
def locked_by_another_process(shop: Shop) -> Iterator[None]:
    """Hold the strongest lock on the database that the worker leaves us."""
    other = sqlite3.connect(connection.settings_dict["NAME"], timeout=0, isolation_level=None)
    try:
        try:
            other.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:  # the worker is writing: a reader keeps it from COMMIT
            other.execute("BEGIN")
            other.execute("SELECT COUNT(*) FROM django_gemafu_order").fetchone()
        yield
    finally:
        other.close()


@pytest.mark.skipif(connection.vendor != "sqlite", reason="other databases lock rows")
def test_sqlite_is_locked_for_longer_than_the_timeout_from_every_step_on(shop: Shop) -> None:
    shop.notes.leave("busy_timeout_ms", "30")
    points, expected = undisturbed(shop, make_order())
    in_view = points[: points.index("before the answer")]
    refused = 0
    for at, point in enumerate(in_view, 1):
        trial = Trial(shop, make_order())
        shop.plan("pause", at=at)
        answers = []
        request = threading.Thread(target=lambda: answers.append(trial.gateway.send()))  # noqa: B023
        request.start()
        wait_until(lambda: shop.notes.read("paused") is not None, "the worker pauses")
        with locked_by_another_process(shop):
            shop.notes.take("paused")
            request.join()
        shop.points()

        if not answers[0].is_accepted:
            assert answers[0].http_status == 503, point
            refused += 1
        assert contradictions(trial.order) == [], point
        assert trial.retry() == [], point
        assert trial.happy_story() == expected, point
    assert refused >= len(in_view) // 2
