"""Answers in good form that make no sense, or that are about something else."""

from __future__ import annotations

import contextlib
import time
from typing import Any

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from django_gemafu.enums import OrderStatus
from django_gemafu.exceptions import (
    EchoMismatch,
    GatewayError,
    GatewayRejection,
    InvalidGatewayAnswer,
)
from django_gemafu.models import Order, OrderEvent, Payment
from django_gemafu.operations import place_order
from django_gemafu.testing import make_order, notify, pay
from tests.hostile.gateways import Gateway, but, says, well
from tests.hostile.messages import nested
from tests.hostile.world import examples, page, send

pytestmark = pytest.mark.django_db

DAY_SECONDS = 24 * 3600
SCRIPT = "</p><script>alert(1)</script>"
_INTEGERS: list[Any] = [0, -1, 2**63, 1e30, 12.5, True, "", "x", "-5", "1e3", None, "9" * 4000]

ABSURD: list[tuple[dict[str, Any], type[GatewayError]]] = [
    *(
        ({name: value}, InvalidGatewayAnswer)
        for name in ("money", "orderid")
        for value in _INTEGERS
    ),
    *(({"m_money": value}, InvalidGatewayAnswer) for value in (0, -1, 12.5, True, None)),
    *(({"money": value}, EchoMismatch) for value in (1, 1149, 1351, 125_000, 2**63 - 1)),
    *(({"expiration": value}, InvalidGatewayAnswer) for value in (-1, 2**32, 1e10, "soon", None)),
    *(({"qr_content": value}, InvalidGatewayAnswer) for value in ("", None, 7, "x" * 513)),
    ({"qr_content": "x" * 100_000}, InvalidGatewayAnswer),
    ({"qr_content": "a\x00b"}, InvalidGatewayAnswer),
    ({"qr_content": ["wxp://x"]}, InvalidGatewayAnswer),
    ({"m_oid": "A-1002"}, EchoMismatch),
    ({"m_oid": "a-1001"}, EchoMismatch),
    ({"m_money": 1251}, EchoMismatch),
    ({"userid": "43"}, EchoMismatch),
    ({"appname": SCRIPT}, EchoMismatch),
    ({"f_url": "javascript:alert(1)"}, EchoMismatch),
    ({"further": {"nested": 1}}, InvalidGatewayAnswer),
]


FIELDS = [
    *("code", "msg", "orderid", "m_oid", "m_money", "userid", "appname", "money", "f_url"),
    *("qr_content", "freecode", "expiration", "further"),
]


def place(**changes: Any) -> Order:
    values: dict[str, Any] = {"amount_fen": 1250, "customer_id": "42", "reference": "A-1001"}
    return place_order(**(values | changes))


@pytest.mark.parametrize(("changes", "kind"), ABSURD, ids=lambda value: str(value)[:40])
def test_an_answer_that_makes_no_sense_leaves_the_order_to_be_resumed(
    changes: dict[str, Any], kind: type[GatewayError], gateway: Gateway
) -> None:
    gateway.answer = but(**changes)

    with pytest.raises(GatewayError) as caught:
        place()

    order = Order.objects.get()
    assert type(caught.value) is kind
    assert (order.status, order.qr_content, order.gateway_order_id) == ("placing", "", None)
    assert SCRIPT not in page(order)
    assert not Payment.objects.exists()
    gateway.answer = well
    assert place().status == OrderStatus.PENDING
    order.refresh_from_db()
    assert pay(order).status == OrderStatus.PAID


@given(changes=st.dictionaries(st.sampled_from(FIELDS), nested, min_size=1, max_size=3))
@examples(30)
def test_whatever_the_fields_of_the_answer_the_order_is_placed_or_to_be_resumed(
    changes: dict[str, Any], gateway: Gateway
) -> None:
    gateway.answer = but(**changes)
    with contextlib.suppress(GatewayError):
        place()
    order = Order.objects.get()
    assert order.status in (OrderStatus.PLACING, OrderStatus.PENDING, OrderStatus.FAILED)
    if order.status != OrderStatus.PENDING:
        assert (order.gateway_order_id, order.payable_fen, order.expires_at) == (None, None, None)
    assert (order.status == OrderStatus.FAILED) <= ("code" in changes)
    OrderEvent.objects.all().delete()
    order.delete()


def test_the_answer_of_another_order_is_not_taken(gateway: Gateway) -> None:
    gateway.answer = but(m_oid="A-1002", orderid=12)
    with pytest.raises(EchoMismatch):
        place()
    with pytest.raises(EchoMismatch):
        place(reference="A-1003")

    gateway.answer = well
    assert place().gateway_order_id == 4711


def test_a_number_that_another_order_has_is_not_taken(gateway: Gateway) -> None:
    other = make_order(gateway_order_id=4711)
    with pytest.raises(EchoMismatch, match="given to another order"):
        place()

    order = Order.objects.get(reference="A-1001")
    assert order.status == OrderStatus.PLACING
    assert "Getting your payment code" in page(order)
    gateway.answer = but(orderid=4712)
    assert place().gateway_order_id == 4712
    assert pay(other).status == OrderStatus.PAID


def test_a_refusal_is_the_end_and_shows_nothing_of_its_words(gateway: Gateway) -> None:
    gateway.answer = says({"code": 403, "msg": SCRIPT * 100})
    with pytest.raises(GatewayRejection) as caught:
        place()

    assert len(str(caught.value)) < 300
    order = Order.objects.get()
    assert order.status == OrderStatus.FAILED
    assert "alert(1)" not in page(order)


def test_a_code_with_html_in_it_is_shown_as_a_picture_alone(gateway: Gateway) -> None:
    gateway.answer = but(qr_content=SCRIPT, freecode=SCRIPT, further=SCRIPT)

    order = place()

    assert "alert(1)" not in page(order)
    answer = send(reverse("gemafu:qr", args=[order.token]), method="GET", statements=1)
    assert answer.content.startswith(b"\x89PNG")
    assert pay(order).status == OrderStatus.PAID


@pytest.mark.parametrize("text", ["x" * 512, "码" * 512, "😀" * 512, "\x01\x7f\u202e", "0"])
def test_any_code_that_is_taken_can_be_drawn(text: str, gateway: Gateway) -> None:
    gateway.answer = but(qr_content=text)
    order = place()
    answer = send(reverse("gemafu:qr", args=[order.token]), method="GET", statements=1)
    assert answer.content.startswith(b"\x89PNG")


class TestAClockThatIsOffByADay:
    @pytest.mark.parametrize("days", [1, 30, 365])
    def test_ahead_the_order_can_be_paid(self, days: int, gateway: Gateway) -> None:
        gateway.answer = but(expiration=int(time.time()) + days * DAY_SECONDS)

        order = place()

        assert "Pay with WeChat" in page(order)
        assert place() == order
        assert pay(order).status == OrderStatus.PAID

    def test_behind_it_is_said_and_the_order_can_be_resumed(self, gateway: Gateway) -> None:
        gateway.answer = but(expiration=int(time.time()) - DAY_SECONDS)
        with pytest.raises(InvalidGatewayAnswer, match="compare the clocks"):
            place()
        assert Order.objects.get().status == OrderStatus.PLACING

        gateway.answer = but()

        assert pay(place()).status == OrderStatus.PAID


def test_a_payment_that_was_reported_with_the_order_still_placing_is_kept(gateway: Gateway) -> None:
    """The answer got lost, the customer paid, the notification came: the order is paid."""
    gateway.answer = says(b"", status="502 Bad Gateway")
    with pytest.raises(GatewayError):
        place()
    order = Order.objects.get()

    assert notify(order).content == b"200"

    assert place().status == OrderStatus.PAID
    assert len(gateway.asked) == 1
