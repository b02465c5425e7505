"""What the templates need to show an order: ``{% load gemafu %}``."""

from __future__ import annotations

from typing import Any

from django import template

from django_gemafu import money
from django_gemafu.checkout import panel_context
from django_gemafu.models import Order

register = template.Library()


@register.filter
def yuan(fen: int | None) -> str:
    """Write an amount the way a customer types it: ``1250|yuan`` is ``12.50``.

    Never grouped and never localised, because it is copied into the wallet. ``None``, an amount
    that is not known, is empty.
    """
    return "" if fen is None else money.yuan(fen)


@register.inclusion_tag("django_gemafu/checkout/media.html")
def gemafu_media() -> dict[str, Any]:
    """Load the style and the script of the panels: once a page, in its head."""
    return {}


@register.inclusion_tag("django_gemafu/checkout/panel.html", takes_context=True)
def gemafu_panel(context: template.Context, order: Order) -> dict[str, Any]:
    """Show where and how to pay an order, and what became of it, in a page of the shop's own.

    What is in the database is shown; the script keeps it up to date. How to pay depends on the
    device, which ``request`` in the context tells. The page should not be cached.
    """
    request = context.get("request")
    user_agent = request.headers.get("User-Agent", "") if request else ""
    return {**panel_context(order, user_agent=user_agent), "embedded": True}
