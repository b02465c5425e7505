"""The demo, as the README starts it, and a real browser in front of it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.browser.demo import running_demo


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run the demo, and return its address."""
    with running_demo(tmp_path_factory.mktemp("demo")) as url:
        yield url


# For one module at a time: while it runs, Playwright's event loop would keep Django's ORM from
# being used by other tests in this thread.
@pytest.fixture(scope="module")
def chromium(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Start the Chromium of the system; a test tool's own download is not needed."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    try:
        import zxingcpp  # noqa: F401
        from playwright.sync_api import sync_playwright
    except ImportError:
        path = None
    if path is None:
        reason = 'needs Chromium and pip install -e ".[browser]"'
        if request.config.getoption("--require-browser"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}


@pytest.fixture
def new_page(chromium: Any, demo: str) -> Iterator[Callable[..., Any]]:
    """Return a function that opens a page of its own context; faults in the page fail the test."""
    contexts = []
    faults: list[str] = []

    def open_page(**options: Any) -> Any:
        context = chromium.new_context(
            **{"base_url": demo, "viewport": PHONE, "locale": "en-GB", **options}
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []
