"""Make the pictures of the admin anew: ``python -m docs.admin_screenshots``.

They show the example shop after the month of ``manage.py fill_month``, once for each language.
Needs Chromium and ``pip install -e ".[browser]"``.
"""

from __future__ import annotations

import io
import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from PIL import Image

from docs.screenshots import DOCS, LANGUAGES, PHONE, chromium
from tests.browser import shopping
from tests.browser.month import database_of, running_month

DESKTOP = {"width": 1280, "height": 860}
WIDE = {"width": 1440, "height": 860}
TALL = {"width": 1280, "height": 1130}

#: In which language the operator writes.
NOTES = {"en-GB": "en", "zh-CN": "zh-hans"}

LIST = "/admin/django_gemafu/order/"
INBOX = "/admin/django_gemafu/inbox/"
TAKINGS = "/admin/django_gemafu/takings/"


def main() -> None:
    with chromium() as browser:
        for suffix, locale in LANGUAGES.items():
            with TemporaryDirectory() as folder:
                scratch = Path(folder)
                with running_month(scratch, language=NOTES[locale]) as url:
                    take(browser, suffix, longest_story(scratch), base_url=url, locale=locale)


def take(browser: Any, suffix: str, order: int, **options: Any) -> None:
    desktop = browser.new_page(viewport=DESKTOP, **options)
    shopping.log_in(desktop)
    on_desktop(desktop, suffix, order)
    phone = browser.new_page(viewport=PHONE, **options)
    shopping.log_in(phone)
    on_phone(phone, suffix)
    dark = browser.new_page(viewport=TALL, color_scheme="dark", **options)
    shopping.log_in(dark)
    dark.goto(TAKINGS)
    picture(dark, f"takings-dark{suffix}")


def longest_story(scratch: Path) -> int:
    """Return the number of the order to which most has happened."""
    with closing(sqlite3.connect(database_of(scratch))) as database:
        events = "SELECT order_id FROM django_gemafu_orderevent GROUP BY order_id"
        (order,) = database.execute(f"{events} ORDER BY count(*) DESC, order_id DESC").fetchone()
    return int(order)


def on_desktop(page: Any, suffix: str, order: int) -> None:
    page.set_viewport_size(WIDE)
    page.goto(LIST)
    picture(page, f"list{suffix}")
    page.set_viewport_size(DESKTOP)
    page.goto(INBOX)
    picture(page, f"inbox{suffix}")
    page.locator(".gemafu-item .gemafu-acts a").first.click()
    page.wait_for_url("**/act/**")
    picture(page, f"confirm{suffix}")
    page.goto(f"{LIST}{order}/change/")
    picture(page.locator("#content"), f"story{suffix}")
    page.set_viewport_size(TALL)
    page.goto(TAKINGS)
    picture(page, f"takings{suffix}")


def on_phone(page: Any, suffix: str) -> None:
    for name, path in (("list", LIST), ("inbox", INBOX), ("takings", TAKINGS)):
        page.goto(path)
        picture(page, f"{name}-phone{suffix}")


def picture(shown: Any, name: str) -> None:
    """Keep what a page or a part of it shows. A palette does: the admin has few colours."""
    image = Image.open(io.BytesIO(shown.screenshot())).convert("RGB")
    few = image.quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    few.save(DOCS / f"admin-{name}.png", optimize=True)


if __name__ == "__main__":
    main()
