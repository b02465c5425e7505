"""Which charts the page shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from django.utils.translation import gettext as _

from django_gemafu.admin.takings.charts import Chart, Series
from django_gemafu.admin.takings.table import duration, money, name_of
from django_gemafu.reports.periods import Span, Step
from django_gemafu.reports.takings import Figures, Takings

#: A title, and what is drawn under it.
_Drawing = tuple[str, list[Series]]

#: The units in which a time to pay is drawn, each with the length from which it suits.
_UNITS = (
    (timedelta(days=2), timedelta(days=1)),
    (timedelta(hours=2), timedelta(hours=1)),
    (timedelta(minutes=2), timedelta(minutes=1)),
    (timedelta(0), timedelta(seconds=1)),
)


def charts(report: Takings, step: Step) -> list[Chart]:
    spans = [span for span, _figures in report.rows]
    figures = [figures for _span, figures in report.rows]
    names = [name_of(span, step) for span in spans]
    labels = _labels(spans, step)
    return [
        Chart(name, title, labels, names, series)
        for name, (title, series) in {
            "money": _money(figures),
            "orders": _orders(figures),
            "times": _times(figures),
            "trouble": _trouble(figures),
        }.items()
    ]


def _labels(spans: Sequence[Span], step: Step) -> list[str]:
    """Return the names as short as the room below an axis asks for."""
    if step == Step.MONTH:
        return [f"{span.first:%Y-%m}" for span in spans]
    if spans[0].first.year == spans[-1].first.year:
        return [f"{span.first:%m-%d}" for span in spans]
    return [str(span.first) for span in spans]


def _money(figures: Sequence[Figures]) -> _Drawing:
    def amounts(name: str, label: str, fen: Callable[[Figures], int]) -> Series:
        amounts_fen = [fen(row) for row in figures]
        return Series(
            name,
            label,
            [amount_fen / 100 for amount_fen in amounts_fen],
            [money(amount_fen) for amount_fen in amounts_fen],
        )

    return _("Money, ¥"), [
        amounts("received", _("takings"), lambda row: row.received_fen),
        amounts("unmatched", _("did not fit"), lambda row: row.unmatched_fen),
        amounts("refunded", _("given back"), lambda row: -row.refunded_fen),
    ]


def _orders(figures: Sequence[Figures]) -> _Drawing:
    return _("Orders placed"), [
        _counts("paid", _("paid"), [row.paid for row in figures]),
        _counts("unpaid", _("not paid"), [row.orders - row.paid for row in figures]),
    ]


def _times(figures: Sequence[Figures]) -> _Drawing:
    # A clock that is slow may say that an order was paid before it was placed.
    times = [max(row.median_time_to_pay or timedelta(0), timedelta(0)) for row in figures]
    unit = next(unit for least, unit in _UNITS if max(times) >= least)
    titles = {
        timedelta(days=1): _("Median time to pay, days"),
        timedelta(hours=1): _("Median time to pay, hours"),
        timedelta(minutes=1): _("Median time to pay, minutes"),
        timedelta(seconds=1): _("Median time to pay, seconds"),
    }
    words = [duration(row.median_time_to_pay) for row in figures]
    series = Series("time", _("median time to pay"), [time / unit for time in times], words)
    return titles[unit], [series]


def _trouble(figures: Sequence[Figures]) -> _Drawing:
    return _("What went wrong"), [
        _counts("late", _("late payments"), [row.late for row in figures]),
        _counts("unmatched", _("payments that did not fit"), [r.unmatched for r in figures]),
        _counts("undelivered", _("undelivered orders"), [row.undelivered for row in figures]),
        _counts("errors", _("gateway errors"), [row.gateway_errors for row in figures]),
    ]


def _counts(name: str, label: str, counts: Sequence[int]) -> Series:
    return Series(name, label, counts, [str(count) for count in counts])
