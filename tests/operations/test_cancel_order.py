from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from django_gemafu.enums import EventKind, OrderStatus
from django_gemafu.exceptions import OrderClosed
from django_gemafu.operations import cancel_order
from django_gemafu.testing import make_order, pay

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("status", [OrderStatus.PLACING, OrderStatus.PENDING])
def test_an_order_that_is_not_paid_can_be_cancelled(status: OrderStatus) -> None:
    user = User.objects.create_user("operator")
    order = make_order(status=status)

    cancel_order(order, user=user, note="customer left")

    order.refresh_from_db()
    assert order.status == OrderStatus.CANCELLED
    event = order.events.get()
    assert (event.kind, event.user) == (EventKind.CANCELLED, user)
    assert "customer left" in event.sentence


def test_cancelling_again_does_nothing() -> None:
    order = make_order()
    cancel_order(order)

    cancel_order(order)

    assert order.events.count() == 1


def test_a_paid_order_cannot_be_cancelled() -> None:
    order = make_order()
    pay(order)

    with pytest.raises(OrderClosed, match="is paid and cannot be cancelled") as caught:
        cancel_order(order)

    assert caught.value.order == order
    order.refresh_from_db()
    assert order.status == OrderStatus.PAID
