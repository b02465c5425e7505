from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import transaction

from django_gemafu.enums import EventKind, OrderStatus, PaymentSource
from django_gemafu.exceptions import DeliveryFailed
from django_gemafu.models import Order
from django_gemafu.operations import deliver, settle
from django_gemafu.signals import payment_succeeded
from django_gemafu.testing import make_order
from tests.conftest import Receiver

pytestmark = pytest.mark.django_db


def paid_order() -> Order:
    order = make_order()
    settle(order, source=PaymentSource.MANUAL, amount_fen=order.due_fen)
    return order


def test_the_receiver_gets_the_order_and_its_payment(receiver: Receiver) -> None:
    order = paid_order()

    assert deliver(order)

    assert receiver.received == [(order, order.payments.get())]
    assert Order.objects.get(pk=order.pk).delivered_at == order.delivered_at is not None


def test_it_is_delivered_once(receiver: Receiver) -> None:
    order = paid_order()
    stale = Order.objects.get(pk=order.pk)

    assert [deliver(order), deliver(order), deliver(stale)] == [True, False, False]
    assert len(receiver.received) == 1


def test_an_unpaid_order_is_not_delivered(receiver: Receiver) -> None:
    assert not deliver(make_order())
    assert receiver.received == []


def test_a_failing_receiver_leaves_the_order_paid_and_undelivered(receiver: Receiver) -> None:
    order = paid_order()
    receiver.raises = RuntimeError("no stock \x00\ud800")

    with pytest.raises(DeliveryFailed) as caught:
        deliver(order)

    assert caught.value.order == order
    assert isinstance(caught.value.__cause__, RuntimeError)
    assert order.delivered_at is None
    assert list(Order.objects.undelivered()) == [order]
    event = order.events.get(kind=EventKind.DELIVERY_FAILED)
    assert event.facts["error"] == "RuntimeError: no stock ?"
    assert "raise self.raises" in event.facts["traceback"]


def test_it_is_delivered_again_until_it_succeeds(receiver: Receiver) -> None:
    order = paid_order()
    receiver.raises = RuntimeError("not yet")
    for _ in range(3):
        with pytest.raises(DeliveryFailed):
            deliver(order)
    receiver.raises = None

    assert deliver(order)
    assert not Order.objects.undelivered().exists()


def test_what_receivers_write_goes_with_the_mark() -> None:
    def write(**kwargs: Any) -> None:
        Group.objects.create(name="written by a receiver")

    def fail(**kwargs: Any) -> None:
        raise RuntimeError("after the write")

    order = paid_order()
    payment_succeeded.connect(write)
    payment_succeeded.connect(fail)
    try:
        with pytest.raises(DeliveryFailed):
            deliver(order)
        assert not Group.objects.exists()
        payment_succeeded.disconnect(fail)
        assert deliver(order)
        assert Group.objects.count() == 1
    finally:
        payment_succeeded.disconnect(write)
        payment_succeeded.disconnect(fail)


def test_a_stale_instance_is_read_anew_before_receivers_see_it(receiver: Receiver) -> None:
    stale = make_order()
    order = Order.objects.get()
    settle(order, source=PaymentSource.STATEMENT, amount_fen=1250, gateway_payment_id=77)

    assert deliver(stale)

    seen, _payment = receiver.received[0]
    assert (seen.status, seen.paid_at is None) == (OrderStatus.PAID, False)
    assert seen.delivered_at is not None


@pytest.mark.django_db(transaction=True)
def test_what_fails_after_the_commit_leaves_the_order_delivered() -> None:
    done: list[str] = []

    def put_off(**kwargs: Any) -> None:
        transaction.on_commit(lambda: done.append("a mail"))
        transaction.on_commit(lambda: done.remove("a letter"))

    order = paid_order()
    payment_succeeded.connect(put_off)
    try:
        assert deliver(order)
        assert not deliver(Order.objects.get())
    finally:
        payment_succeeded.disconnect(put_off)

    assert done == ["a mail"]
    assert Order.objects.get().delivered_at == order.delivered_at is not None
    story = [event.kind for event in order.events.all()]
    assert story[1:] == [EventKind.DELIVERED, EventKind.AFTERMATH_FAILED]
    assert "ValueError" in str(order.events.last())


def test_the_story_tells_who_delivered(receiver: Receiver) -> None:
    user = User.objects.create_user("operator")
    order = paid_order()

    deliver(order, user=user)

    assert order.events.get(kind=EventKind.DELIVERED).user == user
