"""How the admin writes amounts, times and states."""

from __future__ import annotations

from datetime import datetime

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from django_gemafu import money
from django_gemafu.enums import OrderStatus
from django_gemafu.models import Order

#: A mark and a tone for each status: nobody has to tell colours apart.
_STATUS_MARKS = {
    OrderStatus.PLACING: ("…", "quiet"),
    OrderStatus.PENDING: ("…", "quiet"),
    OrderStatus.PAID: ("✓", "good"),
    OrderStatus.EXPIRED: ("–", "quiet"),
    OrderStatus.FAILED: ("×", "quiet"),
    OrderStatus.CANCELLED: ("×", "quiet"),
}


def yuan(amount_fen: int | None) -> str:
    return "" if amount_fen is None else f"¥{money.yuan(amount_fen)}"


def price(order: Order) -> SafeString:
    """Write what is to be paid, and what was ordered where that is another amount."""
    if order.payable_fen in (None, order.amount_fen):
        return format_html("{}", yuan(order.amount_fen))
    ordered = _("of %s") % yuan(order.amount_fen)
    return format_html('{} <span class="gemafu-aside">{}</span>', yuan(order.payable_fen), ordered)


def time(moment: datetime | None) -> str:
    """Write a time to the second, the same in every language, in the operator's time zone."""
    return "-" if moment is None else f"{localtime(moment):%Y-%m-%d %H:%M:%S}"


def badge(mark: str, text: object, tone: str) -> SafeString:
    """Return a short text in a frame; ``tone`` is "good", "bad", "attention" or "quiet"."""
    return format_html(
        '<span class="gemafu-badge gemafu-{}"><span aria-hidden="true">{}</span> {}</span>',
        tone,
        mark,
        text,
    )


def status_badge(order: Order) -> SafeString:
    mark, tone = _STATUS_MARKS[OrderStatus(order.status)]
    status = badge(mark, OrderStatus(order.status).label, tone)
    if not order.needs_review:
        return status
    return format_html("{} {}", status, badge("!", _("decide"), "attention"))


def delivery_badge(order: Order) -> SafeString | str:
    if order.is_undelivered:
        return badge("!", _("not told"), "bad")
    return badge("✓", _("told"), "good") if order.delivered_at else ""


def age(moment: datetime) -> SafeString:
    """Write a time, here to the minute, and how long ago that is."""
    return format_html(
        '<time datetime="{}">{}</time> <span class="gemafu-aside">{}</span>',
        moment.isoformat(),
        f"{localtime(moment):%Y-%m-%d %H:%M}",
        timesince(moment, depth=1),
    )
