from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.utils import timezone

from django_gemafu.enums import EventKind, OrderStatus
from django_gemafu.exceptions import (
    EchoMismatch,
    GatewayRejection,
    GatewayTimeout,
    GatewayUnreachable,
    InvalidGatewayAnswer,
    MessageError,
    OrderClosed,
    ReferenceConflict,
    TransactionOpen,
)
from django_gemafu.models import Order
from django_gemafu.operations import cancel_order, place_order, resume_order
from django_gemafu.operations.place_order import _insert
from django_gemafu.sandbox.enums import AnswerStyle, RefusalReason
from django_gemafu.sandbox.models import SandboxOrder
from django_gemafu.testing import make_order
from django_gemafu.testing.plugin import Sandbox


def place(**changes: Any) -> Order:
    values: dict[str, Any] = {"amount_fen": 1250, "customer_id": "42", "reference": "A-1001"}
    return place_order(**(values | changes))


def kinds(order: Order) -> list[str]:
    return [event.kind for event in order.events.all()]


def test_the_gateway_takes_the_order(gemafu_sandbox: Sandbox) -> None:
    order = place(return_url="https://shop.example/thanks/", body="桌号 7")

    stored = Order.objects.get(pk=order.pk)
    at_gateway = gemafu_sandbox.order(stored)
    assert stored.status == order.status == OrderStatus.PENDING
    assert stored.payable_fen == at_gateway.payable_fen == 1250
    assert stored.expires_at == at_gateway.expires_at.replace(microsecond=0)
    assert stored.qr_content.startswith(gemafu_sandbox.site_url)
    assert (at_gateway.reference, at_gateway.body) == ("A-1001", "桌号 7")
    assert at_gateway.return_url == "https://shop.example/thanks/"
    assert at_gateway.notify_url.startswith(f"{gemafu_sandbox.site_url}/pay/{order.token}/")
    assert kinds(order) == [EventKind.PLACED, EventKind.TAKEN]


def test_the_same_reference_gives_the_same_order(gemafu_sandbox: Sandbox) -> None:
    assert place() == place()
    assert SandboxOrder.objects.count() == Order.objects.count() == 1


def test_a_paid_order_is_given_back_and_not_asked_for_again(gemafu_sandbox: Sandbox) -> None:
    gemafu_sandbox.pay(place())

    assert place().status == OrderStatus.PAID


@pytest.mark.parametrize("change", [{"amount_fen": 1}, {"customer_id": "43"}, {"body": "x"}])
def test_the_same_reference_for_something_else_is_a_conflict(
    gemafu_sandbox: Sandbox, change: dict[str, Any]
) -> None:
    order = place()

    with pytest.raises(ReferenceConflict, match=next(iter(change))) as caught:
        place(**change)

    assert caught.value.order == order


def test_a_reference_in_another_case_is_another_reference(gemafu_sandbox: Sandbox) -> None:
    order = place(reference="a-1001")
    try:
        assert place(reference="A-1001") != order
    except ReferenceConflict:  # where the database's collation ignores case
        assert connection.vendor == "mysql"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"amount_fen": 0}, "amount_fen"),
        ({"amount_fen": 12.5}, "amount_fen"),
        ({"amount_fen": True}, "amount_fen"),
        ({"customer_id": 42}, "customer_id"),
        ({"customer_id": ""}, "customer_id"),
        ({"reference": "x" * 65}, "reference"),
        ({"reference": "\ud800"}, "reference"),
        ({"body": "\x00"}, "body"),
        ({"return_url": "javascript:alert(1)"}, "return_url"),
        ({"return_url": "/thanks/"}, "return_url"),
    ],
)
@pytest.mark.django_db
def test_an_impossible_value_is_refused_by_its_name_and_nothing_stored(
    change: dict[str, Any], message: str
) -> None:
    with pytest.raises(MessageError, match=message):
        place(**change)

    assert not Order.objects.exists()


@pytest.mark.parametrize("status", [OrderStatus.FAILED, OrderStatus.EXPIRED, OrderStatus.CANCELLED])
@pytest.mark.django_db
def test_an_order_that_has_ended_needs_a_new_reference(status: OrderStatus) -> None:
    order = make_order(reference="A-1001", customer_id="42", status=status)

    with pytest.raises(OrderClosed, match="new reference") as caught:
        place()

    assert caught.value.order == order


def test_an_order_whose_time_is_over_has_ended(gemafu_sandbox: Sandbox) -> None:
    order = place()
    Order.objects.filter(pk=order.pk).update(expires_at=timezone.now() - timedelta(seconds=1))

    with pytest.raises(OrderClosed, match="expired"):
        place()


def test_an_order_that_was_paid_at_the_last_moment_has_not_ended(gemafu_sandbox: Sandbox) -> None:
    order = place()
    gemafu_sandbox.pay(order, notifies=False)
    Order.objects.filter(pk=order.pk).update(
        expires_at=timezone.now() - timedelta(seconds=1), checked_at=None
    )

    assert place().status == OrderStatus.PAID


@pytest.mark.django_db(transaction=True)
def test_it_is_refused_inside_a_transaction() -> None:
    with transaction.atomic(), pytest.raises(TransactionOpen):
        place()

    assert not Order.objects.exists()


def test_a_refusal_fails_the_order(gemafu_sandbox: Sandbox) -> None:
    gemafu_sandbox.behave(refusal=RefusalReason.BALANCE)

    with pytest.raises(GatewayRejection) as caught:
        place()

    order = Order.objects.get()
    assert caught.value.order == order
    assert order.status == OrderStatus.FAILED
    assert kinds(order) == [EventKind.PLACED, EventKind.REFUSED]
    assert caught.value.reason in list(order.events.all())[-1].sentence


@pytest.mark.django_db(transaction=True)
def test_a_gateway_that_cannot_be_reached_leaves_the_order_to_be_resumed() -> None:
    with pytest.raises(GatewayUnreachable) as caught:
        place()

    order = Order.objects.get()
    assert caught.value.order == order
    assert (order.status, order.checked_at) == (OrderStatus.PLACING, None)
    assert kinds(order) == [EventKind.PLACED, EventKind.UNANSWERED]


def test_an_unreadable_answer_leaves_the_order_to_be_resumed(gemafu_sandbox: Sandbox) -> None:
    gemafu_sandbox.behave(answer_style=AnswerStyle.HTML)
    with pytest.raises(InvalidGatewayAnswer):
        place()
    gemafu_sandbox.behave(answer_style=AnswerStyle.NORMAL)

    assert place().status == OrderStatus.PENDING
    assert SandboxOrder.objects.count() == 1


class TestATimeout:
    @pytest.fixture(autouse=True)
    def slow_gateway(self, gemafu_sandbox: Sandbox, settings: Any) -> None:
        gemafu_sandbox.behave(delay_seconds=0.5)
        settings.GEMAFU = {**settings.GEMAFU, "READ_TIMEOUT_SECONDS": 0.2}

    def test_it_leaves_an_order_that_can_be_resumed(self, gemafu_sandbox: Sandbox) -> None:
        with pytest.raises(GatewayTimeout):
            place()
        assert Order.objects.get().status == OrderStatus.PLACING
        gemafu_sandbox.behave(delay_seconds=0)

        order = resume_order(Order.objects.get())

        assert order.status == OrderStatus.PENDING
        assert gemafu_sandbox.order(order).reference == "A-1001"

    def test_the_payment_of_an_order_that_was_taken_unheard_is_taken(
        self, gemafu_sandbox: Sandbox
    ) -> None:
        with pytest.raises(GatewayTimeout):
            place()
        order = Order.objects.get()
        order.gateway_order_id = wait_for_order_at_gateway()

        gemafu_sandbox.pay(order)

        order.refresh_from_db()
        assert order.status == OrderStatus.PAID


def wait_for_order_at_gateway() -> int:
    for _ in range(100):
        if at_gateway := SandboxOrder.objects.first():
            return at_gateway.number
        threading.Event().wait(0.05)
    raise AssertionError("the gateway never took the order")


def test_one_call_at_a_time_asks_for_an_order(gemafu_sandbox: Sandbox) -> None:
    order = make_order(status=OrderStatus.PLACING, gateway_order_id=None, payable_fen=None)

    assert resume_order(order).status == OrderStatus.PLACING
    assert not SandboxOrder.objects.exists()


def test_a_call_that_died_is_taken_over(gemafu_sandbox: Sandbox) -> None:
    order = make_order(
        status=OrderStatus.PLACING,
        gateway_order_id=None,
        payable_fen=None,
        checked_at=timezone.now() - timedelta(minutes=1),
    )

    assert resume_order(order).status == OrderStatus.PENDING


def test_an_order_cancelled_during_the_call_stays_cancelled(
    gemafu_sandbox: Sandbox, settings: Any
) -> None:
    gemafu_sandbox.behave(delay_seconds=0.5)
    orders: list[Order] = []

    def place_in_thread() -> None:
        orders.append(place())
        connections.close_all()

    thread = threading.Thread(target=place_in_thread)
    thread.start()
    while not Order.objects.exists():
        threading.Event().wait(0.02)
    cancel_order(Order.objects.get())
    thread.join()

    assert orders[0].status == OrderStatus.CANCELLED
    assert orders[0].gateway_order_id == SandboxOrder.objects.get().number
    assert kinds(orders[0])[-1] == EventKind.ANSWERED_LATE


def test_a_number_that_the_gateway_gave_to_another_order_is_refused(
    gemafu_sandbox: Sandbox,
) -> None:
    number = place().gateway_order_id
    Order.objects.update(status=OrderStatus.PLACING, gateway_order_id=None, checked_at=None)
    make_order(reference="A-1000", gateway_order_id=number)
    order = Order.objects.get(reference="A-1001")

    with pytest.raises(EchoMismatch, match="given to another order") as caught:
        resume_order(order)

    assert caught.value.order == order
    assert order.status == OrderStatus.PLACING


@pytest.mark.django_db
def test_who_comes_second_with_a_reference_gets_the_order_of_the_first() -> None:
    order = make_order(reference="A-1001")
    draft = Order.objects.get()
    draft.pk, draft.token, draft.gateway_order_id = None, uuid4(), None

    assert _insert(draft) == order


@pytest.mark.django_db
def test_another_fault_of_the_row_is_not_taken_for_a_used_reference() -> None:
    draft = make_order(reference="A-1001")
    draft.pk, draft.reference = None, "A-1002"

    with pytest.raises(IntegrityError):
        _insert(draft)  # the token is used


def test_two_calls_with_one_reference_place_one_order(gemafu_sandbox: Sandbox) -> None:
    barrier = threading.Barrier(4)
    results: list[Order] = []

    def place_at_once() -> None:
        barrier.wait()
        results.append(place())
        connections.close_all()

    threads = [threading.Thread(target=place_at_once) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(results) == 4
    assert {order.pk for order in results} == {Order.objects.get().pk}
    assert SandboxOrder.objects.count() == 1
