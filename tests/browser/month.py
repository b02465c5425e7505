"""The demo after a month of orders."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.browser.demo import ROOT, running_demo


@contextmanager
def running_month(scratch: Path, *, language: str = "en", orders: int = 900) -> Iterator[str]:
    """Fill a shop, serve it, and give its address. ``language`` is that of the operator's notes."""
    environment = {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{database_of(scratch)}",
        "DJANGO_SETTINGS_MODULE": "example_project.settings",
    }
    subprocess.run(
        [sys.executable, "manage.py", "fill_month", f"--language={language}", f"--orders={orders}"],
        cwd=ROOT,
        env=environment,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    with running_demo(scratch) as url:
        yield url


def database_of(scratch: Path) -> Path:
    return scratch / "demo.sqlite3"  # where running_demo has it
