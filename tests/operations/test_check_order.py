from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.db import transaction

from django_gemafu.enums import EventKind, OrderStatus, PaymentSource
from django_gemafu.exceptions import (
    DeliveryFailed,
    GatewayUnreachable,
    OrderNotTaken,
    TransactionOpen,
)
from django_gemafu.models import Order
from django_gemafu.operations import check_order, place_order
from django_gemafu.testing import make_order
from django_gemafu.testing.plugin import Sandbox
from tests.conftest import Receiver


def place() -> Order:
    return place_order(amount_fen=1250, customer_id="42", reference="A-1001")


def test_an_unpaid_order_is_not_paid(gemafu_sandbox: Sandbox) -> None:
    order = place()

    assert not check_order(order)

    assert order.checked_at is not None
    assert Order.objects.get().status == OrderStatus.PENDING


def test_a_payment_whose_notification_never_came_is_found(
    gemafu_sandbox: Sandbox, receiver: Receiver
) -> None:
    order = place()
    gemafu_sandbox.pay(order, notifies=False)

    assert check_order(order)

    order.refresh_from_db()
    payment = order.payments.get()
    assert (order.status, payment.source) == (OrderStatus.PAID, PaymentSource.QUERY)
    assert receiver.received == [(order, payment)]


def test_checking_again_delivers_what_failed_before(
    gemafu_sandbox: Sandbox, receiver: Receiver
) -> None:
    order = place()
    receiver.raises = RuntimeError("not yet")
    gemafu_sandbox.pay(order)
    order.refresh_from_db()
    with pytest.raises(DeliveryFailed):
        check_order(order)
    receiver.raises = None

    assert check_order(order)

    assert len(receiver.received) == 1
    assert order.payments.count() == 1


def test_what_did_not_fit_is_not_taken_on_the_gateways_word(gemafu_sandbox: Sandbox) -> None:
    order = place()
    gemafu_sandbox.pay(order, amount_fen=1)

    assert check_order(order)

    assert Order.objects.get().status == OrderStatus.PENDING


@pytest.mark.django_db
def test_an_order_without_a_number_cannot_be_asked_about() -> None:
    order = make_order(gateway_order_id=None, status=OrderStatus.PLACING)

    with pytest.raises(OrderNotTaken) as caught:
        check_order(order)

    assert caught.value.order == order


def test_the_story_tells_what_a_person_was_answered(gemafu_sandbox: Sandbox) -> None:
    user = User.objects.create_user("operator")
    order = place()

    check_order(order, user=user)

    event = order.events.get(kind=EventKind.CHECKED)
    assert (event.user, event.sentence) == (user, "Asked at the gateway: not paid yet.")


@pytest.mark.django_db
def test_the_story_tells_a_persons_failed_attempt() -> None:
    user = User.objects.create_user("operator")
    order = make_order()

    with pytest.raises(GatewayUnreachable) as caught:
        check_order(order, user=user, timeout_seconds=0.5)

    assert caught.value.order == order
    assert order.events.get().user == user


@pytest.mark.django_db(transaction=True)
def test_no_row_stays_locked_while_the_gateway_is_asked() -> None:
    order = make_order()

    with transaction.atomic(), pytest.raises(TransactionOpen):
        check_order(order)


@pytest.mark.django_db
def test_a_program_that_fails_to_ask_leaves_no_trace_in_the_story() -> None:
    order = make_order()

    with pytest.raises(GatewayUnreachable):
        check_order(order)

    assert not order.events.exists()
