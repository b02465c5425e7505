"""Requests during which the worker asks the gateway, and orders to be asked about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import uuid4

import requests
from django.utils import timezone

from django_gemafu.enums import EventKind
from django_gemafu.models import Order
from django_gemafu.operations import place_order
from django_gemafu.sandbox.models import SandboxPayment
from django_gemafu.testing.plugin import Sandbox
from tests.crashes.shop import Shop

PLACED = [EventKind.PLACED, EventKind.TAKEN]
DONE = [*PLACED, EventKind.PAID, EventKind.DELIVERED]


def get(shop: Shop, path: str) -> requests.Response | None:
    """Return the answer, or ``None`` if there is no whole one."""
    shop.notes.take("passed")
    try:
        return requests.get(shop.url + path, timeout=30)
    except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
        return None


def die(shop: Shop, path: str, points: Sequence[str]) -> None:
    """Let the visitor see how the worker dies at the last of the points."""
    worker = shop.worker
    shop.plan("die", at=len(points))
    get(shop, path)
    assert shop.wait_for_death(worker) == [*points]


def placed() -> Order:
    return place_order(amount_fen=1250, customer_id="42", reference=str(uuid4()))


def paid_unseen(gateway: Sandbox) -> tuple[Order, SandboxPayment]:
    """Return an order that was paid, of which no notification came."""
    order = placed()
    return order, gateway.pay(order, notifies=False)


def let_claims_run_out() -> None:
    """Let time pass after a death, until another caller may ask."""
    Order.objects.update(checked_at=timezone.now() - timedelta(hours=1))
