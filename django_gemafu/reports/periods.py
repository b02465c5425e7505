"""Days, weeks and months as the people of a time zone count them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from functools import cached_property

from django.db.models import Case, Expression, IntegerField, Q, TextChoices, Value, When
from django.utils.translation import gettext_lazy as _

_DAY = timedelta(days=1)


class Step(TextChoices):
    DAY = "day", _("day")
    WEEK = "week", _("week")
    MONTH = "month", _("month")

    def around(self, day: date) -> Span:
        """Return all of the day, week or month that has this day in it.

        A week begins on Monday, as ISO 8601 and Chinese calendars have it.
        """
        if self is Step.DAY:
            return Span(day, day)
        if self is Step.WEEK:
            monday = day - timedelta(days=day.weekday())
            return Span(monday, monday + timedelta(days=6))
        next_month = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
        return Span(day.replace(day=1), next_month - _DAY)


@dataclass(frozen=True)
class Span:
    """A day, a week or a month, or as much of one as was asked for. ``last`` belongs to it."""

    first: date
    last: date


@dataclass(frozen=True)
class Period:
    """The days from ``first`` to ``last``, which belongs to it, cut into steps.

    Where a day begins is worked out here and not in the database, because MariaDB knows the time
    zones only if somebody has loaded them. So the three databases agree to the microsecond.
    """

    first: date
    last: date
    step: Step
    zone: tzinfo

    @cached_property
    def spans(self) -> Sequence[Span]:
        spans = []
        first = self.first
        while first <= self.last:
            last = min(self.step.around(first).last, self.last)
            spans.append(Span(first, last))
            first = last + _DAY
        return spans

    @property
    def start(self) -> datetime:
        """The first moment that belongs to the period."""
        return self._start_of(self.first)

    @property
    def end(self) -> datetime:
        """The first moment after the period."""
        return self._start_of(self.last + _DAY)

    def holds(self, field: str) -> Q:
        """Ask for the rows whose time, a field or an annotation, falls into the period."""
        return Q(**{f"{field}__gte": self.start, f"{field}__lt": self.end})

    def number_of_span(self, field: str) -> Expression:
        """Return, for the database, in which of the spans a row's time falls, counted from 0.

        A tree of comparisons: seven do for a hundred spans.
        """
        starts = [self._start_of(span.first) for span in self.spans]
        return _number(field, starts, 0, len(starts))

    def _start_of(self, day: date) -> datetime:
        # Where clocks are put forward at midnight this is the moment at which they are; where
        # midnight comes twice, it is the first.
        return datetime.combine(day, time.min, tzinfo=self.zone).astimezone(timezone.utc)


def _number(field: str, starts: Sequence[datetime], low: int, high: int) -> Expression:
    if high - low == 1:
        return Value(low, output_field=IntegerField())
    middle = (low + high) // 2
    return Case(
        When(**{f"{field}__lt": starts[middle]}, then=_number(field, starts, low, middle)),
        default=_number(field, starts, middle, high),
    )
