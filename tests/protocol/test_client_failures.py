from __future__ import annotations

import contextlib
import gzip
import json
import logging
import socket
import time
from collections.abc import Iterator

import pytest

from django_gemafu.exceptions import (
    GatewayConnectionLost,
    GatewayHTTPError,
    GatewayTimeout,
    GatewayUnreachable,
    GemafuError,
    InvalidGatewayAnswer,
)
from tests.protocol.clients import failure, new_client
from tests.protocol.examples import PLACE_ORDER_ANSWER, SECRET, place_order_request
from tests.protocol.servers import Server, http_answer, http_head, serving

PLACED = http_answer({"code": 200, **PLACE_ORDER_ANSWER})
URLLIB3 = "urllib3.connectionpool"


@contextlib.contextmanager
def at_most(seconds: float) -> Iterator[None]:
    start = time.monotonic()
    yield
    assert time.monotonic() - start < seconds


def retries(caplog: pytest.LogCaptureFixture) -> int:
    return sum(record.msg.startswith("Retrying") for record in caplog.records)


@pytest.fixture
def silent_url() -> Iterator[str]:
    """An address that answers no attempt to connect: its queue is full."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/pay"


def stopping_after(piece: bytes, server: Server) -> Iterator[bytes]:
    yield piece
    server.is_over.wait(60)


class StartOnRetry(logging.Handler):
    def __init__(self, server: Server) -> None:
        super().__init__()
        self.server = server

    def emit(self, record: logging.LogRecord) -> None:
        self.server.start()


def test_a_refused_connection_is_tried_twice(caplog: pytest.LogCaptureFixture) -> None:
    with serving(started=False) as server, at_most(2):
        error = failure(server.url, GatewayUnreachable)
    assert isinstance(error, GemafuError)
    assert error.__cause__ is not None
    assert retries(caplog) == 1


def test_an_address_that_does_not_answer_is_tried_twice(
    silent_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    with at_most(2):
        error = failure(silent_url, GatewayUnreachable, connect_timeout_seconds=0.1)
    assert error.__cause__ is not None
    assert retries(caplog) == 1


def test_a_gateway_that_is_back_for_the_second_attempt_gets_the_order_once() -> None:
    with serving(PLACED, started=False) as server, new_client(server.url) as client:
        start_on_retry = StartOnRetry(server)
        logging.getLogger(URLLIB3).addHandler(start_on_retry)
        try:
            client.place_order(place_order_request())
        finally:
            logging.getLogger(URLLIB3).removeHandler(start_on_retry)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "url",
    [
        "",
        "gateway.example/pay",
        "//gateway.example/pay",
        "ftp://gateway.example/pay",
        "http://",
        "http://[::1/pay",
        "http://127.0.0.1:port/pay",
        f"http://{'x' * 64}.example/pay",
    ],
)
def test_an_address_that_makes_no_sense_is_unreachable(url: str) -> None:
    error = failure(url, GatewayUnreachable)
    assert error.__cause__ is not None


def test_a_proxy_that_is_down_leaves_the_gateway_unreachable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with serving(started=False) as proxy:
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.delenv(name)
        monkeypatch.setenv("http_proxy", proxy.url)
        failure("http://gateway.invalid/pay", GatewayUnreachable)


def test_no_answer_in_time_is_a_timeout_and_not_tried_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with serving(PLACED, pause_seconds=60) as server, at_most(2):
        error = failure(server.url, GatewayTimeout, read_timeout_seconds=0.2)
        assert len(server.requests) == 1
    assert "may have taken the request" in str(error)
    assert error.__cause__ is not None
    assert retries(caplog) == 0


@pytest.mark.parametrize("piece", [b"{", b'{"code": '])
def test_an_answer_that_stops_half_way_is_a_timeout(piece: bytes) -> None:
    with serving() as server, at_most(2):
        server.pieces = stopping_after(http_head("Content-Length: 100\r\n") + piece, server)
        error = failure(server.url, GatewayTimeout, read_timeout_seconds=0.2)
    assert error.__cause__ is not None


def test_an_answer_that_drips_is_bounded_as_a_whole() -> None:
    head = http_head("Content-Length: 60000\r\n")
    with serving(head, endlessly=b" ", pause_seconds=0.02) as server, at_most(2):
        failure(server.url, GatewayTimeout, read_timeout_seconds=0.2)
        assert len(server.requests) == 1


def test_an_answer_without_an_end_is_cut_short() -> None:
    with serving(http_head(), endlessly=b" " * 8192) as server, at_most(2):
        error = failure(server.url, InvalidGatewayAnswer)
    assert str(error) == "the answer is longer than 65536 bytes"


def test_a_compressed_answer_is_measured_unpacked() -> None:
    bomb = gzip.compress(b" " * 10_000_000)
    with serving(http_answer(bomb, headers="Content-Encoding: gzip\r\n")) as server, at_most(2):
        error = failure(server.url, InvalidGatewayAnswer)
    assert str(error) == "the answer is longer than 65536 bytes"


@pytest.mark.parametrize(
    "answer",
    [
        http_answer(b"no gzip", headers="Content-Encoding: gzip\r\n"),
        http_answer(
            gzip.compress(b"{}" * 99)[:-9] + b"x" * 9, headers="Content-Encoding: gzip\r\n"
        ),
    ],
)
def test_broken_compression_is_an_invalid_answer(answer: bytes) -> None:
    with serving(answer) as server:
        error = failure(server.url, InvalidGatewayAnswer)
    assert error.__cause__ is not None


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        http_head("Content-Length: 5000\r\n"),
        http_head("Content-Length: 5000\r\n") + json.dumps(PLACE_ORDER_ANSWER).encode(),
        http_head("Transfer-Encoding: chunked\r\n") + b"ff\r\n{",
        http_head("Transfer-Encoding: chunked\r\n") + b"no number\r\n{",
    ],
)
def test_an_answer_that_is_cut_off_is_a_lost_connection(
    answer: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    with serving(answer) as server, at_most(2):
        error = failure(server.url, GatewayConnectionLost)
        assert len(server.requests) == 1
    assert "may have taken the request" in str(error)
    assert error.__cause__ is not None
    assert retries(caplog) == 0


@pytest.mark.parametrize(
    "status",
    [
        *("300 Multiple Choices", "304 Not Modified", "400 Bad Request", "403 Forbidden"),
        *("404 Not Found", "413 Too Large", "429 Too Many", "500 Oops", "502 Bad Gateway", "503 -"),
    ],
)
def test_another_http_status_is_an_error_and_not_tried_again(status: str) -> None:
    answer = http_answer(
        f"<p>{SECRET} down\n</p>".encode(), status=status, headers="Retry-After: 0\r\n"
    )
    with serving(answer) as server:
        error = failure(server.url, GatewayHTTPError)
        assert len(server.requests) == 1
    number = int(status[:3])
    assert error.status == number
    words = "" if number == 304 else "<p>*** down </p>"  # 304 has no body
    assert str(error) == f"HTTP status {number}: {words}"


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See", "307 Temp", "308 Perm"])
def test_a_redirect_is_not_followed(status: str) -> None:
    with serving(PLACED) as target:
        answer = http_answer(b"moved", status=status, headers=f"Location: {target.url}\r\n")
        with serving(answer) as server:
            assert failure(server.url, GatewayHTTPError).status == int(status[:3])
        assert target.requests == []


def test_a_good_answer_under_a_bad_status_is_not_believed() -> None:
    with serving(PLACED.replace(b"200 OK", b"500 Oops")) as server:
        assert failure(server.url, GatewayHTTPError).status == 500
