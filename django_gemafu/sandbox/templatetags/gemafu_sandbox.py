from __future__ import annotations

from django import template

register = template.Library()


@register.filter
def yuan(amount_fen: int) -> str:
    """``1250`` -> ``12.50``: the same for everyone, since it is typed elsewhere as it is read."""
    return f"{amount_fen // 100}.{amount_fen % 100:02}"
