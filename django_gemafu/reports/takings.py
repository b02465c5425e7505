"""The takings of a period, computed in the database."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import timedelta
from functools import reduce
from operator import add
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum, Window
from django.db.models.functions import Coalesce, RowNumber

from django_gemafu.enums import EventKind, OrderStatus, Verdict
from django_gemafu.models import Order, OrderEvent, Payment, Refund
from django_gemafu.reports.periods import Period, Span

#: What the story says when the gateway did not take an order, or did not answer.
GATEWAY_ERRORS = (EventKind.REFUSED, EventKind.UNANSWERED)

#: For each span that has any, its number, and counts and sums by the names of figures.
_Counts = Iterator[tuple[int, dict[str, int]]]


@dataclass(frozen=True)
class Figures:
    """What happened in a span of time. Amounts are in fen."""

    #: Orders placed in the span, and those of them that have been paid by now.
    orders: int = 0
    paid: int = 0
    #: From placing to paying, for the same orders. ``None`` if none of them has been paid.
    median_time_to_pay: timedelta | None = None

    #: Payments received in the span; those that came after their order had ended, and those that
    #: did not fit their order and that nobody has accepted all the same.
    payments: int = 0
    late: int = 0
    unmatched: int = 0
    #: The money of the payments that settle their orders, and that of those that did not fit.
    received_fen: int = 0
    unmatched_fen: int = 0

    #: Money given back in the span, be it of earlier orders.
    refunds: int = 0
    refunded_fen: int = 0

    #: Orders paid in the span of which the shop has not been told yet.
    undelivered: int = 0

    #: How often the gateway refused an order or gave no usable answer.
    gateway_errors: int = 0

    @property
    def conversion(self) -> float | None:
        """The share of the orders that has been paid."""
        return _share(self.paid, self.orders)

    @property
    def late_share(self) -> float | None:
        return _share(self.late, self.payments)

    @property
    def unmatched_share(self) -> float | None:
        return _share(self.unmatched, self.payments)

    @property
    def kept_fen(self) -> int:
        """By how much the wallet grew."""
        return self.received_fen + self.unmatched_fen - self.refunded_fen


@dataclass(frozen=True)
class Takings:
    """The figures of each span of a period, and of all of it."""

    rows: Sequence[tuple[Span, Figures]]
    total: Figures


def takings(period: Period) -> Takings:
    """Compute the takings of a period, in no more than eight statements however long it is."""
    rows: dict[int, Counter[str]] = defaultdict(Counter)
    for statement in _STATEMENTS:
        for number, counts in statement(period):
            rows[number].update(counts)
    medians = _medians(period)
    figures = [
        Figures(**rows[number], median_time_to_pay=medians.get(number))
        for number in range(len(period.spans))
    ]
    return Takings(list(zip(period.spans, figures, strict=True)), _total(figures, period))


def _total(figures: Sequence[Figures], period: Period) -> Figures:
    counted = (field.name for field in fields(Figures) if field.name != "median_time_to_pay")
    total = {name: sum(getattr(row, name) for row in figures) for name in counted}
    return Figures(**total, median_time_to_pay=_median_of_all(period, total["paid"]))


def _orders(period: Period) -> _Counts:
    return _by_span(
        _in_spans(_placed(period), period, "created_at"),
        orders=Count("pk"),
        paid=Count("pk", filter=Q(status=OrderStatus.PAID)),
    )


def _payments(period: Period) -> _Counts:
    accepted = Q(verdict=Verdict.ACCEPTED)
    return _by_span(
        _received(period),
        payments=Count("pk"),
        late=Count("pk", filter=Q(is_late=True)),
        unmatched=Count("pk", filter=~accepted),
        received_fen=Sum("amount_fen", filter=accepted, default=0),
        unmatched_fen=Sum("amount_fen", filter=~accepted, default=0),
    )


def _payments_without_amount(period: Period) -> _Counts:
    """What was due stands for the amount of a payment that only a query told of.

    A statement of its own: there are few of them, and for all others their order need not be read.
    """
    accepted = Q(verdict=Verdict.ACCEPTED)
    due_fen = Coalesce("order__payable_fen", "order__amount_fen")
    return _by_span(
        _received(period).filter(amount_fen=None),
        received_fen=Sum(due_fen, filter=accepted, default=0),
        unmatched_fen=Sum(due_fen, filter=~accepted, default=0),
    )


def _received(period: Period) -> Any:
    """Return the payments of a period; where no time is known, we heard of it then."""
    unknown = Q(paid_at=None)
    payments = Payment.objects.filter(
        period.holds("paid_at") | (unknown & period.holds("created_at"))
    )
    moments = payments.annotate(received_at=Coalesce("paid_at", "created_at"))
    return _in_spans(moments, period, "received_at")


def _refunds(period: Period) -> _Counts:
    refunds = Refund.objects.filter(period.holds("made_at"))
    return _by_span(
        _in_spans(refunds, period, "made_at"),
        refunds=Count("pk"),
        refunded_fen=Sum("amount_fen", default=0),
    )


def _undelivered(period: Period) -> _Counts:
    undelivered = Order.objects.undelivered().filter(period.holds("paid_at"))
    return _by_span(_in_spans(undelivered, period, "paid_at"), undelivered=Count("pk"))


def _gateway_errors(period: Period) -> _Counts:
    errors = OrderEvent.objects.filter(period.holds("created_at"), kind__in=GATEWAY_ERRORS)
    return _by_span(_in_spans(errors, period, "created_at"), gateway_errors=Count("pk"))


def _placed(period: Period) -> QuerySet[Order]:
    return Order.objects.filter(period.holds("created_at"))


def _in_spans(rows: Any, period: Period, field: str) -> Any:
    return rows.annotate(span=period.number_of_span(field)).order_by()


def _by_span(rows: Any, **aggregates: Any) -> _Counts:
    for values in rows.values("span").annotate(**aggregates):
        yield values.pop("span"), values


def _medians(period: Period) -> dict[int, timedelta]:
    """Return for each span the median of the time from placing to paying.

    With window functions, because the three databases have no common aggregate for it: they find
    the one or two orders in the middle, whose ranks are those from n/2 to n/2 + 1.
    """
    ranks = Window(RowNumber(), partition_by="span", order_by="took")
    middle = (
        _in_spans(_times_to_pay(period), period, "created_at")
        .annotate(twice_rank=ranks * 2, size=Window(Count("*"), partition_by="span"))
        .filter(twice_rank__gte=F("size"), twice_rank__lte=F("size") + 2)
    )
    found: dict[int, list[timedelta]] = defaultdict(list)
    for span, took in middle.values_list("span", "took"):
        found[span].append(took)
    return {span: _average(times) for span, times in found.items()}


def _median_of_all(period: Period, count: int) -> timedelta | None:
    """Return the median of so many orders, which are counted already: a sort finds it."""
    if not count:
        return None
    times = _times_to_pay(period).order_by("took").values_list("took", flat=True)
    return _average(times[(count - 1) // 2 : count // 2 + 1])


def _times_to_pay(period: Period) -> Any:
    paid = _placed(period).filter(status=OrderStatus.PAID)
    return paid.annotate(took=F("paid_at") - F("created_at"))


def _average(times: Collection[timedelta]) -> timedelta:
    return reduce(add, times) / len(times)


_STATEMENTS = (
    _orders,
    _payments,
    _payments_without_amount,
    _refunds,
    _undelivered,
    _gateway_errors,
)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
