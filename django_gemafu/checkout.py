"""What the customer is shown of an order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.urls import reverse
from django.utils import timezone

from django_gemafu.conf import conf
from django_gemafu.enums import EventKind, OrderStatus
from django_gemafu.models import Order

#: How often a page without JavaScript loads itself again: while it waits, and once nothing is to
#: be paid any more but a payment may still be under way.
REFRESH_SECONDS = 10
SLOW_REFRESH_SECONDS = 30

_ENDED_UNPAID = (OrderStatus.EXPIRED, OrderStatus.FAILED, OrderStatus.CANCELLED)
#: The gateway's codes are HTTP's. From here on the fault is not in what it was asked.
_SERVER_ERROR = 500


@dataclass(frozen=True)
class CheckoutState:
    """The order as its customer should see it at one moment.

    ``status`` is the order's own, but time that is over is over. ``expires_in`` is in seconds.
    ``payable_fen`` is ``None`` while the gateway has not told it, and while a payment that does not
    fit is looked into: nothing more is to be paid then. ``redirect_url`` is there once paid.
    """

    status: str
    is_under_review: bool
    expires_in: int | None
    payable_fen: int | None
    redirect_url: str
    #: Changes with all of these but ``expires_in``, which every client counts by itself.
    etag: str

    @classmethod
    def of(cls, order: Order) -> CheckoutState:
        now = timezone.now()
        status, expires_in, expires_at = order.status, None, 0.0
        if order.expires_at is not None:
            expires_at = order.expires_at.timestamp()
            expires_in = max(0, int((order.expires_at - now).total_seconds()))
            if status == OrderStatus.PENDING and order.is_overdue(now):
                status = OrderStatus.EXPIRED.value
        is_paid = status == OrderStatus.PAID
        payable_fen = None if order.needs_review and not is_paid else order.payable_fen
        return cls(
            status=status,
            is_under_review=order.needs_review,
            expires_in=expires_in,
            payable_fen=payable_fen,
            redirect_url=order.return_url if is_paid else "",
            etag=f'W/"{status}-{order.needs_review:d}-{payable_fen}-{expires_at:.0f}"',
        )

    @property
    def has_code(self) -> bool:
        """Whether the customer should pay now."""
        return self.status == OrderStatus.PENDING and not self.is_under_review

    def to_json(self) -> dict[str, Any]:
        """Return what the page's script and other clients are told."""
        return {
            "status": self.status,
            "paid": self.status == OrderStatus.PAID,
            "expires_in": self.expires_in,
            "payable_fen": self.payable_fen,
            "redirect_url": self.redirect_url or None,
        }


def device_of(user_agent: str) -> str:
    """Return what the page is looked at with: ``wechat``, ``iphone``, ``phone`` or ``desktop``.

    ``wechat`` is WeChat on a phone: on a computer it can press no picture long. A tablet without
    WeChat counts as a desktop: a phone can scan the code off it.
    """
    is_mobile = "Mobi" in user_agent
    if "MicroMessenger" in user_agent and (is_mobile or "Android" in user_agent):
        return "wechat"
    if is_mobile:
        return "iphone" if "iPhone" in user_agent else "phone"
    return "desktop"


def panel_context(order: Order, *, user_agent: str = "") -> dict[str, Any]:
    """Return what the template ``django_gemafu/checkout/panel.html`` is made from."""
    state = CheckoutState.of(order)
    context = {
        "order": order,
        "state": state.status,
        "under_review": state.is_under_review,
        "expires_in": state.expires_in,
        "payable_fen": state.payable_fen,
        "redirect_url": state.redirect_url,
        "device": device_of(user_agent),
        "checkout_url": order.get_absolute_url(),
        "qr_url": reverse("gemafu:qr", args=[order.token]),
        "status_url": reverse("gemafu:status", args=[order.token]),
        "refresh_seconds": _refresh_seconds(order, state),
    }
    if state.status in _ENDED_UNPAID and not state.is_under_review:
        context["order_again_url"] = _order_again_url(order)
        context["gateway_was_busy"] = state.status == OrderStatus.FAILED and _was_busy(order)
    return context


def _refresh_seconds(order: Order, state: CheckoutState) -> int | None:
    """Return how soon a page without JavaScript should load itself again, if at all."""
    if state.status == OrderStatus.PLACING or state.has_code:
        return REFRESH_SECONDS
    if state.status == OrderStatus.PAID:
        return None
    may_change = state.is_under_review or order.may_be_paid_unseen(timezone.now())
    return SLOW_REFRESH_SECONDS if may_change else None


def _order_again_url(order: Order) -> str:
    return conf.order_again_url.replace("{reference}", quote(order.reference, safe=""))


def _was_busy(order: Order) -> bool:
    """Return whether the gateway refused for a reason that passes.

    Its words are for the merchant: a wrong key, a used-up balance. Customers need to know only
    whether it helps to come back in a few minutes.
    """
    refusal = order.events.filter(kind=EventKind.REFUSED).last()
    code = refusal.facts.get("code") if refusal else None
    return isinstance(code, int) and code >= _SERVER_ERROR
