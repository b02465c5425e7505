"""Make the pictures of the documents anew, from the running demo: ``python -m docs.screenshots``.

Needs Chromium and ``pip install -e ".[browser]"``.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import sync_playwright

from tests.browser import shopping
from tests.browser.demo import running_demo

DOCS = Path(__file__).parent
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1100, "height": 860}
LANGUAGES = {"": "en-GB", ".zh-CN": "zh-CN"}


def main() -> None:
    with TemporaryDirectory() as scratch, running_demo(Path(scratch)) as url, chromium() as browser:
        for suffix, locale in LANGUAGES.items():
            options = {"base_url": url, "locale": locale, "device_scale_factor": 2}
            phone = browser.new_page(viewport=PHONE, **options)
            buy(phone)
            phone.screenshot(path=DOCS / f"checkout-phone{suffix}.png")
            desktop = browser.new_page(viewport=DESKTOP, **options)
            buy(desktop)
            desktop.screenshot(path=DOCS / f"checkout-desktop{suffix}.png")
            shopping.pay_in_wallet(browser.new_page(base_url=url), shopping.scan(desktop))
            desktop.wait_for_url("**/thanks/**")
            story(browser.new_page(viewport=DESKTOP, **options), DOCS / f"admin-story{suffix}.png")


@contextmanager
def chromium() -> Iterator[Any]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


def buy(page: Any) -> None:
    page.goto("/")
    page.locator("form button").first.click()
    page.wait_for_url("**/pay/**")
    page.locator("[data-ready]").wait_for()


def story(page: Any, path: Path) -> None:
    """Show the latest order in the admin."""
    shopping.log_in(page)
    page.goto("/admin/django_gemafu/order/?status__exact=paid")
    page.locator("#result_list tbody th a").first.click()
    page.wait_for_url("**/change/**")
    page.locator("#content").screenshot(path=path)


if __name__ == "__main__":
    main()
