"""What customer, developer and operator do in the demo, in their own words."""

from __future__ import annotations

import io
import re
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from zxingcpp import read_barcode


def buy(page: Any, product: str = "Longjing") -> None:
    """Buy from the shop's first page, and wait for the page to pay on."""
    page.goto("/")
    page.get_by_role("button", name=re.compile(product)).click()
    page.wait_for_url("**/pay/**")


def scan(page: Any) -> str:
    """Read the QR code off a picture of the screen, as a phone's camera does."""
    page.get_by_role("img", name=re.compile("QR|二维码")).wait_for()
    # Not wait_for_function: from its second look on it is the page's own policy that forbids it.
    page.evaluate("Promise.all([...document.images].map(image => image.decode()))")
    return read(page.screenshot())


def read(screenshot: bytes) -> str:
    code = read_barcode(Image.open(io.BytesIO(screenshot)))
    assert code is not None, "no QR code could be read off the screen"
    return str(code.text)


def pay_in_wallet(page: Any, url: str) -> None:
    """Open what was scanned on the phone, and pay."""
    page.goto(url)
    page.get_by_role("button", name="Pay", exact=True).click()
    page.get_by_role("status").filter(has_text="Paid").wait_for()


def go_back_to_the_shop(page: Any) -> None:
    """Take the paid page's button, which is there before it goes back by itself."""
    page.get_by_role("link", name="Back to the shop").click()
    page.wait_for_url("**/thanks/**")


class Panel:
    """The sandbox's panel, in a tab of its own."""

    def __init__(self, page: Any) -> None:
        self.page = page

    def press(self, button: str, **fields: str) -> None:
        """Press a button of the latest order, with what is to be typed before."""
        self.page.goto("/sandbox/")
        order = self.page.locator("article.order").first
        for name, value in fields.items():
            order.locator(f"[name={name}]").fill(value)
        order.get_by_role("button", name=button, exact=True).click()
        order.get_by_role("status").wait_for()

    def count_orders(self) -> int:
        self.page.goto("/sandbox/")
        return int(self.page.locator("article.order").count())

    def misbehave(self, **fields: Any) -> None:
        self.page.goto("/sandbox/")
        self.page.get_by_text("Change", exact=True).click()
        for name, value in fields.items():
            field = self.page.locator(f"[name={name}]")
            if value is True:
                field.check()
            elif field.evaluate("element => element.tagName") == "SELECT":
                field.select_option(value)
            else:
                field.fill(str(value))
        self.page.get_by_role("button", name="Save").click()
        self.page.locator("details:not([open])").wait_for()

    def behave(self) -> None:
        self.page.goto("/sandbox/")
        self.page.get_by_text("Change", exact=True).click()
        self.page.get_by_role("button", name="Behave well again").click()
        self.page.get_by_text("The gateway behaves as documented.").wait_for()


def log_in(page: Any) -> None:
    page.goto("/admin/")
    page.locator("[name=username]").fill("admin")
    page.locator("[name=password]").fill("admin")
    page.locator("[type=submit]").click()
    page.locator("#user-tools").wait_for()


def accessibility_faults(page: Any) -> list[str]:
    """Return what axe finds against WCAG 2.2 AA and good practice."""
    # The one rule of WCAG 2.2 is off unless it is asked for.
    options = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
    results = Axe().run(page, options=options).response
    return [
        f"{rule['id']}: {node['html']}" for rule in results["violations"] for node in rule["nodes"]
    ]
