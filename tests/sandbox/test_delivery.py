from __future__ import annotations

import gzip

import pytest

from django_gemafu.sandbox.delivery import Outcome, post
from django_gemafu.sandbox.enums import AttemptError
from tests.protocol.servers import http_answer, serving
from tests.sandbox.foreign import Shop


@pytest.mark.parametrize("text", [b"200", b" 200\r\n"])
def test_accepted(shop: Shop, text: bytes) -> None:
    shop.answers = [(200, text)]
    assert post(shop.url, b"{}") == Outcome(http_status=200, answer=text.decode())
    assert post(shop.url, b"{}").is_accepted


@pytest.mark.parametrize(
    ("status", "text"),
    [(200, b""), (200, b"200 OK"), (200, b"ok"), (200, b'"200"'), (500, b"200"), (404, b"200")],
)
def test_not_accepted(shop: Shop, status: int, text: bytes) -> None:
    shop.answers = [(status, text)]
    outcome = post(shop.url, b"{}")
    assert (outcome.http_status, outcome.answer) == (status, text.decode())
    assert not outcome.is_accepted


def test_redirects_are_not_followed(shop: Shop) -> None:
    shop.answers, shop.headers = [(302, b"200")], {"Location": shop.url + "/elsewhere"}
    outcome = post(shop.url, b"{}")
    assert (outcome.http_status, outcome.is_accepted) == (302, False)
    assert shop.paths == ["/notify"]


def test_proxies_of_this_machine_are_not_used(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert post(shop.url, b"{}").is_accepted


def test_long_answer_is_cut(shop: Shop) -> None:
    shop.answers = [(200, "字".encode() * 1_000_000)]
    outcome = post(shop.url, b"{}")
    assert 1000 < len(outcome.answer) < 10_000
    assert not outcome.is_accepted


def test_answer_that_no_database_keeps(shop: Shop) -> None:
    shop.answers = [(200, b"\x00\xff")]
    assert post(shop.url, b"{}").answer == "\ufffd\ufffd"


@pytest.mark.parametrize(
    "url", ["nonsense", "ftp://127.0.0.1/", "http://", "http://[::1", f"http://{'a' * 70}.example/"]
)
def test_unusable_address(url: str) -> None:
    assert post(url, b"{}") == Outcome(error=AttemptError.ADDRESS)


def test_nobody_there() -> None:
    with serving(started=False) as server:
        assert post(server.url, b"{}") == Outcome(error=AttemptError.CONNECT)


def test_broken_off() -> None:
    with serving(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n200") as server:
        assert post(server.url, b"{}") == Outcome(error=AttemptError.CONNECT)


def test_no_answer_in_time() -> None:
    with serving(http_answer(b"200"), pause_seconds=5) as server:
        assert post(server.url, b"{}", 0.05) == Outcome(error=AttemptError.TIMEOUT)


def test_answer_in_two_pieces() -> None:
    with serving(b"HTTP/1.1 200 OK\r\n\r\n2", b"00", pause_seconds=0.1) as server:
        assert post(server.url, b"{}").is_accepted


def test_answer_that_stops_in_the_middle() -> None:
    with serving(b"HTTP/1.1 200 OK\r\n\r\n2", endlessly=b"", pause_seconds=0.01) as server:
        assert post(server.url, b"{}", 0.2) == Outcome(error=AttemptError.TIMEOUT)


def test_dripping_answer() -> None:
    with serving(b"HTTP/1.1 200 OK\r\n\r\n", endlessly=b" ", pause_seconds=0.01) as server:
        assert post(server.url, b"{}", 0.2) == Outcome(error=AttemptError.TIMEOUT)


def test_untrusted_certificate() -> None:
    with serving(http_answer(b"200"), tls=True) as server:
        assert post(server.url, b"{}") == Outcome(error=AttemptError.TLS)


def test_compressed_answer() -> None:
    headers = "Content-Encoding: gzip\r\n"
    with serving(http_answer(gzip.compress(b"200"), headers=headers)) as server:
        assert post(server.url, b"{}").is_accepted
    with serving(http_answer(b"200", headers=headers)) as server:
        assert post(server.url, b"{}") == Outcome(error=AttemptError.DAMAGED)
