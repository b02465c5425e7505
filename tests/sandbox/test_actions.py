from __future__ import annotations

import pytest
from django.test import Client

from django_gemafu.sandbox import paying
from django_gemafu.sandbox.actions import ACTIONS
from django_gemafu.sandbox.models import NotificationAttempt, SandboxOrder
from tests.sandbox.browser import BEHAVIOUR, page, press
from tests.sandbox.foreign import Shop
from tests.sandbox.orders import fresh, placed

pytestmark = pytest.mark.usefixtures("background_db")


@pytest.fixture
def order(shop: Shop) -> SandboxOrder:
    return placed(notify_url=shop.url)


def test_pay_exactly(order: SandboxOrder, shop: Shop) -> None:
    assert "Paid with the amount asked for." in press(order, "pay")
    assert [each["data"]["money"] for each in shop.received] == [1250]
    assert fresh(order).status == 2


def test_pay_another_amount(order: SandboxOrder, shop: Shop) -> None:
    assert "Paid with another amount." in press(order, "pay_other", amount="9.99")
    assert [each["data"]["money"] for each in shop.received] == [999]


@pytest.mark.parametrize("amount", ["", "x", "0", "-1", "1e99"])
def test_pay_what_is_no_amount(order: SandboxOrder, shop: Shop, amount: str) -> None:
    assert "Nothing was done" in press(order, "pay_other", amount=amount)
    assert not shop.received
    assert fresh(order).is_open


def test_pay_twice(order: SandboxOrder, shop: Shop) -> None:
    press(order, "pay_twice")
    assert len({each["data"]["payid"] for each in shop.received}) == 2
    assert {each["data"]["orderid"] for each in shop.received} == {order.number}


def test_expire(order: SandboxOrder) -> None:
    assert "Expired." in press(order, "expire")
    assert fresh(order).is_expired
    assert fresh(order).status == 1


def test_expire_then_pay(order: SandboxOrder, shop: Shop) -> None:
    press(order, "pay_late")
    assert len(shop.received) == 1
    assert fresh(order).is_expired
    assert fresh(order).is_paid


def test_pay_late_what_expired_by_itself(order: SandboxOrder, shop: Shop) -> None:
    paying.expire(order)
    expired_at = fresh(order).expires_at
    press(order, "pay_late")
    assert fresh(order).expires_at == expired_at
    assert len(shop.received) == 1


def test_pay_and_do_not_notify(order: SandboxOrder, shop: Shop) -> None:
    press(order, "pay_silently")
    assert not shop.received
    assert fresh(order).status == 3


def test_send_again(order: SandboxOrder, shop: Shop) -> None:
    press(order, "pay")
    press(order, "send_again")
    assert shop.received[0] == shop.received[1]


@pytest.mark.parametrize("is_paid_before", [True, False])
def test_send_ten_at_once(order: SandboxOrder, shop: Shop, is_paid_before: bool) -> None:
    if is_paid_before:
        press(order, "pay_silently")
    press(order, "send_ten")
    assert len(shop.received) == 10
    assert len({each["data"]["payid"] for each in shop.received}) == 1
    assert fresh(order).status == 2


def test_send_tampered(order: SandboxOrder, shop: Shop) -> None:
    shop.answers = [(403, b"forged")]
    press(order, "send_tampered")
    assert [each["data"]["money"] for each in shop.received] == [1251]
    assert NotificationAttempt.objects.get().kind == "tampered"
    press(order, "send_again")
    assert shop.received[-1]["data"]["money"] == 1250


def test_buttons_fit_the_state(order: SandboxOrder) -> None:
    def offered() -> set[str]:
        text = page()
        return {name for name in ACTIONS if f'value="{name}"' in text}

    assert offered() == set(ACTIONS) - {"send_again"}
    paying.expire(order)
    assert offered() == set(ACTIONS) - {"send_again", "expire"}
    press(order, "pay")
    assert offered() == set(ACTIONS) - {"expire", "pay_late"}


def test_leads_back_to_the_order(order: SandboxOrder) -> None:
    response = Client().post(f"/sandbox/orders/{order.number}/", {"action": "expire"})
    expected = f"/sandbox/?order={order.number}&done=expire#order-{order.number}"
    assert response.headers["Location"] == expected


def test_unknown_action(order: SandboxOrder) -> None:
    url = f"/sandbox/orders/{order.number}/"
    assert Client().post(url, {"action": "steal"}).status_code == 400
    assert Client().post(url).status_code == 400


def test_unknown_order() -> None:
    assert Client().post("/sandbox/orders/1/", {"action": "pay"}).status_code == 404


def test_only_post_with_csrf(order: SandboxOrder) -> None:
    url = f"/sandbox/orders/{order.number}/"
    assert Client().get(url).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(url, {"action": "pay"}).status_code == 403
    assert strict.post(BEHAVIOUR, {"reset": "1"}).status_code == 403
    assert fresh(order).is_open
