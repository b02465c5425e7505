from __future__ import annotations

import itertools
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_gemafu.models import Order
from django_gemafu.reports.periods import Period, Step
from django_gemafu.testing import make_order

UTC = timezone.utc
NEW_YORK = ZoneInfo("America/New_York")


def period(first: str, last: str, step: Step = Step.DAY, zone: str = "UTC") -> Period:
    return Period(date.fromisoformat(first), date.fromisoformat(last), step, ZoneInfo(zone))


def spans(of: Period) -> list[str]:
    return [f"{span.first}/{span.last}" for span in of.spans]


def test_days() -> None:
    assert spans(period("2026-02-28", "2026-03-01")) == [
        "2026-02-28/2026-02-28",
        "2026-03-01/2026-03-01",
    ]


def test_weeks_begin_on_monday_and_keep_to_what_was_asked_for() -> None:
    # 1 October 2026 is a Thursday.
    assert spans(period("2026-10-01", "2026-10-14", Step.WEEK)) == [
        "2026-10-01/2026-10-04",
        "2026-10-05/2026-10-11",
        "2026-10-12/2026-10-14",
    ]


def test_months() -> None:
    assert spans(period("2025-12-31", "2026-03-01", Step.MONTH)) == [
        "2025-12-31/2025-12-31",
        "2026-01-01/2026-01-31",
        "2026-02-01/2026-02-28",
        "2026-03-01/2026-03-01",
    ]


@given(
    st.dates(date(2000, 1, 1), date(2099, 1, 1)),
    st.integers(0, 800),
    st.sampled_from(Step),
)
def test_spans_cover_each_day_once(first: date, days: int, step: Step) -> None:
    last = first + timedelta(days=days)
    found = Period(first, last, step, UTC).spans

    assert found[0].first == first
    assert found[-1].last == last
    for before, after in itertools.pairwise(found):
        assert after.first == before.last + timedelta(days=1)


@pytest.mark.parametrize(
    ("zone", "start"),
    [
        ("UTC", datetime(2026, 3, 8, tzinfo=UTC)),
        ("Asia/Shanghai", datetime(2026, 3, 7, 16, tzinfo=UTC)),
        ("Asia/Kathmandu", datetime(2026, 3, 7, 18, 15, tzinfo=UTC)),
        ("America/New_York", datetime(2026, 3, 8, 5, tzinfo=UTC)),
    ],
)
def test_a_day_begins_at_midnight_where_people_are(zone: str, start: datetime) -> None:
    assert period("2026-03-08", "2026-03-08", zone=zone).start == start


@pytest.mark.parametrize(
    ("day", "zone", "hours"),
    [
        ("2026-03-08", "America/New_York", 23),
        ("2026-11-01", "America/New_York", 25),
        ("2026-03-08", "Asia/Shanghai", 24),
        # Clocks go from midnight to one o'clock, and from midnight back to eleven.
        ("2026-04-24", "Africa/Cairo", 23),
        ("2018-02-17", "America/Sao_Paulo", 25),
        # From one o'clock back to midnight, which comes twice.
        ("2025-11-02", "America/Havana", 25),
        # A day that Samoa left out.
        ("2011-12-30", "Pacific/Apia", 0),
    ],
)
def test_days_are_as_long_as_the_clocks_say(day: str, zone: str, hours: float) -> None:
    asked = period(day, day, zone=zone)

    assert asked.end - asked.start == timedelta(hours=hours)


@pytest.mark.django_db
def test_the_end_does_not_belong_to_it() -> None:
    asked = period("2026-10-05", "2026-10-05", zone="Asia/Shanghai")
    make_order(reference="first", created_at=asked.start)
    make_order(reference="last", created_at=asked.end - timedelta(microseconds=1))
    make_order(reference="before", created_at=asked.start - timedelta(microseconds=1))
    make_order(reference="after", created_at=asked.end)

    found = Order.objects.filter(asked.holds("created_at")).values_list("reference", flat=True)

    assert set(found) == {"first", "last"}


@pytest.mark.django_db
@pytest.mark.parametrize("days", [1, 2, 3, 31, 100])
def test_the_database_finds_the_span(days: int) -> None:
    first = date(2026, 10, 20)
    asked = Period(first, first + timedelta(days=days - 1), Step.DAY, NEW_YORK)
    for day in range(days):
        noon = datetime(2026, 10, 20, 12, tzinfo=NEW_YORK) + timedelta(days=day)
        make_order(reference=str(day), created_at=noon)

    orders = Order.objects.annotate(span=asked.number_of_span("created_at"))

    assert dict(orders.values_list("reference", "span")) == {str(day): day for day in range(days)}
