"""A gateway that misbehaves: the right error in time, no harm, and an order that can go on."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import reverse

from django_gemafu.conf import conf
from django_gemafu.enums import EventKind, OrderStatus
from django_gemafu.exceptions import GatewayError, GatewayTimeout
from django_gemafu.models import Order, Payment
from django_gemafu.operations import check_order, place_order
from django_gemafu.testing import make_order, pay
from tests.conftest import Receiver
from tests.hostile.gateways import (
    SHORT_SECONDS,
    Gateway,
    says,
    well,
)
from tests.hostile.misbehaviour import ANY_CALL, WORDS
from tests.hostile.world import proof_of, send

pytestmark = pytest.mark.django_db

#: What a busy machine may need besides.
MARGIN_SECONDS = 0.8


def place() -> Order:
    return place_order(amount_fen=1250, customer_id="42", reference="A-1001")


def misbehave(gateway: Gateway, name: str) -> type[GatewayError]:
    """Let the gateway do it, and return the error that is due."""
    gateway.answer, kind = ANY_CALL[name]
    if kind is GatewayTimeout:
        gateway.is_too_slow()
    return kind


@contextlib.contextmanager
def in_time() -> Iterator[None]:
    start = time.monotonic()
    yield
    assert time.monotonic() - start < SHORT_SECONDS + MARGIN_SECONDS


def assert_shown(order: Order) -> None:
    """The page, its status and its code can be had, and repeat nothing that the gateway said."""
    for name in ("checkout", "status"):
        answer = send(reverse(f"gemafu:{name}", args=[order.token]), method="GET", statements=12)
        assert answer.status_code == 200
        assert WORDS.encode() not in answer.content


def assert_tells_no_secret(error: GatewayError, caplog: pytest.LogCaptureFixture) -> None:
    assert error.order is not None
    told = [str(error), repr(vars(error)), caplog.text]
    told += [str(event.facts) + event.sentence for event in error.order.events.all()]
    secrets = [conf.secret_key, proof_of(error.order), "\x00", "\\x00", "\\u0000", "\x1b"]
    assert not [secret for secret in secrets for text in told if secret in text]


@pytest.mark.parametrize("name", ANY_CALL)
def test_an_order_that_could_not_be_placed_goes_on_later(
    name: str, gateway: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    kind = misbehave(gateway, name)

    with in_time(), pytest.raises(GatewayError) as caught:
        place()

    order = Order.objects.get()
    assert (type(caught.value), caught.value.order) == (kind, order)
    assert order.status == OrderStatus.PLACING
    assert not Payment.objects.exists()
    assert len(gateway.asked) == 1
    assert_tells_no_secret(caught.value, caplog)
    assert_shown(order)

    gateway.recovers()
    assert place() == order
    order.refresh_from_db()
    assert order.status == OrderStatus.PENDING
    assert pay(order).status == OrderStatus.PAID


@pytest.mark.parametrize("name", ANY_CALL)
def test_an_order_that_could_not_be_asked_about_is_asked_about_later(
    name: str, gateway: Gateway, caplog: pytest.LogCaptureFixture, receiver: Receiver
) -> None:
    kind = misbehave(gateway, name)
    order = make_order()

    with in_time(), pytest.raises(GatewayError) as caught:
        check_order(order)

    assert (type(caught.value), caught.value.order) == (kind, order)
    assert_tells_no_secret(caught.value, caplog)
    order.refresh_from_db()
    assert order.status == OrderStatus.PENDING
    assert not Payment.objects.exists()
    assert not order.events.exists()
    assert not receiver.received

    gateway.recovers()
    assert not check_order(order)
    gateway.answer = says({"code": "200", "status": "2"})
    assert check_order(order)
    order.refresh_from_db()
    assert order.status == OrderStatus.PAID
    assert len(receiver.received) == 1


@pytest.mark.parametrize("name", ANY_CALL)
def test_the_page_of_an_order_is_shown_all_the_same(
    name: str, gateway: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    misbehave(gateway, name)
    order = make_order(checked_at=None)

    with in_time():
        assert_shown(order)

    assert len(gateway.asked) == 1  # within the interval the second view asks no more
    assert not Payment.objects.exists()
    assert not order.events.exists()
    assert pay(order).status == OrderStatus.PAID


def test_an_hour_of_failures_is_survived(gateway: Gateway) -> None:
    """Called again and again, the same order is asked for each time, and told of each time."""
    pending = make_order()
    gateway.answer = says(WORDS.encode(), status="503 Unavailable", headers="Retry-After: 3600\r\n")
    for _ in range(60):
        with in_time(), pytest.raises(GatewayError):
            place()
        with in_time(), pytest.raises(GatewayError):
            check_order(pending)
    order = Order.objects.get(reference="A-1001")
    assert order.events.filter(kind=EventKind.UNANSWERED).count() == 60
    assert len(gateway.asked) == 120

    gateway.recovers()
    assert place().status == OrderStatus.PENDING
    assert not check_order(pending)
    order.refresh_from_db()
    for each in (order, pending):
        assert pay(each).status == OrderStatus.PAID


def test_a_slow_gateway_that_answers_just_in_time_is_believed(gateway: Gateway) -> None:
    def slowly(data: dict[str, Any]) -> Iterator[bytes]:
        time.sleep(SHORT_SECONDS)
        yield from well(data)

    gateway.answer = slowly

    assert place().status == OrderStatus.PENDING
