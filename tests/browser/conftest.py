"""The demo, as the README starts it, and a real browser in front of it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

ROOT = Path(__file__).resolve().parents[2]
_STARTUP_SECONDS = 60


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run ``manage.py demo`` on a database of its own, and return its address."""
    scratch = tmp_path_factory.mktemp("demo")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    environment = {
        **os.environ,
        "DEMO_ADDRESS": address,
        "DATABASE_URL": f"sqlite:///{scratch / 'demo.sqlite3'}",
        "DJANGO_SETTINGS_MODULE": "example_project.settings",
        "GEMAFU_CHECK_INTERVAL_SECONDS": "2",
        "GEMAFU_READ_TIMEOUT_SECONDS": "2",
        "GEMAFU_SANDBOX_RETRY_DELAYS_SECONDS": "1",
    }
    with (scratch / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "demo"],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait_for(f"http://{address}/", process, scratch / "log")
            yield f"http://{address}"
        finally:
            process.send_signal(signal.SIGINT)  # as Ctrl-C does
            process.wait(timeout=20)


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _STARTUP_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            requests.get(url, timeout=5)
        except requests.ConnectionError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"the demo did not start:\n{log.read_text()}")


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
