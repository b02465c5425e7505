from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from django_gemafu.enums import EventKind, OrderStatus
from django_gemafu.models import Order
from django_gemafu.operations import cancel_order, expire_orders
from django_gemafu.operations.expire_orders import expire_order
from django_gemafu.testing import make_order, pay

pytestmark = pytest.mark.django_db


def test_only_orders_whose_time_is_over_expire() -> None:
    over = timezone.now() - timedelta(seconds=1)
    overdue = make_order(reference="overdue", expires_at=over)
    make_order(reference="in time")
    pay(make_order(reference="paid", expires_at=over))

    assert expire_orders() == 1

    overdue.refresh_from_db()
    assert overdue.status == OrderStatus.EXPIRED
    assert overdue.events.get().kind == EventKind.EXPIRED
    assert Order.objects.filter(status=OrderStatus.EXPIRED).count() == 1


def test_the_time_can_be_given() -> None:
    make_order()

    assert expire_orders(now=timezone.now() + timedelta(days=1)) == 1


def test_an_order_that_was_cancelled_meanwhile_does_not_expire() -> None:
    order = make_order()
    stale = Order.objects.get(pk=order.pk)
    cancel_order(order)

    assert not expire_order(stale)
