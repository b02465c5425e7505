"""What a hostile sender may achieve: an answer, and nothing else."""

from __future__ import annotations

import contextlib
import io
import os
import time
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from django.conf import settings as django_settings
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import HealthCheck, settings

from django_gemafu.conf import conf
from django_gemafu.models import Order, OrderEvent, Payment
from django_gemafu.operations.notify_address import notify_url
from django_gemafu.protocol.messages import MAX_MESSAGE_BYTES, Envelope
from django_gemafu.protocol.signing import Scalar, sign
from django_gemafu.testing import notification

#: For the largest allowed body, on a machine with other things to do.
MAX_SECONDS = 1.0
#: HOSTILE_EXAMPLES=10 tries ten times as much.
_FACTOR = int(os.environ.get("HOSTILE_EXAMPLES", "1"))
#: One for all: it loads the middleware once.
_CLIENT = Client(raise_request_exception=True)
#: What holds a test's own transactions together.
_BRACKETS = ("SAVEPOINT", "RELEASE", "ROLLBACK")


def examples(count: int) -> settings:
    return settings(
        max_examples=count * _FACTOR,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )


class Source:
    """A request's body that counts what is taken of it. Past ``content`` it may go on for ever."""

    def __init__(self, content: bytes, *, endless: bool = False) -> None:
        self.taken = 0
        self._content = io.BytesIO(content)
        self._endless = endless

    def read(self, size: int | None = -1) -> bytes:
        piece = self._content.read(size)
        if self._endless:
            # Whoever wants everything gets more than is good for a shop.
            wanted = 10 * MAX_MESSAGE_BYTES if size is None or size < 0 else size
            piece += b" " * (wanted - len(piece))
        self.taken += len(piece)
        return piece

    def readline(self, size: int | None = -1) -> bytes:
        return self.read(size)


def proof_of(order: Order) -> str:
    return notify_url(order.token).rstrip("/").rpartition("/")[2]


def address(order: Order, proof: str | bytes | None = None) -> str:
    """Return the path that the gateway posts to, or one with another proof."""
    path = urlsplit(notify_url(order.token)).path
    return path if proof is None else path.replace(proof_of(order), quote(proof, safe=""))


def genuine(order: Order, **fields: Any) -> dict[str, Scalar]:
    """Return the data of the gateway's own notification."""
    return dict(notification(order, **fields).to_data())


def signed(data: Mapping[str, Scalar], signature: str | None = None) -> bytes:
    return Envelope(data=data, sign=signature or sign(data, conf.secret_key)).to_json()


def snapshot() -> list[list[dict[str, Any]]]:
    rows: list[Any] = [
        each.objects.order_by("pk").values() for each in (Order, Payment, OrderEvent)
    ]
    return [list(each) for each in rows]


def send(
    path: str,
    body: bytes = b"",
    *,
    method: str = "POST",
    environ: Mapping[str, str] | None = None,
    endless: bool = False,
    statements: int = 0,
) -> HttpResponse:
    """Send a request, and hold the answer against what holds for each of them.

    ``statements`` is how often the database may be asked.
    """
    source = Source(body, endless=endless)
    extra: dict[str, Any] = {
        "CONTENT_LENGTH": str(len(body)),
        **(environ or {}),
        "wsgi.input": source,
    }
    connection.queries_log.clear()  # which has a limit, and warns
    start = time.perf_counter()
    with CaptureQueriesContext(connection) as captured:
        response: Any = _CLIENT.generic(method, path, b"", **extra)
    assert time.perf_counter() - start < MAX_SECONDS
    assert response.status_code < 500, response.content
    assert source.taken <= MAX_MESSAGE_BYTES + 1
    asked = [query["sql"] for query in captured if not query["sql"].startswith(_BRACKETS)]
    assert len(asked) <= statements, asked
    _tells_nothing(response, path)
    return response  # type: ignore[no-any-return]


def page(order: Order) -> str:
    # As many as it takes to settle an order that turns out to be paid, and to deliver it.
    answer = send(reverse("gemafu:checkout", args=[order.token]), method="GET", statements=20)
    assert answer.status_code == 200
    return answer.content.decode()


def _tells_nothing(response: HttpResponse, path: str) -> None:
    told = response.content + repr(response.headers).encode()
    database = str(connection.settings_dict["NAME"])
    words = [*conf.secret_keys, django_settings.SECRET_KEY, database, "Traceback", 'File "']
    words += [proof for order in Order.objects.all() if (proof := proof_of(order)) not in path]
    if "notify" not in path:  # whoever asks there knows the address
        words.append("/notify/")
    assert not [word for word in words if word.encode() in told]


@contextlib.contextmanager
def harmless() -> Iterator[None]:
    """The block changes nothing."""
    before = snapshot()
    yield
    assert snapshot() == before


@contextlib.contextmanager
def undone() -> Iterator[None]:
    """Take back whatever the block changes: one example must not know of the one before."""
    with transaction.atomic():
        try:
            yield
        finally:
            transaction.set_rollback(True)
