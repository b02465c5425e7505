"""Which orders and payments wait for a person, found by indexes however many others there are."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from django_gemafu.models import Order, OrderQuerySet, Payment, PaymentQuerySet

#: So many of each kind are looked at.
AT_MOST = 1000


def payments() -> PaymentQuerySet:
    """Payments that do not fit, oldest first."""
    return Payment.objects.unresolved().order_by("created_at", "pk")


def undelivered() -> OrderQuerySet:
    """Paid orders of which the shop has not been told, those first that were paid first."""
    return Order.objects.filter(pk__in=_ids(_undelivered())).order_by("paid_at", "pk")


def stuck() -> OrderQuerySet:
    """Orders that the gateway has not answered, oldest first."""
    return Order.objects.stuck(timezone.now()).order_by("created_at", "pk")


def orders() -> OrderQuerySet:
    """All orders about which there is something to decide."""
    in_question = payments().values_list("order_id", flat=True)[:AT_MOST]
    found = {*in_question, *_ids(_undelivered()), *_ids(stuck())}
    return Order.objects.filter(pk__in=found)


def count() -> int:
    """Count all of it."""
    kinds: tuple[Any, ...] = (payments().order_by(), _undelivered(), stuck().order_by())
    return sum(kind[:AT_MOST].count() for kind in kinds)


def _undelivered() -> OrderQuerySet:
    # In the order of their index. PostgreSQL, which takes the paid and the undelivered to have
    # nothing to do with each other, expects a lot of them, and would read the table.
    return Order.objects.undelivered().order_by("status", "delivered_at")


def _ids(orders: OrderQuerySet) -> list[int]:
    return list(orders.values_list("pk", flat=True)[:AT_MOST])
