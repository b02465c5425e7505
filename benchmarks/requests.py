"""Requests to the WSGI application in this process, and what they cost."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()


def send(method: str, path: str, body: bytes = b"") -> bytes:
    """Send one request, as a server would hand it over; return the body of a good answer."""
    statuses: list[str] = []
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "SERVER_NAME": "shop.example",
        "SERVER_PORT": "443",
        "wsgi.url_scheme": "https",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
        "CONTENT_LENGTH": str(len(body)),
    }
    response = application(environ, lambda status, *args: statuses.append(status))  # type: ignore[arg-type]
    content = b"".join(response)
    response.close()
    if not statuses[0].startswith("200"):
        raise AssertionError(f"{method} {path}: {statuses[0]} {content!r}")
    return content


def cpu_seconds(calls: Sequence[Callable[[], object]]) -> float:
    """Return the processor's seconds that each call took on average."""
    before = time.process_time()
    for call in calls:
        call()
    return (time.process_time() - before) / len(calls)


def ratio(
    floor: Callable[[int], Sequence[Callable[[], object]]],
    ours: Callable[[int], Sequence[Callable[[], object]]],
    size: int,
    rounds: int,
) -> tuple[float, float, float]:
    """Run both in turn; return the floor's seconds, ours, and floor / ours, as medians.

    ``floor`` and ``ours`` make so many calls, which is not measured. In turn, because the machine's
    mood changes by the second.
    """
    pairs = []
    for _ in range(rounds):
        floors, ourses = floor(size), ours(size)
        pairs.append((cpu_seconds(floors), cpu_seconds(ourses)))
    return (
        median(a for a, _ in pairs),
        median(b for _, b in pairs),
        median(a / b for a, b in pairs),
    )
