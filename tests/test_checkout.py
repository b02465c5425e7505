from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from django_gemafu.checkout import CheckoutState, device_of, panel_context
from django_gemafu.enums import EventKind, OrderStatus
from django_gemafu.models import GRACE, Order
from django_gemafu.testing import make_order, notification, notify, pay

pytestmark = pytest.mark.django_db

LINUX = "Mozilla/5.0 (Linux; Android 14; PGT-AN00) AppleWebKit/537.36 (KHTML, like Gecko)"
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; WOW64) AppleWebKit/537.36 (KHTML, like Gecko)"
IOS = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML)"
HARMONY = "Mozilla/5.0 (Phone; OpenHarmony 5.0) AppleWebKit/537.36 Chrome/114.0.0.0 Safari/537.36"


@pytest.mark.parametrize(
    ("user_agent", "device"),
    [
        (f"{IOS} Mobile/15E148 MicroMessenger/8.0.53(0x18003531) NetType/WIFI", "wechat"),
        (
            f"{LINUX} Chrome/116.0.0.0 Mobile Safari/537.36 XWEB/1 MicroMessenger/8.0",
            "wechat",
        ),
        (f"{LINUX} Chrome/116.0.0.0 Safari/537.36 MicroMessenger/8.0 (a tablet)", "wechat"),
        (f"{WINDOWS} Chrome/98.0 Safari/537.36 MicroMessenger/7.0 WindowsWechat", "desktop"),
        (f"{MAC} MicroMessenger/6.8.0 MacWechat/3.8.9", "desktop"),
        (f"{IOS} Version/18.1 Mobile/15E148 Safari/604.1", "iphone"),
        (f"{IOS} CriOS/131.0 Mobile/15E148 Safari/604.1", "iphone"),
        (f"{LINUX} Chrome/131.0.0.0 Mobile Safari/537.36", "phone"),
        (f"{HARMONY} ArkWeb/4.1.6.1 Mobile", "phone"),
        (f"{LINUX} Chrome/131.0.0.0 Safari/537.36", "desktop"),  # a tablet
        (f"{MAC} Version/18.1 Safari/605.1.15", "desktop"),
        ("", "desktop"),
        ("\x00 no browser", "desktop"),
    ],
)
def test_the_device(user_agent: str, device: str) -> None:
    assert device_of(user_agent) == device


class TestTheEtag:
    def etag(self, order: Order) -> str:
        return CheckoutState.of(order).etag

    def test_all_that_the_page_shows_changes_it(self) -> None:
        now = timezone.now()
        variants: list[dict[str, Any]] = [
            {},
            {"payable_fen": 1249},
            {"needs_review": True},
            {"expires_at": now + timedelta(hours=1)},
            {"expires_at": now - timedelta(seconds=1)},
            {"status": OrderStatus.PLACING, "payable_fen": None},
            {"status": OrderStatus.CANCELLED},
            {"status": OrderStatus.FAILED},
            {"status": OrderStatus.PAID, "paid_at": now},
            {"status": OrderStatus.PAID, "paid_at": now, "needs_review": True},
        ]
        etags = {self.etag(make_order(**{"expires_at": now, **each})) for each in variants[1:]}

        assert len(etags | {self.etag(make_order())}) == len(variants)

    def test_it_is_weak_because_the_seconds_go_on(self) -> None:
        assert self.etag(make_order()).startswith('W/"')


def test_time_that_is_over_is_over() -> None:
    state = CheckoutState.of(make_order(expires_at=timezone.now() - timedelta(days=2)))

    assert (state.status, state.expires_in, state.has_code) == ("expired", 0, False)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (None, ""),
        ("/", "/"),
        ("/again/?order={reference}", "/again/?order=A%2F1%20%26%22"),
        ("https://shop.example/{reference}/", "https://shop.example/A%2F1%20%26%22/"),
    ],
)
@pytest.mark.parametrize("status", [OrderStatus.EXPIRED, OrderStatus.FAILED, OrderStatus.CANCELLED])
def test_where_to_order_again(settings: Any, status: str, url: str | None, expected: str) -> None:
    settings.GEMAFU = {**settings.GEMAFU, "ORDER_AGAIN_URL": url}
    order = make_order(reference='A/1 &"', status=status)

    assert panel_context(order)["order_again_url"] == expected


def test_who_has_paid_is_not_asked_to_order_again(settings: Any) -> None:
    settings.GEMAFU = {**settings.GEMAFU, "ORDER_AGAIN_URL": "/"}
    order = make_order(expires_at=timezone.now() - timedelta(seconds=1))
    notify(order, notification(order, amount_fen=1))
    order.refresh_from_db()

    assert "order_again_url" not in panel_context(order)
    assert "order_again_url" not in panel_context(pay(make_order()))


@pytest.mark.parametrize(
    ("code", "was_busy"),
    [(500, True), (503, True), (499, False), (402, False), (0, False), (None, False)],
)
def test_why_the_gateway_refused(code: int | None, was_busy: bool) -> None:
    order = make_order(status=OrderStatus.FAILED)
    order.record(EventKind.REFUSED, reason="a secret of the merchant's", code=code)

    assert panel_context(order)["gateway_was_busy"] is was_busy


def ago(**time: float) -> Any:
    return timezone.now() - timedelta(**time)


@pytest.mark.parametrize(
    ("fields", "seconds"),
    [
        ({}, 10),
        ({"status": OrderStatus.PLACING, "expires_at": None}, 10),
        ({"needs_review": True}, 30),
        ({"expires_at": ago(seconds=1)}, 30),
        ({"status": OrderStatus.EXPIRED, "expires_at": ago(seconds=1)}, 30),
        ({"status": OrderStatus.EXPIRED, "expires_at": ago(days=1)}, None),
        ({"status": OrderStatus.EXPIRED, "expires_at": ago(seconds=GRACE.seconds)}, None),
        ({"status": OrderStatus.FAILED}, None),
        ({"status": OrderStatus.CANCELLED}, None),
        ({"status": OrderStatus.PAID, "paid_at": ago(seconds=1)}, None),
        ({"status": OrderStatus.PAID, "paid_at": ago(seconds=1), "needs_review": True}, None),
    ],
)
def test_how_often_a_page_without_javascript_looks_again(
    fields: dict[str, Any], seconds: int | None
) -> None:
    assert panel_context(make_order(**fields))["refresh_seconds"] == seconds
