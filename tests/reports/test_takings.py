"""The database's figures against a few lines of Python over the same rows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta, timezone
from statistics import median
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from django_gemafu.enums import EventKind, OrderStatus, PaymentSource, Verdict
from django_gemafu.models import Order, OrderEvent, Payment, Refund
from django_gemafu.reports.periods import Period, Span, Step
from django_gemafu.reports.takings import GATEWAY_ERRORS, Figures, Takings, takings
from django_gemafu.testing import make_order

pytestmark = pytest.mark.django_db

UTC = timezone.utc
ZONES = [
    ZoneInfo(name)
    for name in ("Asia/Shanghai", "America/New_York", "Asia/Kathmandu", "Africa/Cairo", "UTC")
]
DAY = Period(date(2026, 10, 5), date(2026, 10, 5), Step.DAY, UTC)
NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)


def paid_order(**fields: Any) -> Order:
    values: dict[str, Any] = {"created_at": NOON, "paid_at": NOON, "status": OrderStatus.PAID}
    return make_order(**values | fields)


def pay(order: Order, **fields: Any) -> Payment:
    values: dict[str, Any] = {
        "amount_fen": order.due_fen,
        "paid_at": NOON,
        "source": PaymentSource.NOTIFICATION,
        "verdict": Verdict.ACCEPTED,
    }
    return Payment.objects.create(order=order, **values | fields)


def total() -> Figures:
    return takings(DAY).total


def test_nothing_happened() -> None:
    report = takings(DAY)

    assert report == Takings([(Span(DAY.first, DAY.last), Figures())], Figures())
    assert report.total.conversion is None
    assert report.total.late_share is None
    assert report.total.unmatched_share is None


def test_orders_and_how_many_of_them_were_paid() -> None:
    paid_order(paid_at=NOON + timedelta(days=3))  # paid by now counts, be it days later
    make_order(created_at=NOON)
    make_order(created_at=NOON, status=OrderStatus.CANCELLED)
    paid_order(created_at=NOON - timedelta(days=1))

    assert (total().orders, total().paid) == (3, 1)
    assert total().conversion == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("seconds", "middle"), [([7], 7), ([10, 20], 15), ([5, 1, 1000], 5), ([4, 1, 2, 1000], 3)]
)
def test_the_median_time_to_pay(seconds: list[int], middle: float) -> None:
    for time in seconds:
        paid_order(paid_at=NOON + timedelta(seconds=time))
    make_order(created_at=NOON)

    assert total().median_time_to_pay == timedelta(seconds=middle)


def test_the_median_of_all_is_not_made_of_medians() -> None:
    for day, seconds in ((5, 1), (5, 1), (5, 1), (6, 90), (7, 90)):
        moment = NOON.replace(day=day)
        paid_order(created_at=moment, paid_at=moment + timedelta(seconds=seconds))
    report = takings(Period(date(2026, 10, 5), date(2026, 10, 8), Step.DAY, UTC))

    medians = [figures.median_time_to_pay for _, figures in report.rows]

    assert medians == [timedelta(seconds=1), timedelta(seconds=90), timedelta(seconds=90), None]
    assert report.total.median_time_to_pay == timedelta(seconds=1)


def test_money_counts_when_it_was_received() -> None:
    order = paid_order(created_at=NOON - timedelta(days=9), paid_at=NOON)
    pay(order, amount_fen=1249)
    pay(order, paid_at=NOON - timedelta(days=1))
    pay(order, paid_at=None, created_at=NOON, amount_fen=1)
    pay(order, paid_at=NOON - timedelta(days=1), created_at=NOON)

    assert (total().payments, total().received_fen) == (2, 1250)


@pytest.mark.parametrize(("payable_fen", "counted"), [(1249, 1249), (None, 1250)])
def test_where_no_amount_is_known_what_was_due_counts(
    payable_fen: int | None, counted: int
) -> None:
    order = paid_order(amount_fen=1250, payable_fen=payable_fen)
    pay(order, amount_fen=None, source=PaymentSource.QUERY)

    assert total().received_fen == counted


def test_money_that_does_not_fit_is_shown_apart() -> None:
    order = paid_order()
    pay(order)
    pay(order, verdict=Verdict.DUPLICATE, amount_fen=1250)
    pay(order, verdict=Verdict.UNDERPAID, amount_fen=3, resolved_at=NOON)

    assert total().received_fen == 1250
    assert (total().unmatched, total().unmatched_fen) == (2, 1253)
    assert total().unmatched_share == pytest.approx(2 / 3)


def test_late_payments() -> None:
    pay(paid_order(), is_late=True)
    pay(paid_order())

    assert total().late_share == 0.5


def test_money_given_back_is_no_less_taken(admin_user: User) -> None:
    order = paid_order()
    pay(order)
    for amount_fen, made_at in ((200, NOON), (50, NOON - timedelta(days=1))):
        Refund.objects.create(
            order=order, amount_fen=amount_fen, made_at=made_at, recorded_by=admin_user
        )

    assert (total().received_fen, total().refunds, total().refunded_fen) == (1250, 1, 200)
    assert total().kept_fen == 1050


def test_what_the_shop_was_not_told() -> None:
    paid_order(created_at=NOON - timedelta(days=2))
    paid_order(delivered_at=NOON)
    paid_order(paid_at=NOON + timedelta(days=2))

    assert total().undelivered == 1


def test_errors_of_the_gateway() -> None:
    order = make_order()
    for kind in EventKind:
        order.record(kind)
    OrderEvent.objects.update(created_at=NOON)

    assert total().gateway_errors == 2


def test_it_costs_the_same_however_long_the_period_is(django_assert_num_queries: Any) -> None:
    paid_order()
    for step in Step:
        with django_assert_num_queries(8):
            takings(Period(date(2026, 8, 1), date(2026, 10, 31), step, UTC))


# --- any data ---------------------------------------------------------------------------------

#: A week before the clocks change in New York and four days before they do in Cairo.
START = datetime(2026, 10, 25, tzinfo=UTC)
moments = st.one_of(
    st.integers(0, 14 * 24 * 3600 * 10**6).map(lambda late: START + timedelta(microseconds=late)),
    st.sampled_from([timedelta(days=4, hours=21), timedelta(days=7, hours=4)]).map(START.__add__),
)
amounts = st.integers(1, 10**7)
payments = st.fixed_dictionaries(
    {
        "amount_fen": st.none() | amounts,
        "paid_at": st.none() | moments,
        "created_at": moments,
        "verdict": st.sampled_from(Verdict),
        "is_late": st.booleans(),
    }
)
orders = st.fixed_dictionaries(
    {
        "created_at": moments,
        "paid_at": st.none() | moments,
        "is_delivered": st.booleans(),
        "amount_fen": amounts,
        "payable_fen": st.none() | amounts,
        "payments": st.lists(payments, max_size=3),
        "refunds": st.lists(st.tuples(moments, amounts), max_size=2),
        "events": st.lists(st.tuples(moments, st.sampled_from(EventKind)), max_size=2),
    }
)
periods = st.builds(
    lambda first, days, step, zone: Period(first, first + timedelta(days), step, zone),
    st.dates(date(2026, 10, 20), date(2026, 11, 10)),
    st.integers(0, 20),
    st.sampled_from(Step),
    st.sampled_from(ZONES),
)


@settings(
    max_examples=50,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(orders, max_size=12), periods)
def test_any_data(admin_user: User, made_up: list[dict[str, Any]], asked: Period) -> None:
    with transaction.atomic():
        for order in made_up:
            store(order, admin_user)
        report = takings(asked)
        transaction.set_rollback(True)

    assert [span for span, _ in report.rows] == asked.spans
    for span, figures in (*report.rows, (Span(asked.first, asked.last), report.total)):
        assert figures == reference(made_up, span, asked.zone)


def store(made_up: dict[str, Any], user: User) -> None:
    paid_at = made_up["paid_at"]
    order = Order.objects.create(
        merchant_id=9999,
        app_name="TESTSHOP",
        reference=uuid4().hex,
        amount_fen=made_up["amount_fen"],
        payable_fen=made_up["payable_fen"],
        created_at=made_up["created_at"],
        paid_at=paid_at,
        delivered_at=paid_at if made_up["is_delivered"] else None,
        status=OrderStatus.EXPIRED if paid_at is None else OrderStatus.PAID,
    )
    for fields in made_up["payments"]:
        Payment.objects.create(order=order, source=PaymentSource.QUERY, **fields)
    for made_at, amount_fen in made_up["refunds"]:
        Refund.objects.create(order=order, made_at=made_at, amount_fen=amount_fen, recorded_by=user)
    for created_at, kind in made_up["events"]:
        OrderEvent.objects.create(order=order, created_at=created_at, kind=kind)


def reference(made_up: list[dict[str, Any]], span: Span, zone: Any) -> Figures:
    def inside(moment: datetime) -> bool:
        return span.first <= moment.astimezone(zone).date() <= span.last

    def amount(order: dict[str, Any], payment: dict[str, Any]) -> int:
        return int(payment["amount_fen"] or order["payable_fen"] or order["amount_fen"])

    placed = [order for order in made_up if inside(order["created_at"])]
    times = [order["paid_at"] - order["created_at"] for order in placed if order["paid_at"]]
    received = [
        (payment, amount(order, payment))
        for order in made_up
        for payment in order["payments"]
        if inside(payment["paid_at"] or payment["created_at"])
    ]
    fitting = [fen for payment, fen in received if payment["verdict"] == Verdict.ACCEPTED]
    others = [fen for payment, fen in received if payment["verdict"] != Verdict.ACCEPTED]
    refunds = [fen for order in made_up for made_at, fen in order["refunds"] if inside(made_at)]
    return Figures(
        orders=len(placed),
        paid=len(times),
        median_time_to_pay=middle(times),
        payments=len(received),
        late=sum(payment["is_late"] for payment, _ in received),
        unmatched=len(others),
        received_fen=sum(fitting),
        unmatched_fen=sum(others),
        refunds=len(refunds),
        refunded_fen=sum(refunds),
        undelivered=sum(
            bool(order["paid_at"]) and not order["is_delivered"] and inside(order["paid_at"])
            for order in made_up
        ),
        gateway_errors=sum(
            kind in GATEWAY_ERRORS and inside(created_at)
            for order in made_up
            for created_at, kind in order["events"]
        ),
    )


def middle(times: Iterable[timedelta]) -> timedelta | None:
    """Return the median, which ``statistics`` computes of numbers only."""
    microseconds = [time // timedelta(microseconds=1) for time in times]
    return timedelta(microseconds=1) * median(microseconds) if microseconds else None
