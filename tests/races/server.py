"""A gunicorn with several workers, on the database of the test run."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import requests
from django.db import connection

from django_gemafu.conf import conf
from django_gemafu.models import Order
from django_gemafu.operations.notify_address import notify_url
from django_gemafu.protocol.messages import Envelope, Notification
from tests.races.racing import Answer

_ROOT = Path(__file__).resolve().parents[2]
_STARTUP_SECONDS = 60
_CONFIGURATION = Path(__file__).with_name("gunicorn_conf.py")
_COMMAND = [sys.executable, "-m", "gunicorn", f"--config={_CONFIGURATION}"]


@dataclass(frozen=True)
class Server:
    url: str
    log: Path


@contextmanager
def running_server(scratch: Path, *arguments: str, options_unset: bool) -> Iterator[Server]:
    """Serve on a free port. gunicorn leads a process group of its own."""
    with socket.socket() as free:  # held until the group is gone: nobody else gets the port
        free.bind(("127.0.0.1", 0))
        free.listen(100)
        server = Server(f"http://127.0.0.1:{free.getsockname()[1]}", scratch / "gunicorn.log")
        with server.log.open("wb") as output:
            process = subprocess.Popen(
                [*_COMMAND, f"--bind=fd://{free.fileno()}", *arguments],
                cwd=_ROOT,
                env=_environment(options_unset=options_unset),
                pass_fds=[free.fileno()],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            _wait_for(server, process)
            yield server
        finally:
            _stop(process)


def _environment(*, options_unset: bool) -> dict[str, str]:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.races.settings",
        "GEMAFU_RACE_DATABASE": str(connection.settings_dict["NAME"]),
    }
    return environment | ({"GEMAFU_RACE_OPTIONS_UNSET": "1"} if options_unset else {})


def _wait_for(server: Server, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _STARTUP_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            requests.get(server.url, timeout=5)
        except (requests.ConnectionError, requests.Timeout):
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"gunicorn did not start:\n{server.log.read_text()}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    assert process.stdin is not None
    process.stdin.close()
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=10)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)  # whoever is left of the group
    process.wait(timeout=10)


def post_over_http(url: str, order: Order, message: Notification) -> Answer:
    address = url + urlsplit(notify_url(order.token)).path
    body = Envelope.seal(message, conf.secret_key).to_json()
    answer = requests.post(address, body, timeout=60)
    return answer.status_code, answer.text
