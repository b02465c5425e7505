from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from django_gemafu.operations import place_order
from django_gemafu.operations.diagnosis.gateway import examine_clock, examine_credentials
from django_gemafu.protocol.signing import verify
from django_gemafu.sandbox.models import SandboxOrder
from django_gemafu.testing import make_order
from django_gemafu.testing.plugin import Sandbox
from tests.operations.diagnosis.findings import only, point
from tests.protocol.servers import http_answer, serving

over_http = pytest.mark.django_db(transaction=True)


@over_http
def test_nothing_was_ever_ordered(gemafu_sandbox: Sandbox) -> None:
    finding = only(examine_credentials())

    assert (finding.code, finding.level) == ("gateway", "ok")
    assert "an order that does not exist, it said: there is no such order." in finding.detail
    assert SandboxOrder.objects.count() == 0


@over_http
def test_the_newest_order_is_asked_about(gemafu_sandbox: Sandbox) -> None:
    orders = [place_order(amount_fen=100, customer_id="1", reference=str(each)) for each in (1, 2)]
    place_order(amount_fen=100, customer_id="1", reference="1")
    make_order(merchant_id=1)

    assert f"order {orders[1].gateway_order_id}, it knew it." in only(examine_credentials()).detail


@over_http
@pytest.mark.parametrize("known", [True, False])
def test_a_wrong_key(gemafu_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, known: bool) -> None:
    if known:
        make_order()
    monkeypatch.setattr(
        "django_gemafu.sandbox.gateway.verify",
        lambda data, signature, _secrets: verify(data, signature, ["the key at the gateway"]),
    )

    finding = only(examine_credentials())

    assert (finding.code, finding.level) == ("gateway.refused", "problem")
    assert "it said: bad signature" in finding.detail
    assert ("place one" in finding.advice) != known


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("answer", "options", "words"),
    [
        (b"", {"started": False}, "could not be reached"),
        (b"", {"tls": True}, "certificate"),
        (b"", {"pause_seconds": 9}, "in time"),
        (b"", {}, "broke"),
        (http_answer(b"<html>"), {}, "cannot be read"),
        (http_answer({"code": 200, "orderid": 1, "status": 0}), {}, "another order"),
        (http_answer(b"", status="502 Bad Gateway"), {}, "502"),
    ],
)
def test_no_usable_answer(
    settings: Any, answer: bytes, options: dict[str, Any], words: str
) -> None:
    with serving(answer, **options) as server:
        url = server.url.replace("http:", "https:") if "tls" in options else server.url
        if "pause_seconds" in options:
            point(settings, READ_TIMEOUT_SECONDS=0.3)
        point(settings, GATEWAY_URL=url)
        finding = only(examine_credentials())

    assert (finding.code, finding.level) == ("gateway.silent", "problem")
    assert words in finding.detail


@contextmanager
def dating(date: str | None) -> Iterator[str]:
    """Serve answers that carry this date, and give the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.send_response_only(405)
            if date is not None:
                self.send_header("Date", date)
            self.end_headers()

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/pay"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("seconds", "code", "level", "title"),
    [
        (0, "clock", "ok", "agrees"),
        (-50, "clock", "ok", "agrees"),
        (120, "clock.skew", "warning", "behind"),
        (-120, "clock.skew", "warning", "ahead of"),
        (-86400, "clock.skew", "problem", "ahead of"),
    ],
)
def test_the_gateways_date(settings: Any, seconds: int, code: str, level: str, title: str) -> None:
    with dating(formatdate(time.time() + seconds, usegmt=True)) as url:
        point(settings, GATEWAY_URL=url)
        finding = only(examine_clock())

    assert (finding.code, finding.level) == (code, level)
    assert title in finding.title


@pytest.mark.parametrize("date", [None, "noon"])
def test_no_date_to_compare_with(settings: Any, date: str | None) -> None:
    with dating(date) as url:
        point(settings, GATEWAY_URL=url)
        assert list(examine_clock()) == []


def test_no_gateway() -> None:
    assert list(examine_clock()) == []
