from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_gemafu.admin.takings.charts import HEIGHT, WIDTH, Chart, Series

TOLERANCE_PX = 0.11  # places are rounded to a tenth


def chart(*values: Sequence[float]) -> Chart:
    labels = [f"{number:02}-01" for number in range(1, len(values[0]) + 1)]
    series = [
        Series(f"s{number}", f"series {number}", row, [f"{value:g}" for value in row])
        for number, row in enumerate(values)
    ]
    return Chart("test", "Test", labels, [f"2026-{label}" for label in labels], series)


@pytest.mark.parametrize(
    ("values", "ticks"),
    [
        ([0, 3], [0, 1, 2, 3]),
        ([7], [0, 2, 4, 6, 8]),
        ([49], [0, 10, 20, 30, 40, 50]),
        ([1], [0, 1]),
        ([0.2], [0, 1]),
        ([12_345.67], [0, 5_000, 10_000, 15_000]),
        ([10, -3], [-5, 0, 5, 10]),
        ([-3], [-3, -2, -1, 0]),
    ],
)
def test_the_axis_has_round_values(values: list[float], ticks: list[float]) -> None:
    assert chart(values).ticks == ticks


def test_its_values_are_written_as_people_do() -> None:
    assert [line.text for line in chart([2000, -1500]).lines] == [
        "−2,000",
        "−1,000",
        "0",
        "1,000",
        "2,000",
    ]


def test_bars_stack_upwards_and_downwards() -> None:
    drawn = chart([10], [5], [-5])

    first, second, below = drawn.bars

    assert float(second.y) + float(second.height) == pytest.approx(float(first.y), abs=0.2)
    assert float(below.y) == pytest.approx(float(drawn.zero), abs=0.2)
    assert float(first.y) + float(first.height) == pytest.approx(float(drawn.zero), abs=0.2)
    assert float(first.height) == pytest.approx(2 * float(second.height), abs=0.2)


def test_a_bar_says_what_it_stands_for() -> None:
    assert [bar.tip for bar in chart([0, 12.5]).bars] == ["2026-02-01 · series 0: 12.5"]


def test_what_is_small_can_still_be_seen() -> None:
    assert all(float(bar.height) >= 1 for bar in chart([1, 10**9]).bars)


def test_nothing_at_all() -> None:
    assert chart([0, 0], [0, 0]).is_empty
    assert not chart([0, 0], [0, -1]).is_empty


def test_the_highest_of_the_first_series_is_told() -> None:
    assert chart([0, 0], [3, 7]).highest == "2026-02-01 · series 1: 7"


def test_marks_do_not_run_into_each_other() -> None:
    assert len(chart([1] * 4).marks) == 4
    for count in (10, 31, 100):
        marks = chart([1] * count).marks
        assert 3 <= len(marks) <= 9
        assert marks[0].text == "01-01"


@given(
    st.integers(1, 100).flatmap(
        lambda columns: st.lists(
            st.lists(st.integers(-(10**9), 10**9), min_size=columns, max_size=columns),
            min_size=1,
            max_size=4,
        )
    )
)
def test_everything_is_inside(values: list[list[int]]) -> None:
    drawn = chart(*values)

    assert 2 <= len(drawn.lines) <= 8
    assert 0 < drawn.left < WIDTH / 2
    for bar in drawn.bars:
        assert float(bar.x) >= drawn.left - TOLERANCE_PX
        assert float(bar.x) + float(bar.width) <= WIDTH
        assert float(bar.y) >= 0
        assert float(bar.y) + float(bar.height) <= HEIGHT
