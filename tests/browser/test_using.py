"""The page in people's hands: by keyboard, enlarged, without motion, without JavaScript."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from django_gemafu.testing import make_order, pay
from tests.browser.conftest import ANDROID, PHONE, SMALL_PHONE

shopping = pytest.importorskip("tests.browser.shopping", exc_type=ImportError)
expect = pytest.importorskip("playwright.sync_api").expect

pytestmark = pytest.mark.django_db(transaction=True)

NewPage = Callable[..., Any]

CODE = "wxp://f2f0-the-text-of-the-code"


@pytest.fixture
def address(live_server: Any) -> str:
    return str(live_server.url)


class TestCopying:
    def test_the_amount_is_copied_and_that_is_confirmed(self, new_page: NewPage) -> None:
        page = new_page(permissions=["clipboard-read", "clipboard-write"])
        page.goto(make_order(payable_fen=1249, is_free_input=True).get_absolute_url())

        page.get_by_role("button", name="Copy amount").click()

        page.get_by_role("button", name="Copied").wait_for()
        assert page.evaluate("navigator.clipboard.readText()") == "12.49"
        assert page.locator("[data-copied]").inner_text() == "Copied"
        page.get_by_role("button", name="Copy amount").wait_for()

    def test_where_the_clipboard_is_refused_the_old_way_works(self, new_page: NewPage) -> None:
        page = new_page(permissions=["clipboard-read"])
        page.add_init_script("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
        page.goto(make_order(payable_fen=1249).get_absolute_url())

        page.get_by_role("button", name="Copy amount").click()

        expect(page.locator("[data-copied]")).to_have_text("Copied")
        assert page.evaluate("getSelection().toString()") == "12.49"

    def test_where_nothing_works_the_amount_is_selected_and_that_is_said(
        self, new_page: NewPage
    ) -> None:
        page = new_page()
        page.add_init_script(
            "Object.defineProperty(navigator, 'clipboard', {value: undefined});"
            "document.execCommand = () => false"
        )
        page.goto(make_order(payable_fen=1249).get_absolute_url())

        page.get_by_role("button", name="Copy amount").click()

        assert page.get_by_text("Please copy by hand").is_visible()
        assert page.evaluate("getSelection().toString()") == "12.49"


class TestAccess:
    def test_all_of_it_by_keyboard(self, new_page: NewPage) -> None:
        page = new_page(user_agent=ANDROID)
        page.goto(make_order().get_absolute_url())
        page.locator("[data-ready]").wait_for()
        reached = []
        for _ in range(4):
            page.keyboard.press("Tab")
            reached.append(page.evaluate("document.activeElement.innerText.trim()"))
            ring = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
            assert ring == "3px"

        assert reached == ["", "Save picture", "Open WeChat", "I have paid: check now"]
        page.keyboard.press("Enter")
        page.get_by_role("status").get_by_text("Not here yet.").wait_for()

    def test_the_save_link_saves_the_code(self, new_page: NewPage, tmp_path: Any) -> None:
        page = new_page(user_agent=ANDROID)
        page.goto(make_order(qr_content=CODE).get_absolute_url())
        with page.expect_download() as download:
            page.get_by_role("link", name="Save picture").click()
        download.value.save_as(tmp_path / "code.png")

        assert download.value.suggested_filename == "wechat-pay.png"
        assert shopping.read((tmp_path / "code.png").read_bytes()) == CODE

    def test_enlarged_four_times_nothing_sticks_out(self, new_page: NewPage) -> None:
        """WCAG 1.4.10: a window of 1280 pixels at 400 per cent is one of 320."""
        page = new_page(viewport={"width": 320, "height": 480})
        page.goto(make_order(payable_fen=123456789, is_free_input=True).get_absolute_url())
        root = "document.documentElement"

        assert page.evaluate(f"{root}.scrollWidth") <= page.evaluate(f"{root}.clientWidth")
        viewport = page.locator("meta[name=viewport]").get_attribute("content")
        assert "scalable" not in viewport
        assert "maximum" not in viewport

    def test_nothing_moves_for_who_wants_no_motion(self, new_page: NewPage) -> None:
        moving = "document.getAnimations().length"
        for motion, count in (("no-preference", 1), ("reduce", 0)):
            page = new_page(reduced_motion=motion)
            page.goto(make_order().get_absolute_url())
            page.locator("[data-ready]").wait_for()
            assert page.evaluate(moving) == count

    @pytest.mark.parametrize("viewport", [PHONE, SMALL_PHONE])
    def test_the_code_is_on_the_first_screen(
        self, new_page: NewPage, viewport: dict[str, int]
    ) -> None:
        page = new_page(viewport=viewport)
        page.goto(make_order(payable_fen=1249, is_free_input=True).get_absolute_url())
        box = page.locator("[data-code] img").bounding_box()

        assert box["y"] + box["height"] <= viewport["height"]
        assert box["width"] >= 240
        assert shopping.read(page.screenshot()) == "wxp://for-tests"


class TestPainting:
    def test_a_shop_gives_it_its_colours_its_fonts_and_its_logo(self, new_page: NewPage) -> None:
        page = new_page()
        page.goto(make_order().get_absolute_url())
        wanted = {
            "--gemafu-accent": "rgb(1, 2, 3)",
            "--gemafu-radius": "10px",
            "--gemafu-font": "Shopfont",
            "--gemafu-logo": "url('/static/logo.svg')",
            "--gemafu-logo-height": "40px",
        }
        for name, value in wanted.items():
            page.evaluate(
                "([name, value]) => document.documentElement.style.setProperty(name, value)",
                [name, value],
            )
        look = """([selector, pseudo, name]) =>
            getComputedStyle(document.querySelector(selector), pseudo)[name]"""

        assert page.evaluate(look, ["[data-check] button", None, "color"]) == "rgb(1, 2, 3)"
        assert page.evaluate(look, ["[data-check] button", None, "borderRadius"]) == "7px"
        assert page.evaluate(look, [".gemafu", None, "fontFamily"]) == "Shopfont"
        assert "/static/logo.svg" in page.evaluate(
            look, [".gemafu-header", "::before", "backgroundImage"]
        )
        assert page.evaluate(look, [".gemafu-header", "::before", "height"]) == "40px"

    def test_it_is_there_without_the_script_and_nothing_moves_when_that_comes(
        self, new_page: NewPage
    ) -> None:
        page = new_page()
        page.add_init_script(
            """
            window.shifted = 0;
            new PerformanceObserver((list) => {
              for (const entry of list.getEntries()) shifted += entry.value;
            }).observe({type: "layout-shift", buffered: true});
            """
        )
        held: list[Any] = []

        def hold(route: Any) -> None:
            held.append(route)

        page.route("**/checkout.js", hold)
        page.goto(make_order(payable_fen=1249).get_absolute_url(), wait_until="commit")
        page.locator("[data-code] img").wait_for()
        assert shopping.scan(page) == "wxp://for-tests"
        assert page.locator("time").is_visible()

        held[0].continue_()
        page.locator("[data-ready]").wait_for()
        page.wait_for_timeout(200)  # for the observer
        assert page.evaluate("shifted") == 0

    def test_the_code_is_sharp_on_the_best_screens(self, new_page: NewPage) -> None:
        page = new_page(device_scale_factor=3)
        page.goto(make_order(qr_content="wxp://" + "x" * 150).get_absolute_url())
        image = page.locator("[data-code] img")

        assert image.evaluate("image => image.naturalWidth >= image.clientWidth * 3")


class TestWithoutJavaScript:
    def test_it_can_be_paid_and_leads_back_to_the_shop(
        self, new_page: NewPage, address: str
    ) -> None:
        page = new_page(java_script_enabled=False, viewport=SMALL_PHONE)
        order = make_order(qr_content=CODE, return_url=f"{address}/shop/")
        page.goto(order.get_absolute_url())
        time, row = (page.locator(each).bounding_box() for each in ("time", ".gemafu-time"))
        assert time["x"] + time["width"] <= row["x"] + row["width"]
        assert shopping.read(page.screenshot()) == CODE
        assert page.locator("time").is_visible()
        assert not page.locator("[data-copy]").is_visible()
        pay(order)

        page.get_by_role("button", name="I have paid: check now").click()

        page.get_by_role("heading", name="Payment received").wait_for()
        page.wait_for_url("**/shop/")  # by the page's own refreshing

    def test_the_end_is_seen_and_one_can_order_again(
        self, new_page: NewPage, settings: Any
    ) -> None:
        settings.GEMAFU = {**settings.GEMAFU, "ORDER_AGAIN_URL": "/shop/"}
        page = new_page(java_script_enabled=False)
        page.goto(make_order(expires_at=timezone.now() - timedelta(seconds=1)).get_absolute_url())

        assert page.locator("img").count() == 0
        page.get_by_role("link", name="Order again").click()
        page.wait_for_url("**/shop/")
