"""Every state of the page: at phone and desktop size, light and dark, in both languages.

All of it under the strict Content Security Policy, and looked through by axe.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import product
from typing import Any, NamedTuple

import pytest
from django.utils import timezone

from django_gemafu.enums import EventKind, OrderStatus
from django_gemafu.models import Order
from django_gemafu.testing import make_order, notification, notify, pay
from tests.browser.conftest import ANDROID, DESKTOP, IPHONE, SMALL_PHONE, WECHAT, note_faults

shopping = pytest.importorskip("tests.browser.shopping", exc_type=ImportError)

pytestmark = pytest.mark.django_db(transaction=True)

CODE = "wxp://f2f0-the-text-of-the-code"
PLACING = {"status": OrderStatus.PLACING, "expires_at": None, "payable_fen": None}


class State(NamedTuple):
    make: Callable[[], Order]
    english: str
    chinese: str
    shows_code: bool = False


def under_review() -> Order:
    order = make_order()
    notify(order, notification(order, amount_fen=1))
    return order


def paid_twice() -> Order:
    order = pay(make_order())
    notify(order)
    return order


def refused(code: int) -> Order:
    order = make_order(status=OrderStatus.FAILED)
    order.record(EventKind.REFUSED, reason="no", code=code)
    return order


def ago(**time: float) -> Any:
    return timezone.now() - timedelta(**time)


STATES = {
    "waiting": State(lambda: make_order(qr_content=CODE), "Waiting", "等待付款", shows_code=True),
    "shifted": State(
        lambda: make_order(qr_content=CODE, payable_fen=1249),
        "Your order is ¥12.50.",
        "订单金额为 ¥12.50。",
        shows_code=True,
    ),
    "typed": State(
        lambda: make_order(qr_content=CODE, payable_fen=123456789, is_free_input=True),
        "Type exactly ¥1234567.89",
        "请输入金额 ¥1234567.89",
        shows_code=True,
    ),
    "placing": State(lambda: make_order(**PLACING), "Getting your payment code", "正在获取收款码"),
    "paid": State(
        lambda: pay(make_order(return_url="https://shop.example/")), "Payment received", "付款成功"
    ),
    "expired": State(
        lambda: make_order(expires_at=ago(seconds=9)), "Do not pay this code", "请勿再向此二维码"
    ),
    "long expired": State(
        lambda: make_order(expires_at=ago(days=9)), "tell the shop your order number", "钱不会丢"
    ),
    "failed": State(lambda: refused(402), "You have not been charged", "您没有被扣款"),
    "busy": State(lambda: refused(503), "in a few minutes", "请过几分钟"),
    "cancelled": State(
        lambda: make_order(status=OrderStatus.CANCELLED), "was cancelled", "订单已取消"
    ),
    "under review": State(under_review, "We are looking into your payment", "正在核对您的付款"),
    "paid twice": State(paid_twice, "more money arrived than it needs", "另外收到了多余的款项"),
}
#: Small screens are the hard ones.
SIZES = {"phone": SMALL_PHONE, "desktop": DESKTOP}
#: What axe looks at: each size, each scheme, each language. It is slow.
LOOKED_THROUGH = ("phone, light, zh-CN", "phone, dark, en-GB", "desktop, light, en-GB")
USER_AGENTS: dict[str, list[str | None]] = {
    "phone": [WECHAT, ANDROID, IPHONE, WECHAT],
    "desktop": [None],
}


@pytest.fixture(scope="module")
def looks(chromium: Any, live_server: Any) -> Iterator[dict[str, Any]]:
    """Open one page for each look."""
    pages = {}
    combinations = product(SIZES, ("light", "dark"), ("en-GB", "zh-CN"))
    for number, (size, scheme, locale) in enumerate(combinations):
        agents = USER_AGENTS[size]
        context = chromium.new_context(
            base_url=live_server.url,
            viewport=SIZES[size],
            color_scheme=scheme,
            locale=locale,
            user_agent=agents[number % len(agents)],
            reduced_motion="reduce",  # half-faded words have no contrast
        )
        context.set_default_timeout(15_000)
        pages[f"{size}, {scheme}, {locale}"] = page = context.new_page()
        page.faults = note_faults(page)
    yield pages
    for page in pages.values():
        page.context.close()


@pytest.mark.parametrize("name", STATES)
def test_a_state(name: str, looks: dict[str, Any], settings: Any) -> None:
    settings.GEMAFU = {**settings.GEMAFU, "ORDER_AGAIN_URL": "/again/"}
    state = STATES[name]
    order = state.make()
    for look, page in looks.items():
        page.faults.clear()
        page.goto(order.get_absolute_url())
        page.locator("[data-ready]").wait_for()

        words = state.chinese if "zh" in look else state.english
        assert words in page.locator("main").inner_text(), look
        assert order.reference in page.locator("main").inner_text(), look
        assert page.locator("h1").count() == 1, look
        assert is_wide_enough(page), look
        if state.shows_code:
            assert decoded(page) == CODE, look
        else:
            assert page.locator("img").count() == 0, look
        if look in LOOKED_THROUGH:
            assert shopping.accessibility_faults(page) == [], look
        assert page.faults == [], look


def decoded(page: Any) -> str:
    page.locator("[data-code] img").scroll_into_view_if_needed()
    return str(shopping.scan(page))


def is_wide_enough(page: Any) -> bool:
    """Tell whether nothing sticks out to the side."""
    root = "document.documentElement"
    return bool(page.evaluate(f"{root}.scrollWidth <= {root}.clientWidth"))
