from __future__ import annotations

import pytest

from django_gemafu.exceptions import GatewayTLSError
from tests.protocol.clients import failure, new_client
from tests.protocol.examples import PLACE_ORDER_ANSWER, place_order_request
from tests.protocol.servers import SELF_SIGNED, http_answer, serving

PLACED = http_answer({"code": 200, **PLACE_ORDER_ANSWER})


def test_a_gateway_without_tls_is_not_trusted() -> None:
    with serving(PLACED) as server:
        error = failure(server.url.replace("http:", "https:"), GatewayTLSError)
        assert server.requests == []
    assert error.__cause__ is not None


def test_a_certificate_that_nobody_signed_is_not_trusted() -> None:
    with serving(PLACED, tls=True) as server:
        error = failure(server.url, GatewayTLSError)
        assert server.requests == []
    assert "certificate" in str(error)
    assert error.__cause__ is not None


def test_a_trusted_certificate_must_be_for_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(SELF_SIGNED))
    with serving(PLACED, tls=True) as server:
        failure(server.url.replace("127.0.0.1", "localhost"), GatewayTLSError)


def test_tls_works_where_the_certificate_is_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(SELF_SIGNED))
    with serving(PLACED, tls=True) as server, new_client(server.url) as client:
        assert client.place_order(place_order_request()).payable_fen == 1249
