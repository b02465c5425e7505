"""Stacked bars as SVG: where each line, bar and word goes.

Positions are attributes and texts are ready, so that the template needs no arithmetic, no inline
style (a strict CSP refuses it) and no number that a language would write with a comma. The looks
are in takings.css.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, repeat
from math import ceil, floor
from operator import mul

WIDTH, HEIGHT = 440, 220
_TOP, _RIGHT, _BOTTOM, _GAP = 10, 22, 24, 6
_CHARACTER, _LINES, _WIDEST_BAR = 6.6, 5, 36


@dataclass(frozen=True)
class Series:
    """One colour of the chart. A negative value is drawn downwards."""

    name: str
    label: str
    values: Sequence[float]
    #: The values as they are told to who points at a bar.
    words: Sequence[str]


@dataclass(frozen=True)
class Line:
    y: str
    text: str
    text_y: str


@dataclass(frozen=True)
class Bar:
    series: str
    tip: str
    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True)
class Label:
    x: str
    text: str


@dataclass(frozen=True)
class Chart:
    """Bars over ``labels``, one for each. ``title`` names the unit; ``names`` are the labels in
    full, for who points at a bar.
    """

    name: str
    title: str
    labels: Sequence[str]
    names: Sequence[str]
    series: Sequence[Series]

    width, height = WIDTH, HEIGHT
    right = WIDTH - _RIGHT
    label_y = HEIGHT - _GAP

    @property
    def is_empty(self) -> bool:
        return not any(any(series.values) for series in self.series)

    @property
    def highest(self) -> str:
        """Where the first of the series that has anything is at its highest."""
        series = next(series for series in self.series if any(series.values))
        column = max(range(len(self.names)), key=lambda column: abs(series.values[column]))
        return self._tip(series, column)

    @cached_property
    def ticks(self) -> Sequence[float]:
        """Round values that hold every bar between them."""
        columns = list(zip(*(series.values for series in self.series), strict=True))
        highest = max(sum(max(value, 0) for value in column) for column in columns)
        lowest = min(sum(min(value, 0) for value in column) for column in columns)
        step = _round_step((highest - lowest) / _LINES)
        first, last = floor(lowest / step), max(ceil(highest / step), floor(lowest / step) + 1)
        return [number * step for number in range(first, last + 1)]

    @cached_property
    def left(self) -> float:
        return _GAP + _CHARACTER * max(len(_tick(tick)) for tick in self.ticks) + _GAP

    @property
    def lines(self) -> list[Line]:
        places = ((tick, self._y(tick)) for tick in self.ticks)
        return [Line(_px(y), _tick(tick), _px(y + 4)) for tick, y in places]

    @property
    def axis_x(self) -> str:
        return _px(self.left)

    @property
    def ticks_x(self) -> str:
        return _px(self.left - _GAP)

    @property
    def zero(self) -> str:
        return _px(self._y(0))

    @property
    def bars(self) -> list[Bar]:
        return [bar for column in range(len(self.labels)) for bar in self._column(column)]

    @property
    def marks(self) -> list[Label]:
        """As many of the labels as there is room for."""
        room = (self.right - self.left) / (_CHARACTER * (len(self.labels[0]) + 2))
        every = ceil(len(self.labels) / max(1, floor(room)))
        shown = range(0, len(self.labels), every)
        return [Label(_px(self._middle(column)), self.labels[column]) for column in shown]

    def _column(self, column: int) -> list[Bar]:
        bars = []
        width = min(self._pitch * 0.8, _WIDEST_BAR)
        above = below = 0.0
        for series in self.series:
            value = series.values[column]
            if not value:
                continue
            start = above if value > 0 else below
            end = start + value
            above, below = max(above, end), min(below, end)
            y, bottom = self._y(max(start, end)), self._y(min(start, end))
            bars.append(
                Bar(
                    series.name,
                    self._tip(series, column),
                    _px(self._middle(column) - width / 2),
                    _px(y),
                    _px(width),
                    _px(max(bottom - y, 1)),
                )
            )
        return bars

    def _tip(self, series: Series, column: int) -> str:
        return f"{self.names[column]} · {series.label}: {series.words[column]}"

    @property
    def _pitch(self) -> float:
        return (self.right - self.left) / len(self.labels)

    def _middle(self, column: int) -> float:
        return self.left + (column + 0.5) * self._pitch

    def _y(self, value: float) -> float:
        lowest, highest = self.ticks[0], self.ticks[-1]
        share = (value - lowest) / (highest - lowest)
        return HEIGHT - _BOTTOM - share * (HEIGHT - _BOTTOM - _TOP)


def _round_step(at_least: float) -> int:
    """Return the least of 1, 2, 5, 10, 20, 50 ... that is not less."""
    steps = (step * power for power in _powers_of_ten() for step in (1, 2, 5))
    return next(step for step in steps if step >= at_least)


def _powers_of_ten() -> Iterator[int]:
    return accumulate(repeat(10), mul, initial=1)


def _tick(value: float) -> str:
    return f"{value:,.0f}".replace("-", "−")


def _px(value: float) -> str:
    return f"{value:.1f}"
