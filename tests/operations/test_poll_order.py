from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from django_gemafu.enums import EventKind, OrderStatus
from django_gemafu.models import Order
from django_gemafu.operations import cancel_order, place_order, poll_order
from django_gemafu.testing import make_order, notify
from django_gemafu.testing.plugin import Sandbox
from tests.conftest import Receiver


def long_ago() -> Any:
    return timezone.now() - timedelta(minutes=1)


@pytest.fixture
def paid_unseen(gemafu_sandbox: Sandbox) -> Order:
    order = place_order(amount_fen=1250, customer_id="42", reference="A-1001")
    gemafu_sandbox.pay(order, notifies=False)
    return order


def test_a_payment_that_no_notification_told_of_is_seen(
    paid_unseen: Order, receiver: Receiver
) -> None:
    Order.objects.update(checked_at=long_ago())
    order = Order.objects.get()

    poll_order(order)

    assert order.status == OrderStatus.PAID
    assert len(receiver.received) == 1


def test_the_gateway_is_asked_once_an_interval(paid_unseen: Order) -> None:
    poll_order(paid_unseen)

    assert paid_unseen.status == OrderStatus.PENDING


def test_of_several_processes_one_asks(paid_unseen: Order) -> None:
    Order.objects.update(checked_at=long_ago())
    stale = Order.objects.get()
    Order.objects.update(checked_at=timezone.now())

    poll_order(stale)

    assert stale.status == OrderStatus.PENDING


def test_an_order_that_has_only_just_expired_is_still_watched(paid_unseen: Order) -> None:
    Order.objects.update(checked_at=long_ago(), expires_at=long_ago(), status=OrderStatus.EXPIRED)
    order = Order.objects.get()

    poll_order(order)

    assert order.status == OrderStatus.PAID
    assert order.payments.get().is_late


@pytest.mark.django_db
def test_an_overdue_order_expires() -> None:
    order = make_order(expires_at=long_ago())

    poll_order(order)

    assert Order.objects.get().status == order.status == OrderStatus.EXPIRED


@pytest.mark.django_db
def test_an_overdue_order_that_was_cancelled_meanwhile_is_read_anew() -> None:
    stale = make_order(expires_at=long_ago())
    cancel_order(Order.objects.get())

    poll_order(stale)

    assert stale.status == OrderStatus.CANCELLED


@pytest.mark.django_db
def test_what_could_not_be_delivered_is_delivered_once_an_interval(receiver: Receiver) -> None:
    order = make_order()
    receiver.raises = RuntimeError("not yet")
    notify(order)
    order.refresh_from_db()
    attempts = order.events.filter(kind=EventKind.DELIVERY_FAILED)
    poll_order(order)
    assert attempts.count() == 1
    order.checked_at = long_ago()
    Order.objects.update(checked_at=order.checked_at)

    poll_order(order)  # fails again, which is logged
    poll_order(order)
    assert attempts.count() == 2
    receiver.raises = None
    Order.objects.update(checked_at=long_ago())
    poll_order(Order.objects.get())

    assert len(receiver.received) == 1


@pytest.mark.django_db
def test_a_failure_is_logged_and_left_to_the_next_poll(caplog: pytest.LogCaptureFixture) -> None:
    order = make_order(checked_at=long_ago())

    with caplog.at_level(logging.WARNING):
        poll_order(order)

    assert order.status == OrderStatus.PENDING
    assert "could not be reached" in caplog.text
