from __future__ import annotations

import pytest
from django.template import engines
from hypothesis import given
from hypothesis import strategies as st

from django_gemafu.templatetags.gemafu import yuan


@pytest.mark.parametrize(
    ("fen", "expected"),
    [
        (0, "0.00"),
        (1, "0.01"),
        (10, "0.10"),
        (100, "1.00"),
        (1250, "12.50"),
        (1248, "12.48"),
        (123456789, "1234567.89"),
        (9007199254740993, "90071992547409.93"),  # not a float's integer any more
        (-5, "-0.05"),
        (-1250, "-12.50"),
        (None, ""),
    ],
)
def test_yuan(fen: int | None, expected: str) -> None:
    assert yuan(fen) == expected


@given(st.integers(min_value=0, max_value=2**63 - 1))
def test_yuan_loses_no_fen(fen: int) -> None:
    whole, part = yuan(fen).split(".")

    assert len(part) == 2
    assert int(whole + part) == fen


def test_yuan_is_not_localised() -> None:
    template = engines["django"].from_string("{% load gemafu %}{{ fen|yuan }}")

    assert template.render({"fen": 123456789}) == "1234567.89"
