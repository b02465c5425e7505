"""What the admin's templates need: ``{% load gemafu_admin %}``."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django import template
from django.db.models import Max, Min
from django.utils import formats as localized
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from django_gemafu.admin import formats

register = template.Library()

register.filter("status_badge", formats.status_badge)
register.filter("delivery_badge", formats.delivery_badge)
register.filter("moment", formats.time)
register.filter("age", formats.age)

_FIELD = "created_at"


@register.inclusion_tag("admin/django_gemafu/drilldown.html")
def date_drilldown(cl: Any) -> dict[str, Any]:
    """Link to the years, months and days between the first and the last order.

    What is between is taken from the calendar: asking the database in which months there are orders
    would read them all.
    """
    chosen = [cl.params.get(f"{_FIELD}__{unit}") for unit in ("year", "month", "day")]
    # The list itself has refused a date that does not exist.
    year, month, day = (int(each[-1]) if each else None for each in map(_listed, chosen))
    return _choices(cl, year, month, day)


def _choices(cl: Any, year: int | None, month: int | None, day: int | None) -> dict[str, Any]:
    if year and month and day:
        return {
            "back": {"link": _link(cl, year, month), "title": _month(year, month)},
            "choices": [{"title": _day(date(year, month, day))}],
        }
    if year and month:
        days = _days(year, month)
        return {
            "back": {"link": _link(cl, year), "title": str(year)},
            "choices": [{"link": _link(cl, year, month, d.day), "title": _day(d)} for d in days],
        }
    first, last = _span(cl)
    if first is None or last is None:
        return {}
    if year or first.year == last.year:
        shown = year or first.year
        months = [
            month
            for month in range(1, 13)
            if (first.year, first.month) <= (shown, month) <= (last.year, last.month)
        ]
        return {
            "back": {"link": _link(cl), "title": _("All dates")} if year else None,
            "choices": [{"link": _link(cl, shown, m), "title": _month(shown, m)} for m in months],
        }
    years = range(first.year, last.year + 1)
    return {"choices": [{"link": _link(cl, each), "title": str(each)} for each in years]}


def _span(cl: Any) -> tuple[datetime | None, datetime | None]:
    """Return when the first and the last order of all were placed, which an index knows."""
    ends = cl.root_queryset.order_by().aggregate(first=Min(_FIELD), last=Max(_FIELD))
    if ends["first"] is None:
        return None, None
    return timezone.localtime(ends["first"]), timezone.localtime(ends["last"])


def _days(year: int, month: int) -> list[date]:
    first = date(year, month, 1)
    days = [first + timedelta(days=number) for number in range(31)]
    return [day for day in days if day.month == month]


def _link(cl: Any, *parts: int) -> str:
    names = [f"{_FIELD}__{unit}" for unit in ("year", "month", "day")]
    link: str = cl.get_query_string(
        dict(zip(names, map(str, parts), strict=False)), [f"{_FIELD}__"]
    )
    return link


def _month(year: int, month: int) -> str:
    return str(capfirst(localized.date_format(date(year, month, 1), "YEAR_MONTH_FORMAT")))


def _day(day: date) -> str:
    return str(capfirst(localized.date_format(day, "MONTH_DAY_FORMAT")))


def _listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value] if value else []
