"""Panels in a page of the shop's own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from django_gemafu.testing import make_order, pay
from tests.browser.conftest import DESKTOP
from tests.shop_page import shop_page_url

shopping = pytest.importorskip("tests.browser.shopping", exc_type=ImportError)
expect = pytest.importorskip("playwright.sync_api").expect

pytestmark = pytest.mark.django_db(transaction=True)

NewPage = Callable[..., Any]


@pytest.fixture
def address(live_server: Any) -> str:
    return str(live_server.url)


def test_of_two_panels_only_the_paid_one_changes(new_page: NewPage) -> None:
    page = new_page(viewport=DESKTOP)
    orders = [make_order(qr_content=f"wxp://{name}") for name in ("first", "second")]
    page.goto(shop_page_url(*orders))
    first, second = page.locator("[data-gemafu]").all()
    expect(page.locator("[data-ready]")).to_have_count(2)
    assert shopping.read(first.screenshot()) == "wxp://first"
    assert shopping.read(second.screenshot()) == "wxp://second"
    assert shopping.accessibility_faults(page) == []

    pay(orders[0])
    page.evaluate("window.dispatchEvent(new Event('focus'))")

    expect(first.get_by_role("heading")).to_have_text("Payment received")
    assert second.locator("[data-clock]").is_visible()
    assert page.title() == "The shop"
    assert page.locator("h1").all_inner_texts() == ["Your orders"]
    assert shopping.accessibility_faults(page) == []


def test_who_is_typing_is_told_and_not_disturbed(new_page: NewPage) -> None:
    page = new_page()
    order = make_order()
    page.goto(shop_page_url(order))
    page.locator("[data-ready]").wait_for()
    page.get_by_label("Search").focus()
    pay(order)
    page.evaluate("window.dispatchEvent(new Event('focus'))")

    expect(page.locator("[data-announce]")).to_have_text("Payment received")
    assert page.evaluate("document.activeElement.name") == "q"


def test_the_customer_goes_on_to_where_the_shop_wants(new_page: NewPage, address: str) -> None:
    page = new_page()
    order = make_order(return_url=f"{address}/shop/?thanks")
    page.goto(shop_page_url(order))
    page.locator("[data-ready]").wait_for()
    pay(order)
    page.evaluate("window.dispatchEvent(new Event('focus'))")

    page.wait_for_url("**/shop/?thanks")


def test_the_shop_can_hear_of_a_change_and_go_on_by_itself(new_page: NewPage, address: str) -> None:
    page = new_page()
    order = make_order(return_url=f"{address}/shop/?thanks")
    page.clock.install()
    page.goto(shop_page_url(order))
    page.locator("[data-ready]").wait_for()
    page.evaluate(
        """document.addEventListener("gemafu:change", (event) => {
          event.preventDefault();
          document.title = event.detail.status;
        })"""
    )
    pay(order)
    page.clock.run_for(3_000)

    expect(page).to_have_title("paid")
    page.clock.run_for(10_000)
    assert "thanks" not in page.url


def test_a_page_that_shows_a_paid_order_stays(new_page: NewPage, address: str) -> None:
    """Else a return address that holds the panel would load itself for ever."""
    page = new_page()
    order = pay(make_order(return_url=f"{address}/shop/?thanks"))
    page.clock.install()
    page.goto(shop_page_url(order))
    page.locator("[data-ready]").wait_for()

    page.clock.run_for(10_000)

    assert "thanks" not in page.url


def test_the_panel_is_as_light_as_the_page_around_it(new_page: NewPage) -> None:
    """A shop that knows no dark scheme gets no dark panel."""
    page = new_page(color_scheme="dark")
    page.goto(shop_page_url(make_order()))
    background = "getComputedStyle(document.querySelector('[data-gemafu]')).backgroundColor"
    assert page.evaluate(background) == "rgb(255, 255, 255)"

    page.evaluate("document.querySelector('main').className = 'gemafu-auto'")

    assert page.evaluate(background) == "rgb(23, 30, 27)"


def test_an_expired_order_says_so_without_a_word_of_the_shops(new_page: NewPage) -> None:
    page = new_page()
    page.goto(shop_page_url(make_order(expires_at=timezone.now() + timedelta(seconds=2))))

    page.get_by_role("heading", name="The time to pay is over").wait_for()

    assert page.locator("img").count() == 0
