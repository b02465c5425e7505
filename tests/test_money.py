from __future__ import annotations

import pytest

from django_gemafu.money import yuan


@pytest.mark.parametrize(
    ("amount_fen", "text"),
    [(0, "0.00"), (5, "0.05"), (1250, "12.50"), (123456789, "1234567.89"), (-1250, "-12.50")],
)
def test_fen_are_written_as_yuan(amount_fen: int, text: str) -> None:
    assert yuan(amount_fen) == text
