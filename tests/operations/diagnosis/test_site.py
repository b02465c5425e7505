from __future__ import annotations

from typing import Any

import pytest

from django_gemafu import views
from django_gemafu.exceptions import ForgedNotification
from django_gemafu.operations.diagnosis.site import examine_host, examine_notify_address
from django_gemafu.testing.plugin import Sandbox
from tests.operations.diagnosis.findings import only, point
from tests.protocol.servers import http_answer, serving

NOT_OURS = http_answer(b"this address was not made by this shop", status="403 Forbidden")


@pytest.mark.parametrize(
    ("url", "debug", "code"),
    [
        ("https://93.184.216.34", False, "site"),
        ("https://[2606:4700::1111]", False, "site"),
        ("http://127.0.0.1:8000", True, "site"),
        ("http://127.0.0.1:8000", False, "site.local"),
        ("https://192.168.1.5", False, "site.local"),
        (f"https://{'a' * 64}.example", False, "site.unknown"),
    ],
)
def test_where_it_is(settings: Any, url: str, debug: bool, code: str) -> None:
    settings.DEBUG = debug
    point(settings, SITE_URL=url)

    assert only(examine_host()).code == code


@pytest.mark.django_db(transaction=True)
def test_it_is_ours(gemafu_sandbox: Sandbox) -> None:
    finding = only(examine_notify_address())

    assert (finding.code, finding.level) == ("notify", "ok")
    assert "cannot be seen from inside" in finding.detail


def test_another_secret_key_of_django(settings: Any) -> None:
    with serving(endlessly=NOT_OURS) as server:
        point(settings, SITE_URL=server.url.removesuffix("/pay"))
        finding = only(examine_notify_address())

        assert len(server.requests) == 2
        assert {request.body for request in server.requests} == {b""}
    assert finding.code == "notify.key"


@pytest.mark.django_db(transaction=True)
def test_it_takes_anything(gemafu_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    def receive(*, proof: str, **_: Any) -> None:
        if proof == "not-a-proof":
            raise ForgedNotification("this address was not made by this shop")

    monkeypatch.setattr(views, "receive_notification", receive)

    assert only(examine_notify_address()).code == "notify.stranger"


@pytest.mark.parametrize(
    ("status", "headers", "body", "words"),
    [
        ("200 OK", "", b"<html><title>Buy\nthis domain</title>", "Buy this domain"),
        ("301 Moved", "Location: https://w.example/not-a-proof/?x=1\r\n", b"", "w.example/***/)"),
        ("302 Found", "Location: /login/?next=/pay/not-a-proof/\r\n", b"", "GET"),
        ("400 Bad Request", "", b"<h1>Bad Request</h1>", "name of the host"),
        ("401 Unauthorized", "", b"", "login"),
        ("403 Forbidden", "", b"<title>403 CSRF</title>", "CSRF"),
        ("404 Not Found", "", b"<title>Not found: not-a-proof</title>", "not included"),
        ("405 Not Allowed", "", b"", "Something else"),
        ("413 Too Large", "", b"\x00\xff" * 3000, "413"),
        ("502 Bad Gateway", "", b"nginx", "nginx"),
    ],
)
def test_a_stranger(settings: Any, status: str, headers: str, body: bytes, words: str) -> None:
    with serving(http_answer(body, status=status, headers=headers)) as server:
        point(settings, SITE_URL=server.url.removesuffix("/pay"))
        finding = only(examine_notify_address())

        assert len(server.requests) == 1
    assert (finding.code, finding.level) == ("notify.stranger", "problem")
    assert words in finding.detail
    assert len(finding.detail) < 300


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"started": False}, "nothing may listen"),
        ({"pause_seconds": 9}, "in time"),
        ({"tls": True}, "certificate"),
        ({}, "broke off"),
    ],
)
def test_no_answer(settings: Any, options: dict[str, Any], words: str) -> None:
    with serving(b"", **options) as server:
        url = server.url.removesuffix("/pay")
        if "pause_seconds" in options:
            point(settings, READ_TIMEOUT_SECONDS=0.3)
        point(settings, SITE_URL=url.replace("http:", "https:") if "tls" in options else url)
        finding = only(examine_notify_address())

    assert (finding.code, finding.level) == ("notify.silent", "problem")
    assert words in finding.detail
