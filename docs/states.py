"""The states of the payment page on a phone, side by side in one picture."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone
from PIL import Image

from django_gemafu.enums import OrderStatus
from django_gemafu.models import Order
from django_gemafu.testing import make_order, notification, notify, pay
from example_project.shop.models import Purchase
from tests.browser.conftest import ANDROID, IPHONE, WECHAT

PHONE = {"width": 360, "height": 740}
SCALE = 1.25
COLUMNS = 4
GAP = 24
BACKDROPS = {"light": "#c9d3ce", "dark": "#000000"}


def order(**fields: Any) -> Order:
    """Store an order of the demo's shop, as the gateway would have taken it."""
    purchase = Purchase.objects.create(product_slug="cup", customer_id="guest", amount_fen=1250)
    values = {
        "reference": purchase.reference,
        "body": str(purchase.key),
        "return_url": "https://shop.example/",
    }
    return make_order(qr_content="wxp://f2f0AbCdEfGhIjKlMnOpQrStUvWxYz", **values | fields)


def under_review() -> Order:
    surprised = order()
    notify(surprised, notification(surprised, amount_fen=1200))
    return surprised


#: What is shown, and with which browser.
STATES: list[tuple[Callable[[], Order], str]] = [
    (order, WECHAT),
    (lambda: order(payable_fen=1248), IPHONE),
    (lambda: order(payable_fen=1251, is_free_input=True), ANDROID),
    (lambda: order(status=OrderStatus.PLACING, expires_at=None, payable_fen=None), WECHAT),
    (lambda: pay(order()), WECHAT),
    (lambda: order(expires_at=timezone.now() - timedelta(seconds=5)), WECHAT),
    (lambda: order(status=OrderStatus.FAILED), WECHAT),
    (under_review, WECHAT),
]


def sheet(browser: Any, url: str, *, locale: str, scheme: str) -> Image.Image:
    """Return all of the states in one picture. Needs the demo's own database."""
    settings.ALLOWED_HOSTS = ["*"]  # the testing kit calls itself testserver
    pictures = list(_photograph(browser, url, locale=locale, color_scheme=scheme))
    width, height = pictures[0].size
    rows = -(-len(pictures) // COLUMNS)
    size = (COLUMNS * (width + GAP) + GAP, rows * (height + GAP) + GAP)
    paper = Image.new("RGB", size, BACKDROPS[scheme])
    for number, picture in enumerate(pictures):
        row, column = divmod(number, COLUMNS)
        paper.paste(picture, (GAP + column * (width + GAP), GAP + row * (height + GAP)))
    return paper


def _photograph(browser: Any, url: str, **options: Any) -> Iterator[Image.Image]:
    for make, user_agent in STATES:
        page = browser.new_page(
            viewport=PHONE,
            device_scale_factor=SCALE,
            reduced_motion="reduce",
            user_agent=user_agent,
            **options,
        )
        page.goto(url + make().get_absolute_url())
        page.locator("[data-ready]").wait_for()
        yield Image.open(io.BytesIO(page.screenshot())).convert("RGB")
        page.close()
