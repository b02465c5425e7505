"""Choosing the period of which the takings are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from django_gemafu.reports.periods import Period, Step

#: So many bars can be told apart, and so many rows are read.
MAX_SPANS = 100

_YEARS = [
    MinValueValidator(date(2000, 1, 1), _("Choose a day from the year 2000 on.")),
    MaxValueValidator(date(2099, 12, 31), _("Choose a day before the year 2100.")),
]


@lru_cache(maxsize=1)
def zone_names() -> Sequence[str]:
    """Return the names of the time zones. They are files, which are not listed twice."""
    return sorted(available_timezones() - {"localtime"})


class DayInput(forms.DateInput):
    input_type = "date"  # browsers take and give ISO's writing alone


@dataclass(frozen=True)
class Preset:
    """A period that is often asked for."""

    label: str | Promise
    query: str
    is_shown: bool


class PeriodForm(forms.Form):
    first = forms.DateField(label=_("From"), widget=DayInput(format="%Y-%m-%d"), validators=_YEARS)
    last = forms.DateField(label=_("To"), widget=DayInput(format="%Y-%m-%d"), validators=_YEARS)
    step = forms.ChoiceField(label=_("By"), choices=Step.choices)
    zone = forms.ChoiceField(label=_("Time zone"))

    def __init__(self, asked: Mapping[str, str]) -> None:
        """``asked`` are the parameters of the address; what is missing there has a default."""
        names = zone_names()
        here = timezone.get_current_timezone_name()  # of the server: it may be a mere offset
        default = {"step": Step.DAY.value, "zone": here if here in names else "UTC"}
        known = asked.get("zone") if asked.get("zone") in names else None
        self._zone = ZoneInfo(known or default["zone"])
        today = timezone.localdate(timezone=self._zone)
        super().__init__({**default, **_last_days(30, today), **asked})
        self._today = today
        self.fields["zone"].choices = [(name, name.replace("_", " ")) for name in names]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors and cleaned["last"] < cleaned["first"]:
            self.add_error("last", _("The last day is before the first."))
        elif not self.errors and len(self.period.spans) > MAX_SPANS:
            self.add_error(
                "step",
                _("That makes more than %(count)d rows: choose a longer step or fewer days.")
                % {"count": MAX_SPANS},
            )
        return cleaned

    @property
    def period(self) -> Period:
        asked = self.cleaned_data
        return Period(asked["first"], asked["last"], Step(asked["step"]), self._zone)

    @property
    def presets(self) -> list[Preset]:
        today = self._today
        month = today.replace(day=1)
        day_before = month - timedelta(days=1)
        return [
            self._preset(_("Today"), _last_days(1, today)),
            self._preset(_("7 days"), _last_days(7, today)),
            self._preset(_("30 days"), _last_days(30, today)),
            self._preset(_("This month"), {"first": f"{month}", "last": f"{today}"}),
            self._preset(
                _("Last month"), {"first": f"{day_before.replace(day=1)}", "last": f"{day_before}"}
            ),
        ]

    def _preset(self, label: str | Promise, days: Mapping[str, str]) -> Preset:
        query = {**days, "step": Step.DAY.value, "zone": self._zone.key}
        is_shown = all(self.data[name] == value for name, value in query.items())
        return Preset(label, urlencode(query), is_shown)


def _last_days(count: int, today: date) -> dict[str, str]:
    return {"first": f"{today - timedelta(days=count - 1)}", "last": f"{today}"}
