from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from django_gemafu.sandbox import notifier, paying
from django_gemafu.sandbox.models import Behaviour, SandboxOrder, SandboxPayment
from tests.sandbox.foreign import Shop
from tests.sandbox.orders import fresh, placed

pytestmark = pytest.mark.django_db


def url_of(order: SandboxOrder) -> str:
    return f"/sandbox/wallet/{order.number}/"


def page(order: SandboxOrder) -> str:
    response = Client().get(url_of(order))
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def free_input_order() -> SandboxOrder:
    Behaviour(pk=1, gives_free_input_codes=True).save()
    return placed()


def test_fixed_code_shows_merchant_and_amount() -> None:
    text = page(placed(app_name="<b>小店</b>"))
    assert "&lt;b&gt;小店&lt;/b&gt;" in text
    assert "¥12.50" in text
    assert 'name="amount"' not in text


def test_free_input_code_shows_a_field_and_no_amount(free_input_order: SandboxOrder) -> None:
    text = page(free_input_order)
    assert 'name="amount"' in text
    assert "12.50" not in text


def test_pages_hold_nothing_inline(free_input_order: SandboxOrder) -> None:
    text = page(free_input_order)
    assert "<script" not in text
    assert "<style" not in text
    assert "style=" not in text


def test_paying() -> None:
    order = placed(return_url="https://shop.example/thanks/?a=1&b=2")
    response = Client().post(url_of(order))
    assert (response.status_code, response["Location"]) == (302, url_of(order))

    [payment] = SandboxPayment.objects.all()
    assert (payment.order, payment.amount_fen, payment.state) == (order, 1250, "pending")
    assert not fresh(order).is_open
    text = page(order)
    assert "<title>Paid · SHOP</title>" in text
    assert 'href="https://shop.example/thanks/?a=1&amp;b=2"' in text
    assert "<form" not in text


def test_no_way_back_to_what_is_no_web_page() -> None:
    order = placed(return_url="javascript:alert(1)")
    Client().post(url_of(order))
    assert "javascript" not in page(order)


def test_paying_twice_pays_once() -> None:
    order = placed()
    Client().post(url_of(order))
    assert Client().post(url_of(order)).status_code == 302
    assert SandboxPayment.objects.count() == 1


def test_expired_code_cannot_be_paid() -> None:
    order = placed(return_url="https://shop.example/")
    paying.expire(order)
    text = page(order)
    assert "This code has expired" in text
    assert 'href="https://shop.example/"' in text
    assert "<form" not in text
    Client().post(url_of(order))
    assert not SandboxPayment.objects.exists()


@pytest.mark.parametrize("typed", ["12.50", "12.5", " 12.5 "])
def test_free_input_exact(free_input_order: SandboxOrder, typed: str) -> None:
    response = Client().post(url_of(free_input_order), {"amount": typed})
    assert response.status_code == 302
    assert SandboxPayment.objects.get().amount_fen == 1250


@pytest.mark.parametrize(
    ("typed", "complaint"),
    [
        ("12.49", "recognises no order by this amount"),
        ("12,50", "Enter a number"),
        ("", "required"),
        ("0", "greater than or equal to 0.01"),
        ("12.505", "no more than 2 decimal places"),
        ("NaN", "Enter a number"),
    ],
)
def test_free_input_not_exact(free_input_order: SandboxOrder, typed: str, complaint: str) -> None:
    response = Client().post(url_of(free_input_order), {"amount": typed})
    assert complaint in response.content.decode()
    assert not SandboxPayment.objects.exists()
    assert fresh(free_input_order).is_open


@pytest.mark.parametrize("number", [1, 2**70])
def test_unknown_order(number: int) -> None:
    assert Client().get(f"/sandbox/wallet/{number}/").status_code == 404


def test_csrf_is_checked() -> None:
    assert Client(enforce_csrf_checks=True).post(url_of(placed())).status_code == 403


def test_csrf_is_checked_without_the_hosts_middleware(settings: Any) -> None:
    settings.MIDDLEWARE = []
    assert Client(enforce_csrf_checks=True).post(url_of(placed())).status_code == 403


def test_other_methods() -> None:
    assert Client().delete(url_of(placed())).status_code == 405


def test_nothing_is_cached() -> None:
    assert "no-store" in Client().get(url_of(placed()))["Cache-Control"]


@pytest.mark.usefixtures("background_db")
def test_shop_is_notified(shop: Shop) -> None:
    Client().post(url_of(placed(notify_url=shop.url)))
    notifier.wait_until_idle()
    assert shop.received[0]["data"]["money"] == 1250
