"""The points that the worker passes while it serves a request, and what may befall it there.

Each point is written down before anything happens at it, so that the tests learn from a run
without disturbance which points there are, and see where a worker died.
"""

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import InterfaceError, OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from tests.crashes.notes import Notes, wait_until

_TABLE = re.compile(r"(?:FROM|UPDATE|INTO) [`\"]?(\w+)")


class Points:
    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._passed = 0
        self._deed: dict[str, Any] = {}
        self._is_muted = False
        self._deeds: dict[str, Callable[[], None]] = {
            "die": _die,
            "lose the database": _lose_database,
            "operational error": _raise_operational_error,
            "interface error": _raise_interface_error,
            "pause": self._pause,
        }

    def begin(self) -> None:
        """Begin a request. What is to befall it befalls no later one."""
        self._passed = 0
        self._deed = json.loads(self._notes.take("deed") or "{}")

    def end(self) -> None:
        self._deed = {}
        self._notes.add_line("passed", "the end")

    def passing(self, point: str) -> None:
        if self._is_muted:
            return
        self._notes.add_line("passed", point)
        self._passed += 1
        if self._deed.get("at") == self._passed:
            self._is_muted = True  # the deed's own statements are no points
            try:
                self._deeds[self._deed["deed"]]()
            finally:
                self._is_muted = False

    def watch_the_database(self) -> None:
        connection_created.connect(self._watch_connection, weak=False)
        for name in ("commit", "rollback"):
            self._watch_method(name)

    def _watch_connection(self, connection: Any, **kwargs: Any) -> None:
        busy_timeout_ms = self._notes.read("busy_timeout_ms")
        if busy_timeout_ms:
            with connection.cursor() as cursor:
                cursor.execute(f"PRAGMA busy_timeout = {int(busy_timeout_ms)}")
        if self._around_statement not in connection.execute_wrappers:
            connection.execute_wrappers.append(self._around_statement)

    def _around_statement(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        name = " ".join([sql.split(maxsplit=1)[0], *_TABLE.findall(sql)[:1]])
        self.passing(f"before {name}")
        result = execute(sql, params, many, context)
        self.passing(f"after {name}")
        return result

    def _watch_method(self, name: str) -> None:
        method = getattr(BaseDatabaseWrapper, name)

        @wraps(method)
        def watched(database: BaseDatabaseWrapper) -> None:
            self.passing(f"before {name.upper()}")
            method(database)
            self.passing(f"after {name.upper()}")

        setattr(BaseDatabaseWrapper, name, watched)

    def _pause(self) -> None:
        self._notes.leave("paused")
        wait_until(lambda: self._notes.read("paused") is None, "the test lets the worker go on")


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _lose_database() -> None:
    """Let the server throw us out, as it does when it is restarted or somebody ends the session."""
    session: Any = connection.connection
    if session is None:
        return
    other = connection.copy()
    with other.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_terminate_backend(%s, 10000)", [session.info.backend_pid])
        else:
            cursor.execute(f"KILL {int(session.thread_id())}")
    other.close()


def _raise_operational_error() -> None:
    raise OperationalError("server closed the connection unexpectedly")


def _raise_interface_error() -> None:
    raise InterfaceError("connection already closed")
