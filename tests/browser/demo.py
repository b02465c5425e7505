"""The demo as the README starts it, in a process and on a database of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

ROOT = Path(__file__).resolve().parents[2]
_STARTUP_SECONDS = 60


@contextmanager
def running_demo(scratch: Path) -> Iterator[str]:
    """Run ``manage.py demo`` on a free port, and give its address."""
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
            _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGINT)  # as Ctrl-C does
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:  # the children of a shell's background job ignore Ctrl-C
        process.terminate()
        process.wait(timeout=10)


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
