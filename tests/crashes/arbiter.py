"""Runs one worker after the other, as gunicorn does with ``preload`` and one synchronous worker.

Started in a process of its own; each worker is forked from it, and serves until it dies.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import sys
from collections.abc import Iterator
from types import FrameType
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from django.core.handlers.wsgi import WSGIHandler
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.test import RequestFactory
from django.urls import reverse

from django_gemafu.signals import payment_succeeded
from tests.crashes import receiver
from tests.crashes.notes import notes_of_this_shop
from tests.crashes.points import Points

NOTES = notes_of_this_shop()
POINTS = Points(NOTES)


class Application:
    """The shop, with points around its answer."""

    def __init__(self, django: WSGIHandler) -> None:
        self._django = django

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        POINTS.begin()
        try:
            response = self._django(environ, start_response)
        except SystemExit:  # gunicorn's worker leaves so when its arbiter aborts it
            os._exit(1)
        content = b"".join(response)
        POINTS.passing("before the answer")
        yield content[:1]
        POINTS.passing("the answer is half written")
        yield content[1:]
        POINTS.passing("after the answer")
        response.close()
        POINTS.end()


class Handler(WSGIRequestHandler):
    disable_nagle_algorithm = True  # the answer is written in pieces

    def log_message(self, *args: Any) -> None:
        pass


def watched_receiver(order: Any, **kwargs: Any) -> None:
    POINTS.passing("the receiver begins")
    receiver.ship(order=order)
    POINTS.passing("the receiver has written")
    receiver.misbehave(NOTES)


def server_on(listener: socket.socket, application: Application) -> WSGIServer:
    server = WSGIServer(listener.getsockname(), Handler, bind_and_activate=False)
    server.socket.close()
    server.socket = listener
    server.server_name, server.server_port = listener.getsockname()
    server.setup_environ()
    server.set_app(application)
    return server


def serve(server: WSGIServer) -> None:
    signal.signal(signal.SIGABRT, _leave)
    NOTES.leave("worker", str(os.getpid()))
    while True:
        ready, _, _ = select.select([server, sys.stdin], [], [])
        if sys.stdin in ready:  # the tests closed it, or are gone
            os._exit(0)
        server.handle_request()


def _leave(number: int, frame: FrameType | None) -> None:
    sys.exit(1)


def warmed(django: WSGIHandler) -> WSGIHandler:
    """Let everything be imported that a request needs, so that a new worker is there at once."""
    path = reverse("gemafu:notify", args=["00000000-0000-4000-8000-000000000000", "forged"])
    request = RequestFactory().post(path, b"{}", content_type="application/json")
    django(request.environ, lambda *args: None).close()  # type: ignore[arg-type]
    assert connection.connection is None, "workers must not share a connection"
    return django


def main() -> None:
    application = Application(warmed(get_wsgi_application()))
    payment_succeeded.connect(watched_receiver)
    POINTS.watch_the_database()
    server = server_on(socket.socket(fileno=int(os.environ["CRASHES_LISTENER"])), application)
    while True:
        worker = os.fork()
        if worker == 0:
            serve(server)
        _, status = os.waitpid(worker, 0)
        if os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0:
            return


if __name__ == "__main__":
    main()
