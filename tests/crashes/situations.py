"""Orders in the situations in which a notification may find them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from django.utils import timezone

from django_gemafu.enums import OrderStatus, PaymentSource
from django_gemafu.models import Order
from django_gemafu.operations import settle
from django_gemafu.testing import make_order


def placing() -> Order:
    """The gateway took the order, but its answer never came."""
    return make_order(
        status=OrderStatus.PLACING,
        gateway_order_id=None,
        payable_fen=None,
        qr_content="",
        expires_at=None,
    )


def expired() -> Order:
    an_hour_ago = timezone.now() - timedelta(hours=1)
    return make_order(status=OrderStatus.EXPIRED, expires_at=an_hour_ago)


def paid_by_query() -> Order:
    """A question settled the order; then the worker died before it was delivered."""
    order = make_order()
    settle(order, source=PaymentSource.QUERY)
    return order


#: Each with the least number of points at which a worker may die meanwhile.
SITUATIONS: Mapping[str, tuple[Callable[[], Order], int]] = {
    "pending": (make_order, 23),
    "placing": (placing, 23),
    "expired": (expired, 23),
    "paid by query": (paid_by_query, 23),
}
