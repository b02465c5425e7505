"""The command as the README's reader runs it: in a process and on a database of its own."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from django_gemafu.enums import OrderStatus, Verdict

ROOT = Path(__file__).resolve().parents[2]
END = "2026-10-31T20:15"


def fill(database: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{database}",
        "DJANGO_SETTINGS_MODULE": "example_project.settings",
    }
    return subprocess.run(
        [sys.executable, "manage.py", "fill_month", "--orders=120", f"--end={END}", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


class Month:
    def __init__(self, database: Path) -> None:
        self._connection = sqlite3.connect(database)

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        return self._connection.execute(sql).fetchall()

    def all_of(self, column: str, table: str) -> set[Any]:
        return {row[0] for row in self.ask(f"SELECT {column} FROM django_gemafu_{table}")}

    def close(self) -> None:
        self._connection.close()


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("month") / "month.sqlite3"
    done = fill(path)
    assert done.returncode == 0, done.stderr
    assert "orders in thirty days" in done.stdout
    return path


@pytest.fixture
def month(database: Path) -> Iterator[Month]:
    with closing(Month(database)) as month:
        yield month


def test_everything_happens_in_it(month: Month) -> None:
    assert month.all_of("verdict", "payment") == set(Verdict.values)
    assert month.all_of("status", "order") >= set(OrderStatus.values) - {OrderStatus.PENDING}
    assert month.all_of("kind", "orderevent") >= {"paid_late", "unanswered", "delivery_failed"}
    assert month.all_of("kind", "orderevent") >= {"payment_dismissed", "payment_accepted"}
    assert month.all_of("amount_fen", "refund")


def test_something_waits_for_a_person(month: Month) -> None:
    orders = "SELECT count(*) FROM django_gemafu_order WHERE"
    waiting, undelivered = "needs_review", "status = 'paid' AND delivered_at IS NULL"

    assert month.ask(f"{orders} {waiting}")[0][0] >= 3
    assert month.ask(f"{orders} {undelivered}")[0][0] >= 1


def test_it_lasts_thirty_days_and_no_longer(month: Month) -> None:
    for table in ("order", "payment", "orderevent", "refund"):
        moments = sorted(month.all_of("created_at", table))
        assert moments[0] >= "2026-10-01"
        assert moments[-1] <= "2026-10-31 12:15"  # UTC
    days = {moment[:10] for moment in month.all_of("created_at", "order")}
    assert len(days) >= 25


def test_stories_are_told_in_the_order_in_which_they_happened(month: Month) -> None:
    events = month.ask("SELECT order_id, created_at FROM django_gemafu_orderevent ORDER BY id")
    latest: dict[int, str] = {}
    for order, moment in events:
        assert latest.get(order, "") <= moment
        latest[order] = moment


def test_no_money_appears_from_nowhere(month: Month) -> None:
    ((received, refunded),) = month.ask(
        """
        SELECT (SELECT sum(coalesce(p.amount_fen, o.payable_fen)) FROM django_gemafu_payment p
                JOIN django_gemafu_order o ON o.id = p.order_id),
               (SELECT sum(amount_fen) FROM django_gemafu_refund)
        """
    )
    assert 0 < refunded < received / 5


def test_the_same_seed_makes_the_same_month(database: Path, tmp_path: Path) -> None:
    again, another = tmp_path / "again.sqlite3", tmp_path / "another.sqlite3"
    fill(again, "--language=zh-hans")
    fill(another, "--seed=2")

    def rows(path: Path) -> list[tuple[Any, ...]]:
        with closing(Month(path)) as month:
            return month.ask("SELECT token, amount_fen, created_at FROM django_gemafu_order")

    assert rows(again) == rows(database)
    assert rows(another) != rows(database)
    with closing(Month(again)) as month:
        assert "顾客付了现金。" in "".join(month.all_of("facts", "orderevent")).encode().decode(
            "unicode_escape"
        )


def test_a_shop_that_has_orders_is_left_alone(database: Path) -> None:
    done = fill(database)

    assert done.returncode == 1
    assert "The shop has orders already." in done.stderr


@pytest.mark.parametrize(
    ("argument", "complaint"),
    [("--orders=5", "at least 60 orders"), ("--end=tomorrow", "invalid")],
)
def test_arguments_that_make_no_sense(tmp_path: Path, argument: str, complaint: str) -> None:
    done = fill(tmp_path / "month.sqlite3", argument)

    assert done.returncode != 0
    assert complaint in done.stderr
