"""The shop as the tests have it: an address to talk to, and a worker to kill."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.db import connection

from django_gemafu.conf import conf
from django_gemafu.models import Order
from django_gemafu.operations.notify_address import notify_url
from django_gemafu.protocol.messages import Envelope, Notification
from django_gemafu.sandbox import delivery
from django_gemafu.sandbox.delivery import Outcome
from django_gemafu.testing import notification
from tests.crashes.notes import Notes, wait_until

ROOT = Path(__file__).resolve().parents[2]


class Shop:
    def __init__(self, url: str, notes: Notes) -> None:
        self.url = url
        self.notes = notes

    @property
    def worker(self) -> int:
        """The process that serves at this moment, or served last."""
        wait_until(lambda: self.notes.read("worker"), "a worker is there")
        return int(self.notes.read("worker") or 0)

    def points(self) -> list[str]:
        """Return the points that the last request passed, from the first to the answer's end."""
        wait_until(lambda: self._lines()[-1:] == ["the end"], "the request is over")
        return self._lines()[:-1]

    def _lines(self) -> list[str]:
        return (self.notes.read("passed") or "").splitlines()

    def plan(self, deed: str, at: int) -> None:
        """Let something befall the next request, at the point with this number, from 1 on."""
        self.notes.take("passed")
        self.notes.leave("deed", json.dumps({"deed": deed, "at": at}))

    def wait_for_death(self, worker: int) -> list[str]:
        """Wait until another worker has taken over; return the points that the dead one passed."""
        wait_until(lambda: self.worker != worker, f"worker {worker} is dead")
        return self._lines()

    def kill(self, number: int = signal.SIGKILL) -> None:
        worker = self.worker
        os.kill(worker, number)
        self.wait_for_death(worker)


class Gateway:
    """Sends the very same notification, however often."""

    def __init__(self, shop: Shop, order: Order, message: Notification | None = None) -> None:
        self._shop = shop
        self._url = shop.url + urlsplit(notify_url(order.token)).path
        self._content = Envelope.seal(message or notification(order), conf.secret_key).to_json()

    def send(self) -> Outcome:
        self._shop.notes.take("passed")
        return delivery.post(self._url, self._content)

    def send_until_accepted(self, attempts: int = 5) -> Outcome:
        for _ in range(attempts):
            outcome = self.send()
            if outcome.is_accepted:
                break
        return outcome


@contextmanager
def running_shop(folder: Path, database: dict[str, Any], gateway_url: str) -> Iterator[Shop]:
    """Serve the shop on a free port, by a worker that is replaced when it dies."""
    notes = Notes(folder)
    # Opened here, so that whoever comes before the worker is there has to wait, and is not refused.
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.crashes.settings",
        "CRASHES_DATABASE": json.dumps(database, default=str),
        "CRASHES_LISTENER": str(listener.fileno()),
        "CRASHES_NOTES": str(folder),
        "GEMAFU_SITE_URL": url,
        "GEMAFU_GATEWAY_URL": gateway_url,
    }
    with notes.path("log").open("wb") as log:
        arbiter = subprocess.Popen(
            [sys.executable, "-m", "tests.crashes.arbiter"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stderr=log,
            pass_fds=[listener.fileno()],
        )
    listener.close()
    shop = Shop(url, notes)
    try:
        yield shop
    finally:
        _stop(arbiter, shop)


def _stop(arbiter: subprocess.Popen[bytes], shop: Shop) -> None:
    assert arbiter.stdin is not None
    arbiter.stdin.close()
    try:
        arbiter.wait(timeout=10)
    except subprocess.TimeoutExpired:  # the worker hangs
        arbiter.kill()
        os.kill(shop.worker, signal.SIGKILL)
        arbiter.wait()


def database_of_the_tests(**options: Any) -> dict[str, Any]:
    """Return the settings of the database that the tests use, as a shop would have them."""
    names = ("ENGINE", "NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")
    settings = {name: connection.settings_dict[name] for name in names}
    return settings | options
