"""A real browser, and the shop in front of it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import Any

import pytest

from tests.browser.demo import running_demo

#: What the extra "browser" brings.
PACKAGES = ("axe_playwright_python", "PIL", "playwright", "zxingcpp")
REASON = 'needs Chromium and pip install -e ".[browser]"'


def pytest_configure(config: pytest.Config) -> None:
    """Let no module skip itself when the browser is required."""
    if config.getoption("--require-browser") and not all(map(find_spec, PACKAGES)):
        raise pytest.UsageError(REASON)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run the demo as the README starts it, and return its address."""
    with running_demo(tmp_path_factory.mktemp("demo")) as url:
        yield url


# For these tests alone: the others are to run without an event loop in their thread.
@pytest.fixture(scope="package")
def chromium(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Start the Chromium of the system; a test tool's own download is not needed."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None or not all(map(find_spec, PACKAGES)):
        if request.config.getoption("--require-browser"):
            pytest.fail(REASON)
        pytest.skip(REASON)
    from playwright.sync_api import sync_playwright

    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright's loop runs in this thread, and Django takes the thread for one that must
        # not wait. It waits for nothing else.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        browser = playwright.chromium.launch(
            executable_path=path,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


PHONE = {"width": 390, "height": 844}
SMALL_PHONE = {"width": 360, "height": 640}
DESKTOP = {"width": 1280, "height": 900}
ANDROID = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/131.0.0.0 Mobile Safari/537.36"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Version/18.1 Mobile/15E148 Safari"
WECHAT = f"{ANDROID} XWEB/1160117 MicroMessenger/8.0.50.2701(0x28003253) WeChat/arm64 Weixin"


@pytest.fixture
def address(demo: str) -> str:
    """Return where the pages are. Modules that make their orders themselves replace it."""
    return demo


@pytest.fixture
def new_page(chromium: Any, address: str) -> Iterator[Callable[..., Any]]:
    """Return a function that opens a page of its own context.

    Faults in the page fail the test, and so does what a Content Security Policy forbids.
    """
    contexts = []
    noted: list[list[str]] = []

    def open_page(**options: Any) -> Any:
        context = chromium.new_context(
            **{"base_url": address, "viewport": PHONE, "locale": "en-GB", **options}
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        noted.append(note_faults(page))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert [fault for faults in noted for fault in faults] == []


def note_faults(page: Any) -> list[str]:
    """Return a list that fills with what goes wrong in the page and what its policy forbids."""
    faults: list[str] = []

    def note(message: Any) -> None:
        if "Content Security Policy" in message.text:
            faults.append(message.text)

    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", note)
    return faults
