"""What the templates need to show an order: ``{% load gemafu %}``."""

from __future__ import annotations

from django import template

from django_gemafu import money

register = template.Library()


@register.filter
def yuan(fen: int | None) -> str:
    """Write an amount the way a customer types it: ``1250|yuan`` is ``12.50``.

    Never grouped and never localised, because it is copied into the wallet. ``None``, an amount
    that is not known, is empty.
    """
    return "" if fen is None else money.yuan(fen)
