"""Amounts for people. Inside, money is an integer of fen everywhere."""

from __future__ import annotations


def yuan(amount_fen: int) -> str:
    """Return an amount in fen as yuan with two digits: ``1250`` -> ``12.50``."""
    sign = "-" if amount_fen < 0 else ""
    return f"{sign}{abs(amount_fen) // 100}.{abs(amount_fen) % 100:02d}"
