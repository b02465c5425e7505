from __future__ import annotations

from datetime import date, timedelta

import pytest

from django_gemafu.admin.takings.table import Row, duration, money, name_of
from django_gemafu.reports.periods import Span, Step
from django_gemafu.reports.takings import Figures


@pytest.mark.parametrize(
    ("amount_fen", "words"),
    [(0, "¥0.00"), (5, "¥0.05"), (-1250, "−¥12.50"), (123_456_789, "¥1,234,567.89")],
)
def test_money(amount_fen: int, words: str) -> None:
    assert money(amount_fen) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-3, "0 s"),
        (0.4, "0 s"),
        (59.6, "1 min 0 s"),
        (80, "1 min 20 s"),
        (3600, "1 h 0 min"),
        (86_399, "23 h 59 min"),
        (90_000, "1 d 1 h"),
    ],
)
def test_durations(seconds: float, words: str) -> None:
    assert duration(timedelta(seconds=seconds)) == words


@pytest.mark.parametrize(
    ("first", "last", "step", "name"),
    [
        (date(2026, 2, 1), date(2026, 2, 1), Step.DAY, "2026-02-01"),
        (date(2026, 2, 2), date(2026, 2, 8), Step.WEEK, "2026-02-02 – 02-08"),
        (date(2026, 2, 1), date(2026, 2, 1), Step.WEEK, "2026-02-01"),
        (date(2026, 2, 1), date(2026, 2, 28), Step.MONTH, "2026-02"),
        (date(2026, 2, 3), date(2026, 2, 28), Step.MONTH, "2026-02-03 – 02-28"),
    ],
)
def test_a_row_names_its_days(first: date, last: date, step: Step, name: str) -> None:
    assert name_of(Span(first, last), step) == name


def test_what_there_is_none_of_is_a_dash() -> None:
    row = Row("", Figures())

    assert {row.received, row.kept, row.conversion, row.median_time_to_pay, row.late} == {"–"}


def test_shares_go_with_their_counts() -> None:
    row = Row("", Figures(orders=3, paid=1, payments=8, late=1, unmatched=2))

    assert (row.conversion, row.late, row.unmatched_payments) == ("33.3%", "1 (12.5%)", "2 (25.0%)")
