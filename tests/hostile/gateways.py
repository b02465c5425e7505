"""A gateway that does what a test says, over a real connection: well, badly, or not at all."""

from __future__ import annotations

import contextlib
import itertools
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from tests.protocol.servers import Server, http_answer, http_head, serving

#: How long a gateway is waited for that is known to answer too late.
SHORT_SECONDS = 0.15

#: From the request's fields to what is sent back, piece by piece.
Answer = Callable[[dict[str, Any]], Iterable[bytes]]


class Gateway:
    """Each request is answered by ``answer``, which a test may replace at any time."""

    def __init__(self, server: Server, settings: Any) -> None:
        self.answer: Answer = well
        self.server = server
        self._settings = settings
        self._wait(10)
        server.pieces = self

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.answer(self.server.requests[-1].json["data"]))

    def is_too_slow(self) -> None:
        """Do not wait for it for long. Where time is not the point, a busy machine has enough."""
        self._wait(SHORT_SECONDS)

    def recovers(self) -> None:
        self.answer = well
        self._wait(10)

    def _wait(self, seconds: float) -> None:
        names = ("CONNECT_TIMEOUT_SECONDS", "READ_TIMEOUT_SECONDS", "POLL_TIMEOUT_SECONDS")
        self._settings.GEMAFU = {**self._settings.GEMAFU, **dict.fromkeys(names, seconds)}

    @property
    def asked(self) -> list[dict[str, Any]]:
        return [request.json["data"] for request in self.server.requests]


@contextlib.contextmanager
def gateway(settings: Any) -> Iterator[Gateway]:
    """Run a gateway, and let the settings point at it."""
    with serving() as server:
        settings.GEMAFU = {**settings.GEMAFU, "GATEWAY_URL": server.url}
        yield Gateway(server, settings)


def placed(data: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Return the fields of a good answer to PlaceOrder."""
    return {
        "code": "200",
        "orderid": 4711,
        "m_oid": data["m_oid"],
        "m_money": data["m_money"],
        "userid": data["userid"],
        "appname": data["appname"],
        "money": data["m_money"] - 1,
        "qr_content": "wxp://for-tests",
        "freecode": 0,
        "expiration": int(time.time()) + 300,
        **changes,
    }


def well(data: dict[str, Any]) -> list[bytes]:
    """Take every order, and say of every order that it is not paid."""
    if data["method"] == "PlaceOrder":
        return [http_answer(placed(data))]
    return [http_answer({"code": 200, "status": 1})]


def but(**changes: Any) -> Answer:
    """Take the order, but answer some fields otherwise."""
    return lambda data: [http_answer(placed(data, **changes))]


def raw(*pieces: bytes) -> Answer:
    return lambda data: pieces


def says(content: object, *, status: str = "200 OK", headers: str = "") -> Answer:
    return raw(http_answer(content, status=status, headers=headers))


def silent(seconds: float = 30) -> Answer:
    def answer(data: dict[str, Any]) -> Iterator[bytes]:
        yield from waiting(seconds)

    return answer


def waiting(seconds: float) -> Iterator[bytes]:
    """Send nothing for a while, in steps after which the server may be stopped."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(0.01)
        yield b""


def dripping(start: bytes, drop: bytes, *, pause_seconds: float = 0.02) -> Answer:
    """Send the start, and then a drop at a time, without an end."""

    def answer(data: dict[str, Any]) -> Iterator[bytes]:
        yield start
        while True:
            yield from waiting(pause_seconds)
            yield drop

    return answer


def endless(start: bytes, piece: bytes) -> Answer:
    return lambda data: itertools.chain([start], itertools.repeat(piece))


def redirect(target: str, *, rest: bytes = b"") -> bytes:
    """Return the head of a redirect; Latin-1, as headers are."""
    return (
        http_head(f"Location: {target}\r\n", status="302 Found").decode().encode("latin-1") + rest
    )
