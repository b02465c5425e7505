"""Work in threads, so that the shop may live in the same process as the sandbox."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import OperationalError, connections

P = ParamSpec("P")
T = TypeVar("T")

logger = logging.getLogger(__name__)

_LOCK_PAUSES_SECONDS = (0.05, 0.2, 1.0, 3.0)


class Background:
    """Runs pieces of work in daemon threads, and lets a test wait for their end."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._running = 0
        self._abandoned = threading.Event()

    def start(self, work: Callable[[threading.Event], None]) -> None:
        """Run ``work`` in a thread. The event that it gets is set when it shall end."""
        with self._changed:
            self._running += 1
        threading.Thread(
            target=self._run, args=(work, self._abandoned), name="gemafu-sandbox", daemon=True
        ).start()

    def wait_until_idle(self, timeout_seconds: float) -> None:
        """Wait until all work is done. Raises :class:`TimeoutError`."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._running == 0, timeout_seconds):
                raise TimeoutError(
                    f"{self._running} threads still run after {timeout_seconds:g} seconds"
                )

    def abandon(self, timeout_seconds: float) -> None:
        """End all pauses, and wait until all work is done. Raises :class:`TimeoutError`."""
        self._abandoned.set()
        self._abandoned = threading.Event()
        self.wait_until_idle(timeout_seconds)

    def _run(self, work: Callable[[threading.Event], None], abandoned: threading.Event) -> None:
        try:
            work(abandoned)
        except Exception:
            logger.exception("The sandbox failed in the background.")
        finally:
            connections.close_all()
            with self._changed:
                self._running -= 1
                self._changed.notify_all()


def database_step(function: Callable[P, T]) -> Callable[P, T]:
    """Let a function be one short visit of a thread to the database.

    While the database is locked, it is tried again; the function must leave nothing half done.
    The connection is closed afterwards, so that none is held during a request or a pause.
    """

    @wraps(function)
    def step(*args: P.args, **kwargs: P.kwargs) -> T:
        for pause_seconds in _LOCK_PAUSES_SECONDS:
            try:
                return function(*args, **kwargs)
            except OperationalError:
                time.sleep(pause_seconds)
            finally:
                connections.close_all()
        return function(*args, **kwargs)

    return step
