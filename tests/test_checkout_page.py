"""What is in the customer's page, and where it must work. How it looks is in tests/browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.template import engines
from django.test import Client, RequestFactory
from django.urls import clear_url_caches, get_script_prefix, reverse, set_script_prefix
from django.utils import translation
from django.utils.timezone import now

from django_gemafu.enums import EventKind, OrderStatus
from django_gemafu.models import Order
from django_gemafu.testing import make_order, notification, notify, pay
from tests.browser.conftest import ANDROID, IPHONE, WECHAT
from tests.shop_page import shop_page_url

pytestmark = pytest.mark.django_db

ASSETS = ("django_gemafu/checkout.css", "django_gemafu/checkout.js")
MAX_BYTES = 30_000


def get(order: Order, *, user_agent: str = "", language: str = "en") -> str:
    headers = {"user-agent": user_agent, "accept-language": language}
    return Client().get(order.get_absolute_url(), headers=headers).content.decode()


def start_nothing(status: str, headers: Any, exc_info: Any = None, /) -> Callable[[bytes], object]:
    return bytes


def asset(name: str) -> str:
    path = finders.find(name)
    assert isinstance(path, str)
    return Path(path).read_text(encoding="utf-8")


class TestHowToPay:
    def test_in_wechat_both_ways_are_shown(self) -> None:
        page = get(make_order(), user_agent=WECHAT)

        assert "Press and hold the code" in page
        assert "tap Album and choose the picture" in page
        assert "weixin://" not in page

    def test_on_a_phone_the_picture_is_saved_and_wechat_opened(self) -> None:
        order = make_order()
        page = get(order, user_agent=ANDROID)

        assert f'href="{reverse("gemafu:qr", args=[order.token])}?save" download' in page
        assert 'href="weixin://"' in page
        assert "<details" not in page

    def test_on_an_iphone_pictures_are_saved_by_pressing_them(self) -> None:
        page = get(make_order(), user_agent=IPHONE)

        assert "Save to Photos" in page
        assert "?save" not in page  # it would end among the files, where WeChat does not look
        assert 'href="weixin://"' in page

    def test_on_a_desktop_it_is_scanned(self) -> None:
        page = get(make_order())

        assert "<strong>Scan the code</strong> with your phone" in page
        assert "Press and hold" not in page

    def test_caches_are_told(self) -> None:
        response = Client().get(make_order().get_absolute_url())

        assert "User-Agent" in response["Vary"]

    def test_the_picture_can_be_downloaded(self) -> None:
        address = reverse("gemafu:qr", args=[make_order().token])
        shown, saved = Client().get(address), Client().get(f"{address}?save")

        assert "Content-Disposition" not in shown
        assert saved["Content-Disposition"] == 'attachment; filename="wechat-pay.png"'
        assert saved.content == shown.content


class TestWords:
    def test_an_amount_that_was_shifted_is_explained(self) -> None:
        assert "Your order is ¥12.50." in get(make_order(payable_fen=1249))
        assert "Your order is" not in get(make_order())

    def test_an_amount_that_must_be_typed_is_warned_of(self) -> None:
        assert "Type exactly ¥12.49" in get(make_order(payable_fen=1249, is_free_input=True))
        assert "Type exactly" not in get(make_order(payable_fen=1249))

    @pytest.mark.parametrize(
        ("code", "words"),
        [(402, "the shop has to put it right"), (503, "order again in a few minutes")],
    )
    def test_a_refusal_is_put_into_the_customers_words(self, code: int, words: str) -> None:
        order = make_order(status=OrderStatus.FAILED)
        order.record(EventKind.REFUSED, reason="your balance is used up", code=code)
        page = get(order)

        assert words in page
        assert "You have not been charged." in page
        assert "balance" not in page

    @pytest.mark.parametrize(
        "status", [OrderStatus.EXPIRED, OrderStatus.FAILED, OrderStatus.CANCELLED]
    )
    def test_one_can_order_again(self, settings: Any, status: str) -> None:
        order = make_order(reference="A-1", status=status)
        assert "To order again, go back to the shop." in get(order)

        settings.GEMAFU = {**settings.GEMAFU, "ORDER_AGAIN_URL": "/again/{reference}/"}
        assert 'href="/again/A-1/"' in get(order)

    def test_who_comes_long_after_the_expiry_need_not_wait(self) -> None:
        page = get(make_order(status=OrderStatus.EXPIRED, expires_at=now() - timedelta(days=1)))

        assert "tell the shop your order number" in page
        assert "data-watch" not in page


class TestWithoutJavaScript:
    def test_the_time_of_expiry_is_told(self, settings: Any) -> None:
        settings.TIME_ZONE = "Asia/Shanghai"
        at = now() + timedelta(minutes=5)
        local = at.astimezone(timezone(timedelta(hours=8)))

        assert f"until {local:%H:%M} (UTC+0800)" in get(make_order(expires_at=at))

    @pytest.mark.parametrize(
        ("language", "words"),
        [("en", "until Jan. 2, 2100, 10:00 (UTC+0000)"), ("zh-CN", "2100年1月2日 10:00 截止")],
    )
    def test_and_its_day_where_that_is_far(self, language: str, words: str) -> None:
        at = datetime(2100, 1, 2, 10, tzinfo=timezone.utc)

        assert words in get(make_order(expires_at=at), language=language)

    def test_the_page_loads_itself_again(self) -> None:
        page = get(make_order())

        assert '<noscript><meta http-equiv="refresh" content="10"></noscript>' in page

    def test_or_goes_back_to_the_shop(self) -> None:
        page = get(pay(make_order(return_url="https://shop.example/?a=1&b=2")))

        refresh = 'content="3;url=https://shop.example/?a=1&amp;b=2"'
        assert f'<noscript><meta http-equiv="refresh" {refresh}></noscript>' in page

    @pytest.mark.parametrize("status", [OrderStatus.FAILED, OrderStatus.CANCELLED])
    def test_or_rests(self, status: str) -> None:
        assert "refresh" not in get(make_order(status=status))


class TestInAPageOfTheShops:
    def test_the_panel_is_there_with_what_it_needs(self) -> None:
        order = make_order()
        page = Client().get(shop_page_url(order), headers={"user-agent": ANDROID}).content.decode()

        assert page.count("data-gemafu") == 1
        for name in ASSETS:
            assert page.count(name) == 1
        assert "<h2" in page
        assert page.count("<h1") == 1
        assert f'data-panel-url="{order.get_absolute_url()}?panel"' in page
        assert "Save picture" in page

    def test_the_script_gets_the_same_panel(self) -> None:
        order = make_order()
        page = Client().get(shop_page_url(order)).content.decode()
        panel = Client().get(f"{order.get_absolute_url()}?panel").content.decode()

        assert "<html" not in panel
        without_seconds = [re.sub(r'expires-in="\d+"', "", text) for text in (panel.strip(), page)]
        assert without_seconds[0] in without_seconds[1]

    def test_it_does_not_depend_on_the_request(self) -> None:
        template = engines["django"].from_string("{% load gemafu %}{% gemafu_panel order %}")
        with translation.override("en"):
            panel = template.render({"order": make_order()})

        assert "Scan the code" in panel

    def test_showing_it_asks_nobody(self, django_assert_num_queries: Any) -> None:
        order = make_order(checked_at=None)
        address = shop_page_url(order)
        with django_assert_num_queries(1):  # the page's own
            assert "data-gemafu" in Client().get(address).content.decode()

    def test_no_id_could_be_there_twice(self) -> None:
        page = Client().get(shop_page_url(make_order(), make_order())).content.decode()

        assert page.count("data-gemafu") == 2
        assert " id=" not in page


class TestWhereItRuns:
    @pytest.mark.django_db(transaction=True)  # the handler closes its connection
    @pytest.mark.parametrize("tells", ["the server", "the settings"])
    def test_under_a_path(self, settings: Any, tells: str) -> None:
        order = make_order()
        request = RequestFactory().get(order.get_absolute_url())
        if tells == "the server":
            request.environ["SCRIPT_NAME"] = "/china"
        else:
            settings.FORCE_SCRIPT_NAME = "/china"
        before = get_script_prefix()
        try:
            response = WSGIHandler()(request.environ, start_nothing)
            page = b"".join(response).decode()
        finally:
            set_script_prefix(before)

        links = re.findall(r'(?:href|src|action|data-\w+-url)="([^"]+)"', page)
        ours = [link for link in links if "/pay/" in link]
        assert len(ours) > 4
        assert [link for link in ours if not link.startswith("/china/pay/")] == []

    def test_with_hashed_names(self, settings: Any, tmp_path: Path) -> None:
        settings.STATIC_ROOT = tmp_path
        settings.STORAGES = {
            **settings.STORAGES,
            "staticfiles": {
                "BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
            },
        }
        call_command("collectstatic", verbosity=0, interactive=False)
        page = get(make_order())

        names = re.findall(r'"/static/(django_gemafu/checkout\.[0-9a-f]{12}\.(?:css|js))"', page)
        assert len(names) == len(ASSETS)
        assert [name for name in names if not (tmp_path / name).is_file()] == []

    @pytest.mark.parametrize(("cookie", "word"), [("zh-hans", "微信扫码付款"), ("en", "Pay with")])
    def test_behind_the_locale_middleware(self, settings: Any, cookie: str, word: str) -> None:
        client = Client()
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = cookie
        order = make_order()

        assert word in client.get(order.get_absolute_url()).content.decode()
        assert client.get(reverse("gemafu:status", args=[order.token])).status_code == 200

    def test_in_a_language_of_the_address(self, settings: Any) -> None:
        settings.ROOT_URLCONF = "tests.urls_in_languages"
        clear_url_caches()
        token = make_order().token
        page = Client().get(f"/zh-hans/pay/{token}/").content.decode()

        assert f'data-status-url="/zh-hans/pay/{token}/status/"' in page
        assert "微信扫码付款" in page
        assert Client().get(f"/zh-hans/pay/{token}/status/").json()["status"] == "pending"


class TestWeight:
    @pytest.mark.parametrize("user_agent", [WECHAT, ANDROID, IPHONE, ""])
    @pytest.mark.parametrize("language", ["en", "zh-CN"])
    def test_page_style_and_script_together(self, user_agent: str, language: str) -> None:
        order = make_order(payable_fen=1249, is_free_input=True, return_url="https://shop.example/")
        page = get(order, user_agent=user_agent, language=language)

        assert sum(len(text.encode()) for text in (page, *map(asset, ASSETS))) < MAX_BYTES

    def test_nothing_waits_for_the_script(self) -> None:
        scripts = re.findall(r"<script[^>]*>", get(make_order()))

        assert [script for script in scripts if 'type="module"' not in script] == []

    @pytest.mark.parametrize("state", ["pending", "paid", "expired", "failed", "review"])
    def test_nothing_is_inline(self, state: str) -> None:
        order = make_order(status=state if state in ("expired", "failed") else "pending")
        if state == "paid":
            pay(order)
        if state == "review":
            notify(order, notification(order, amount_fen=1))
        page = get(order)

        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", page)

    def test_old_web_views_understand_the_script(self) -> None:
        """Those of cheap phones stop at ES2018: a single newer operator, and nothing runs."""
        assert not re.search(r"\?\.\D|\?\?|\|\|=|&&=|^\s*static\b|catch \{", asset(ASSETS[1]), re.M)
