"""Notes that the tests and the worker leave each other: files, because they survive a SIGKILL."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

_POLL_SECONDS = 0.002


class Notes:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, name: str) -> Path:
        return self._folder / name

    def leave(self, name: str, text: str = "") -> None:
        unfinished = self.path(f"{name}.unfinished")
        unfinished.write_text(text)
        unfinished.replace(self.path(name))

    def add_line(self, name: str, line: str) -> None:
        with self.path(name).open("a") as file:
            file.write(f"{line}\n")

    def read(self, name: str) -> str | None:
        try:
            return self.path(name).read_text()
        except FileNotFoundError:
            return None

    def take(self, name: str) -> str | None:
        """Return the note and remove it, so that whoever comes next does not find it."""
        text = self.read(name)
        self.path(name).unlink(missing_ok=True)
        return text

    def clear(self) -> None:
        for name in ("passed", "deed", "receiver", "paused", "busy_timeout_ms"):
            self.path(name).unlink(missing_ok=True)


def wait_until(is_so: Callable[[], object], what: str, timeout_seconds: float = 15) -> None:
    deadline = time.monotonic() + timeout_seconds
    while not is_so():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {timeout_seconds:g} seconds: {what}")
        time.sleep(_POLL_SECONDS)


def notes_of_this_shop() -> Notes:
    """Return the notes on the worker's side."""
    return Notes(Path(os.environ["CRASHES_NOTES"]))
