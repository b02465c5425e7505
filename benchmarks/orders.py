"""Orders to be paid, and what is sent to pay them."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from urllib.parse import urlsplit

from django.utils import timezone

from benchmarks.requests import send
from django_gemafu.conf import conf
from django_gemafu.models import Order, OrderEvent, Payment
from django_gemafu.operations.notify_address import notify_url
from django_gemafu.protocol.messages import Envelope
from django_gemafu.testing import make_order, notification

Calls = Sequence[Callable[[], object]]
Message = tuple[str, bytes]


def empty() -> None:
    for model in (OrderEvent, Payment, Order):
        model.objects.all()._raw_delete(using="default")


def new_orders(size: int) -> list[Order]:
    return [make_order(reference=secrets.token_hex(8)) for _ in range(size)]


def add_unasked_orders(size: int) -> None:
    """Add orders that wait, and that nobody has asked about for a while."""
    now = timezone.now()
    for start in range(0, size, 1000):
        Order.objects.bulk_create(_unasked(now) for _ in range(min(1000, size - start)))


def bare_messages(size: int) -> list[Message]:
    return [_message(order, f"/bare/{order.token}/notify/") for order in new_orders(size)]


def messages(size: int) -> list[Message]:
    return [_message(order, urlsplit(notify_url(order.token)).path) for order in new_orders(size)]


def calls_of(make: Callable[[int], list[Message]]) -> Callable[[int], Calls]:
    def calls(size: int) -> Calls:
        return [partial(send, "POST", path, body) for path, body in make(size)]

    return calls


def _unasked(now: datetime) -> Order:
    return Order(
        merchant_id=9999,
        app_name="BENCHMARK",
        reference=secrets.token_hex(8),
        customer_id="customer",
        amount_fen=1250,
        payable_fen=1250,
        gateway_order_id=secrets.randbelow(10**15),
        qr_content="wxp://",
        status="pending",
        expires_at=now + timedelta(minutes=5),
        checked_at=now - timedelta(minutes=1),
    )


def _message(order: Order, path: str) -> Message:
    """Make the order's notification; its body tells the bare view the row, which ours finds."""
    Order.objects.filter(pk=order.pk).update(body=str(order.pk))
    order.body = str(order.pk)
    return path, Envelope.seal(notification(order), conf.secret_key).to_json()
