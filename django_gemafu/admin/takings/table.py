"""The figures in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext as _

from django_gemafu.money import yuan
from django_gemafu.reports.periods import Span, Step
from django_gemafu.reports.takings import Figures

NOTHING = "–"


def money(amount_fen: int) -> str:
    """Return an amount as people write it: ``123456`` -> ``¥1,234.56``."""
    whole, _point, rest = yuan(abs(amount_fen)).partition(".")
    return f"{'−' if amount_fen < 0 else ''}¥{int(whole):,}.{rest}"


def share(part: float | None) -> str:
    return NOTHING if part is None else f"{part:.1%}"


def duration(time: timedelta | None) -> str:
    """Return a time with its two largest units."""
    if time is None:
        return NOTHING
    # A clock that is slow may say that an order was paid before it was placed.
    minutes, seconds = divmod(round(max(time.total_seconds(), 0)), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return _("%(days)d d %(hours)d h") % {"days": days, "hours": hours}
    if hours:
        return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes}
    if minutes:
        return _("%(minutes)d min %(seconds)d s") % {"minutes": minutes, "seconds": seconds}
    return _("%(seconds)d s") % {"seconds": seconds}


def name_of(span: Span, step: Step) -> str:
    """Return the days that a row is about, written the same in every language."""
    if step == Step.MONTH and span == step.around(span.first):
        return f"{span.first:%Y-%m}"
    if span.first == span.last:
        return str(span.first)
    return f"{span.first} – {span.last:%m-%d}"


@dataclass(frozen=True)
class Row:
    name: str
    figures: Figures

    @property
    def received(self) -> str:
        return _money(self.figures.received_fen)

    @property
    def unmatched(self) -> str:
        return _money(self.figures.unmatched_fen)

    @property
    def refunded(self) -> str:
        return _money(-self.figures.refunded_fen)

    @property
    def kept(self) -> str:
        return _money(self.figures.kept_fen)

    @property
    def conversion(self) -> str:
        return share(self.figures.conversion)

    @property
    def median_time_to_pay(self) -> str:
        return duration(self.figures.median_time_to_pay)

    @property
    def late(self) -> str:
        return _counted(self.figures.late, self.figures.late_share)

    @property
    def unmatched_payments(self) -> str:
        return _counted(self.figures.unmatched, self.figures.unmatched_share)


def _money(amount_fen: int) -> str:
    return money(amount_fen) if amount_fen else NOTHING


def _counted(count: int, part: float | None) -> str:
    return f"{count} ({share(part)})" if count else NOTHING
