"""Orders in the gateway's memory, ready for a test."""

from __future__ import annotations

from typing import Any

from django_gemafu.protocol.messages import PlaceOrderRequest, utc_now
from django_gemafu.sandbox.models import SandboxOrder
from django_gemafu.sandbox.placing import place


def request_for(**changes: Any) -> PlaceOrderRequest:
    values: dict[str, Any] = {
        "merchant_id": 9999,
        "reference": "A-1001",
        "amount_fen": 1250,
        "sent_at": utc_now(),
        "notify_url": "http://127.0.0.1:9/notify",
        "customer_id": "customer-1",
        "app_name": "SHOP",
        **changes,
    }
    return PlaceOrderRequest(**values)


def placed(**changes: Any) -> SandboxOrder:
    return place(request_for(**changes))


def fresh(order: SandboxOrder) -> SandboxOrder:
    return SandboxOrder.objects.get(pk=order.pk)
