"""The demo from the first click to the story in the admin, in headless Chromium."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import DESKTOP, SMALL_PHONE
from tests.browser.demo import running_demo

shopping = pytest.importorskip("tests.browser.shopping", exc_type=ImportError)

NewPage = Callable[..., Any]


@pytest.fixture
def panel(new_page: NewPage) -> Iterator[Any]:
    panel = shopping.Panel(new_page(viewport=DESKTOP))
    yield panel
    panel.behave()


@pytest.mark.parametrize(("locale", "viewport"), [("en-GB", DESKTOP), ("zh-CN", SMALL_PHONE)])
def test_buy_scan_pay_and_be_thanked(
    new_page: NewPage, locale: str, viewport: dict[str, int]
) -> None:
    till = new_page(locale=locale, viewport=viewport)
    till.goto("/")
    till.locator("form button").first.click()
    till.wait_for_url("**/pay/**")
    amount = till.locator("[data-amount]").inner_text()

    wallet_url = shopping.scan(till)
    assert "/sandbox/wallet/" in wallet_url
    phone = new_page()
    phone.goto(wallet_url)
    assert amount in phone.locator("main").inner_text()
    shopping.pay_in_wallet(phone, wallet_url)

    till.wait_for_url("**/thanks/**")
    expected = "Thank you" if locale == "en-GB" else "谢谢"
    assert expected in till.locator("h1").inner_text()


def test_a_product_that_is_gone_is_not_found(new_page: NewPage) -> None:
    till = new_page()
    shopping.buy(till)
    till.goto("/")
    till.evaluate("document.forms[0].action = '/buy/sold-out/'")
    with till.expect_response("**/buy/**") as response:
        till.locator("form button").first.click()

    assert response.value.status == 404


def test_started_again_the_demo_knows_its_orders(chromium: Any, tmp_path: Path) -> None:
    with running_demo(tmp_path) as url:
        page = chromium.new_page(base_url=url)
        shopping.buy(page)
        order = page.url.removeprefix(url)
    with running_demo(tmp_path) as url:
        page.goto(url + order)
        assert page.locator("[data-amount]").is_visible()
        page.close()


def test_a_second_purchase_is_the_same_customers(new_page: NewPage) -> None:
    till = new_page(viewport=DESKTOP)
    for _ in range(2):
        shopping.buy(till)
    shopping.log_in(till)
    till.goto("/admin/django_gemafu/order/")
    customers = till.locator("td.field-customer").all_inner_texts()[:2]

    assert customers[0] == customers[1]


def test_the_operator_finds_the_order_with_its_story(new_page: NewPage) -> None:
    till = new_page()
    shopping.buy(till, "cup")
    reference = till.locator(".gemafu-reference").inner_text()
    shopping.pay_in_wallet(new_page(), shopping.scan(till))
    shopping.go_back_to_the_shop(till)

    office = new_page(viewport=DESKTOP)
    shopping.log_in(office)
    office.get_by_role("link", name="Orders", exact=True).first.click()
    office.get_by_role("link", name=reference).click()

    page = office.locator("#content").inner_text()
    for words in (
        "The shop ordered a payment of ¥12.50.",
        "The gateway took the order as number",
        "Paid: ¥",
        "The shop was told and has done its part.",
    ):
        assert words in page
    assert office.locator("[name=_save]").count() == 0


def test_reloading_places_no_second_order(new_page: NewPage, panel: Any) -> None:
    till = new_page()
    shopping.buy(till)
    before = panel.count_orders()
    code = shopping.scan(till)

    for _ in range(3):
        till.reload()

    assert shopping.scan(till) == code
    assert panel.count_orders() == before


def test_a_typed_amount_is_warned_of_and_can_be_copied(new_page: NewPage, panel: Any) -> None:
    panel.misbehave(gives_free_input_codes=True)
    till = new_page(permissions=["clipboard-read", "clipboard-write"])
    shopping.buy(till)
    amount = till.locator("[data-amount]").inner_text()
    assert f"Type exactly ¥{amount}" in till.locator("main").inner_text()

    till.get_by_role("button", name="Copy amount").click()
    till.get_by_role("button", name="Copied").wait_for()
    copied = till.evaluate("navigator.clipboard.readText()")
    phone = new_page()
    phone.goto(shopping.scan(till))
    phone.locator("[name=amount]").fill(copied)
    phone.get_by_role("button", name="Pay", exact=True).click()

    assert copied == amount
    shopping.go_back_to_the_shop(till)


def test_another_amount_is_looked_into_and_the_code_is_gone(new_page: NewPage, panel: Any) -> None:
    till = new_page()
    shopping.buy(till)

    panel.press("Pay this amount", amount="0.01")

    till.get_by_role("heading", name="We are looking into your payment").wait_for()
    assert till.locator("img").count() == 0
    assert "Please do not pay again." in till.locator("main").inner_text()


def test_a_payment_is_seen_although_no_notification_comes(new_page: NewPage, panel: Any) -> None:
    till = new_page()
    shopping.buy(till)

    panel.press("Pay, do not notify")

    shopping.go_back_to_the_shop(till)


def test_a_refused_order_ends_on_the_shops_own_page(new_page: NewPage, panel: Any) -> None:
    panel.misbehave(refusal="balance")
    till = new_page()
    till.goto("/")
    till.get_by_role("button", name=re.compile("Longjing")).click()

    assert "You cannot pay with WeChat" in till.locator("h1").inner_text()


@pytest.mark.parametrize("fault", [{"answer_style": "html"}, {"delay_seconds": "4"}])
def test_a_gateway_without_an_answer_can_be_asked_again(
    new_page: NewPage, panel: Any, fault: dict[str, str]
) -> None:
    panel.misbehave(**fault)
    till = new_page()
    shopping.buy(till)
    till.get_by_role("heading", name="Getting your payment code").wait_for()
    panel.behave()

    till.get_by_role("button", name="Try again").click()

    assert "/sandbox/wallet/" in shopping.scan(till)


def test_it_works_without_javascript(new_page: NewPage) -> None:
    till = new_page(java_script_enabled=False)
    shopping.buy(till)
    assert till.locator("time").is_visible()
    code = shopping.read(till.screenshot())
    shopping.pay_in_wallet(new_page(), code)

    till.get_by_role("button", name="I have paid: check now").click()
    shopping.go_back_to_the_shop(till)
