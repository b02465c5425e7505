"""The operator's console in headless Chromium, on orders of the running demo."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.browser.conftest import DESKTOP, PHONE

shopping = pytest.importorskip("tests.browser.shopping", exc_type=ImportError)

NewPage = Callable[..., Any]

LIST = "/admin/django_gemafu/order/"
INBOX = "/admin/django_gemafu/inbox/"
STRICT_CSP = "default-src 'none'; img-src 'self'; script-src 'self'; style-src 'self'"


@pytest.fixture
def panel(new_page: NewPage) -> Iterator[Any]:
    panel = shopping.Panel(new_page(viewport=DESKTOP))
    yield panel
    panel.behave()


def pay_too_little(new_page: NewPage, panel: Any) -> str:
    """Return the reference of an order that waits for a person."""
    till = new_page()
    shopping.buy(till)
    reference = str(till.locator(".gemafu-reference").inner_text())
    panel.press("Pay this amount", amount="0.01")
    till.get_by_role("heading", name="We are looking into your payment").wait_for()
    return reference


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("scripts", [True, False], ids=["", "no JavaScript"])
def test_from_the_front_page_to_a_decision(
    new_page: NewPage, panel: Any, viewport: dict[str, int], scripts: bool
) -> None:
    reference = pay_too_little(new_page, panel)
    office = new_page(viewport=viewport, java_script_enabled=scripts)
    shopping.log_in(office)

    office.goto("/admin/")
    office.locator("#content").get_by_role(
        "link", name=re.compile(r"Needs attention \(\d+\)")
    ).click()
    item = office.locator("article").filter(has_text=reference)
    assert "The customer paid too little. ¥0.01 was received" in item.inner_text()
    item.get_by_role("link", name="Accept the payment").click()
    office.get_by_label("Reason").fill("a friend of the house")
    office.get_by_role("button", name="Accept the payment").click()

    office.get_by_text("Done: Accept the payment.").wait_for()
    assert office.locator("article").filter(has_text=reference).count() == 0
    office.goto(f"{LIST}?q={reference}")
    office.get_by_role("link", name=reference).click()
    story = office.locator(".gemafu-story").inner_text()
    assert "a friend of the house" in story
    assert "The shop was told and has done its part." in story


def test_a_refund_is_filled_in_and_checked_by_the_browser(new_page: NewPage, panel: Any) -> None:
    reference = pay_too_little(new_page, panel)
    office = new_page(viewport=DESKTOP)
    shopping.log_in(office)
    office.goto(f"{LIST}?q={reference}")
    office.get_by_role("link", name=reference).click()
    office.get_by_role("link", name="Record a refund").click()

    assert office.get_by_label("Amount given back").input_value() == "0.01"
    assert office.get_by_label("Given back at").input_value() != ""
    office.get_by_label("Reason").fill("sent back on WeChat")
    office.get_by_role("button", name="Record a refund").click()

    office.get_by_text("Done: Record a refund.").wait_for()
    assert "¥0.01 was given back, of ¥0.01 received" in office.locator(".gemafu-story").inner_text()


@pytest.mark.parametrize("scripts", [True, False], ids=["", "no JavaScript"])
def test_a_long_act_shows_how_far_it_is(new_page: NewPage, panel: Any, scripts: bool) -> None:
    for _ in range(2):
        shopping.buy(new_page())
    panel.misbehave(delay_seconds="4")  # longer than the shop waits, so each order takes a while
    office = new_page(viewport=DESKTOP, java_script_enabled=scripts)
    shopping.log_in(office)
    office.goto(LIST)
    for number in range(2):
        office.locator("[name=_selected_action]").nth(number).check()
    office.get_by_label("Action:").select_option("check")
    office.get_by_role("button", name="Go", exact=True).click()
    office.get_by_role("button", name="Check at the gateway").click()

    if not scripts:
        assert office.get_by_role("progressbar").get_attribute("value") == "1"
        office.get_by_role("button", name="Go on").click()
    office.get_by_text("Failed: 2").wait_for()
    assert "Done: 0" in office.locator("#content").inner_text()


def test_it_fits_a_phone_and_a_strict_policy(new_page: NewPage, panel: Any) -> None:
    reference = pay_too_little(new_page, panel)
    office = new_page(viewport={"width": 360, "height": 640})
    complaints: list[str] = []
    office.on("console", lambda message: complaints.append(message.text))
    shopping.log_in(office)

    def with_policy(route: Any) -> None:
        response = route.fetch(max_redirects=0)
        headers = {**response.headers, "content-security-policy": STRICT_CSP}
        route.fulfill(response=response, headers=headers)

    office.route("**/admin/**", with_policy)
    office.goto(f"{LIST}?q={reference}")
    office.get_by_role("link", name=reference).click()
    order = re.search(r"/(\d+)/change/", office.url)
    assert order is not None
    for path in (
        LIST,
        office.url,
        INBOX,
        f"{LIST}act/accept/?ids={order[1]}",
        f"{LIST}act/refund/?ids={order[1]}",
    ):
        office.goto(path)
        width = office.evaluate("document.documentElement.scrollWidth")
        assert width <= 360, f"{path} is {width} pixels wide"
    assert [text for text in complaints if "Content Security Policy" in text] == []
