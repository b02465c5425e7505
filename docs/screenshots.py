"""Make the pictures of the customer's page anew, from the demo: ``python -m docs.screenshots``.

Needs Chromium and ``pip install -e ".[browser]"``.
"""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import django
from PIL import Image
from playwright.sync_api import sync_playwright

from tests.browser.conftest import ANDROID
from tests.browser.demo import running_demo

DOCS = Path(__file__).parent
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1100, "height": 860}
LANGUAGES = {"": "en-GB", ".zh-CN": "zh-CN"}


def main() -> None:
    with TemporaryDirectory() as scratch, running_demo(Path(scratch)) as url, chromium() as browser:
        states = shop_of(Path(scratch))
        for suffix, locale in LANGUAGES.items():
            options = {"base_url": url, "locale": locale, "device_scale_factor": 2}
            phone = browser.new_page(viewport=PHONE, user_agent=ANDROID, **options)
            buy(phone)
            save(phone, f"checkout-phone{suffix}.png")
            desktop = browser.new_page(viewport=DESKTOP, **options)
            buy(desktop)
            save(desktop, f"checkout-desktop{suffix}.png")
            for name, scheme in (("states", "light"), ("states-dark", "dark")):
                picture = states.sheet(browser, url, locale=locale, scheme=scheme)
                write(picture, f"checkout-{name}{suffix}.png")


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


def shop_of(scratch: Path) -> Any:
    """Return the module that makes orders in the demo's own database."""
    os.environ["DATABASE_URL"] = f"sqlite:///{scratch / 'demo.sqlite3'}"
    os.environ["DJANGO_SETTINGS_MODULE"] = "example_project.settings"
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright's loop runs in this thread
    django.setup()
    from docs import states  # noqa: PLC0415 - its models need the settings

    return states


def save(what: Any, name: str) -> None:
    write(Image.open(io.BytesIO(what.screenshot())), name)


def write(picture: Image.Image, name: str) -> None:
    """Write the picture with the few colours that such pages have: a quarter of the bytes."""
    colours = picture.convert("RGB").quantize(128, dither=Image.Dither.NONE)
    colours.save(DOCS / name, optimize=True)


if __name__ == "__main__":
    main()
