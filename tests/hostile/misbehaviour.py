"""What a gateway, or whatever stands before it, can do wrong, and the error that each becomes."""

from __future__ import annotations

import gzip

from django_gemafu.exceptions import (
    GatewayConnectionLost,
    GatewayError,
    GatewayHasNoData,
    GatewayHTTPError,
    GatewayTimeout,
    InvalidGatewayAnswer,
)
from tests.hostile.gateways import Answer, dripping, endless, raw, redirect, says, silent
from tests.protocol.servers import http_answer, http_head

_OK = b"HTTP/1.1 200 OK\r\n"
_SECRET = "for-tests-only-000000000000000001"
#: Comes in every text that a customer must not get to see.
WORDS = "the gateway's own words"

_BOMB = gzip.compress(b" " * 30_000_000)

#: Whatever was asked, and whatever the gateway made of it.
ANY_CALL: dict[str, tuple[Answer, type[GatewayError]]] = {
    "silence": (silent(), GatewayTimeout),
    "silence after the headers": (
        dripping(http_head("Content-Length: 9\r\n"), b""),
        GatewayTimeout,
    ),
    "half an answer, then silence": (
        dripping(http_head("Content-Length: 99\r\n") + b'{"code": 2', b""),
        GatewayTimeout,
    ),
    "a status line that drips": (dripping(b"HTTP/1.1 2", b"0"), GatewayTimeout),
    "headers that drip": (dripping(_OK + b"X-Slow: ", b"x"), GatewayTimeout),
    "headers without an end": (
        dripping(_OK, b"X-More: x\r\n", pause_seconds=0.008),
        GatewayTimeout,
    ),
    "always about to continue": (dripping(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), GatewayTimeout),
    "always at once about to continue": (
        endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100),
        GatewayTimeout,
    ),
    "a body that drips": (dripping(http_head(), b" "), GatewayTimeout),
    "chunks that drip": (
        dripping(http_head("Transfer-Encoding: chunked\r\n"), b"1\r\n \r\n"),
        GatewayTimeout,
    ),
    "a chunk's length that drips": (
        dripping(http_head("Transfer-Encoding: chunked\r\n"), b"0"),
        GatewayTimeout,
    ),
    "an error that drips": (dripping(http_head(status="503 Busy"), b" "), GatewayTimeout),
    "a redirect that drips": (dripping(redirect("/elsewhere"), b" "), GatewayTimeout),
    "closed at once": (raw(b""), GatewayConnectionLost),
    "closed in the headers": (raw(_OK + b"Content-Le"), InvalidGatewayAnswer),
    "closed after the headers": (raw(http_head("Content-Length: 9\r\n")), GatewayConnectionLost),
    "closed in the answer": (
        raw(http_head("Content-Length: 99\r\n") + b'{"code": 200, "st'),
        GatewayConnectionLost,
    ),
    "closed in a chunk": (
        raw(http_head("Transfer-Encoding: chunked\r\n") + b"ff\r\n{"),
        GatewayConnectionLost,
    ),
    "another protocol": (raw(b"SSH-2.0-OpenSSH_9.6\r\n"), GatewayConnectionLost),
    "too many headers": (raw(_OK + b"X: y\r\n" * 200 + b"\r\n{}"), GatewayConnectionLost),
    "a header that is too long": (
        raw(_OK + b"X: " + b"y" * 70_000 + b"\r\n\r\n{}"),
        GatewayConnectionLost,
    ),
    "a body without an end": (endless(http_head(), b" " * 8192), InvalidGatewayAnswer),
    "an error without an end": (
        endless(http_head(status="500 Oops"), b" " * 8192),
        InvalidGatewayAnswer,
    ),
    "a redirect without an end": (
        endless(redirect("/elsewhere"), b" " * 8192),
        InvalidGatewayAnswer,
    ),
    "a compressed bomb": (
        says(_BOMB, headers="Content-Encoding: gzip\r\n"),
        InvalidGatewayAnswer,
    ),
    "broken compression": (says(b"x", headers="Content-Encoding: gzip\r\n"), InvalidGatewayAnswer),
    "a redirect to nowhere": (raw(redirect("http://[")), GatewayHTTPError),
    "a redirect to no address": (raw(redirect("http://[x]/")), GatewayHTTPError),
    "a redirect to no port": (raw(redirect("//x:port/")), GatewayHTTPError),
    "a redirect in Latin-1": (raw(redirect("/é")), GatewayHTTPError),
    "a server error": (says(WORDS.encode(), status="500 Oops"), GatewayHTTPError),
    "a server error with the secret": (says(_SECRET.encode(), status="502 Oops"), GatewayHTTPError),
    "a server error in UTF-16": (
        says(WORDS.encode("utf-16"), status="503 Unavailable"),
        GatewayHTTPError,
    ),
    "a teapot": (says(b"\x00\x1b[31m\xff\xfe", status="418 Teapot"), GatewayHTTPError),
    "nothing": (says(b""), InvalidGatewayAnswer),
    "HTML": (says(f"<html><script>alert('{WORDS}')</script>".encode()), InvalidGatewayAnswer),
    "NUL": (says(b"\x00" * 100), InvalidGatewayAnswer),
    "no UTF-8": (says(b'{"code": "\xff"}'), InvalidGatewayAnswer),
    "UTF-16": (says('{"code": 200}'.encode("utf-16")), InvalidGatewayAnswer),
    "half a document": (says(b'{"code": 200, '), InvalidGatewayAnswer),
    "two documents": (says(b"{}{}"), InvalidGatewayAnswer),
    "a list": (says([]), InvalidGatewayAnswer),
    "null": (says(None), InvalidGatewayAnswer),
    "deep nesting": (says(b'{"code":' * 8000), InvalidGatewayAnswer),
    "a field twice": (says(b'{"code": 500, "code": 200}'), InvalidGatewayAnswer),
    "a number of many digits": (
        says(b'{"code": 200, "status": 2, "x": ' + b"9" * 4000 + b"}"),
        InvalidGatewayAnswer,
    ),
    "no code": (says({"status": 2}), InvalidGatewayAnswer),
    "a code that is no number": (says({"code": "ok", "status": 2}), InvalidGatewayAnswer),
    "a code that is a fraction": (says({"code": 200.0, "status": 2}), InvalidGatewayAnswer),
    "a nested answer": (says({"code": 200, "data": {"status": 2}}), InvalidGatewayAnswer),
    "success and nothing else": (says({"code": 200}), InvalidGatewayAnswer),
    "half a surrogate pair": (
        says({"code": 200, "status": 2, "msg": "\ud800"}),
        InvalidGatewayAnswer,
    ),
    "no data": (says({"code": 204, "msg": WORDS}), GatewayHasNoData),
    "a good answer under a bad status": (
        raw(http_answer({"code": 200, "status": 2}, status="500 Oops")),
        GatewayHTTPError,
    ),
}
