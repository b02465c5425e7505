"""The page of the takings, in headless Chromium, under a strict policy and looked at by axe."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.month import running_month

shopping = pytest.importorskip("tests.browser.shopping", exc_type=ImportError)

TAKINGS = "/admin/django_gemafu/takings/"
STRICT_CSP = (
    "default-src 'none'; img-src 'self'; script-src 'self'; style-src 'self'; connect-src 'self'"
)


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_month(tmp_path_factory.mktemp("month"), orders=120) as url:
        yield url


@pytest.fixture
def open_takings(chromium: Any, month: str) -> Iterator[Any]:
    """Return a function that opens the page; what the policy forbids fails the test."""
    contexts = []
    complaints: list[str] = []

    def with_policy(route: Any) -> None:
        response = route.fetch()
        headers = {**response.headers, "content-security-policy": STRICT_CSP}
        route.fulfill(response=response, headers=headers)

    def open_page(**options: Any) -> Any:
        context = chromium.new_context(
            **{"base_url": month, "viewport": DESKTOP, "locale": "en-GB", **options}
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        shopping.log_in(page)
        page.route(f"**{TAKINGS}**", with_policy)
        page.goto(TAKINGS)
        page.wait_for_load_state("networkidle")
        # Now: axe, which some tests run, does what the policy forbids.
        assert [text for text in complaints if "Content Security Policy" in text] == []
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("viewport", "locale"), [(PHONE, "zh-CN"), (DESKTOP, "en-GB")])
def test_everybody_can_read_it(
    open_takings: Any, viewport: dict[str, int], locale: str, scheme: str
) -> None:
    page = open_takings(viewport=viewport, locale=locale, color_scheme=scheme)

    assert shopping.accessibility_faults(page) == []
    assert page.get_by_role("img").count() == 4
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


def test_bars_have_the_colours_of_their_legend(open_takings: Any) -> None:
    page = open_takings()

    fill = "element => getComputedStyle(element).fill"
    bar = page.locator("figure svg[role=img] .gemafu-received").first
    key = page.locator("figure .gemafu-legend .gemafu-received")

    assert bar.evaluate(fill) == key.evaluate(fill) != "rgb(0, 0, 0)"


def test_a_period_is_chosen(open_takings: Any) -> None:
    page = open_takings()
    days = page.locator("#content tbody th").count()

    page.get_by_label("By:").select_option("week")
    page.get_by_label("Time zone:").select_option("America/New_York")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**step=week**")

    assert days == 30
    assert 5 <= page.locator("#content tbody th").count() <= 6

    page.get_by_role("link", name="7 days").click()
    page.wait_for_url("**step=day**")

    assert page.locator("#content tbody th").count() == 7
    assert page.get_by_label("Time zone:").input_value() == "America/New_York"


def test_a_mistake_is_pointed_out(open_takings: Any) -> None:
    page = open_takings()

    page.get_by_label("To:").fill("2020-01-01")
    page.get_by_role("button", name="Show").click()

    page.get_by_text("The last day is before the first.").wait_for()
    assert page.get_by_label("To:").input_value() == "2020-01-01"
