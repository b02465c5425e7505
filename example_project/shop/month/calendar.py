"""When the customers come: busy at noon and in the evening, busiest on Saturdays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from django.utils import timezone

_HOURS = {
    9: 2,
    10: 4,
    11: 8,
    12: 11,
    13: 8,
    14: 4,
    15: 5,
    16: 5,
    17: 7,
    18: 11,
    19: 12,
    20: 9,
    21: 4,
}
_WEEKDAYS = (0.8, 0.75, 0.9, 0.95, 1.2, 1.6, 1.4)
_MONTH = timedelta(days=30)


def visits(count: int, end: datetime, chance: Random) -> list[datetime]:
    """Return so many moments of the thirty days before the end, in their order."""
    hours = list(_hours(end))
    weights = [_HOURS.get(hour.hour, 0) * _WEEKDAYS[hour.weekday()] for hour in hours]
    picked = chance.choices(hours, weights, k=count)
    moments = (hour + timedelta(seconds=chance.uniform(0, 3600)) for hour in picked)
    return sorted(moment for moment in moments if moment < end)


def _hours(end: datetime) -> Iterator[datetime]:
    hour = timezone.localtime(end - _MONTH).replace(minute=0, second=0, microsecond=0)
    while hour < end:
        yield hour
        hour += timedelta(hours=1)
