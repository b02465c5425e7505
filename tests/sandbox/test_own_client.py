"""The package's own client and the sandbox understand each other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from django_gemafu.exceptions import (
    EchoMismatch,
    GatewayHasNoData,
    GatewayHTTPError,
    GatewayRejection,
    GatewayTimeout,
    InvalidGatewayAnswer,
)
from django_gemafu.protocol.client import GatewayClient
from django_gemafu.sandbox import paying
from django_gemafu.sandbox.models import Behaviour, SandboxOrder
from tests.sandbox.foreign import SECRET
from tests.sandbox.orders import placed, request_for

pytestmark = pytest.mark.usefixtures("background_db")


@pytest.fixture
def client(live_server: Any) -> Iterator[GatewayClient]:
    with GatewayClient(
        merchant_id=9999,
        secret=SECRET,
        gateway_url=live_server.url + "/sandbox/pay",
        read_timeout_seconds=0.5,
        max_amount_shift_fen=1,
    ) as client:
        yield client


def test_places_and_queries(client: GatewayClient) -> None:
    answer = client.place_order(request_for(body="😀", return_url="https://shop.example/"))
    order = SandboxOrder.objects.get()
    assert answer.gateway_order_id == order.number
    assert answer.qr_content.endswith(f"/sandbox/wallet/{order.number}/")
    assert not client.query_order(order.number).is_paid
    paying.pay(order, 1250, notifies=False)
    assert client.query_order(order.number, signed=False).is_paid


def test_shift_beyond_what_the_client_takes(client: GatewayClient) -> None:
    for number in range(3):
        placed(reference=f"A-{number}")
    with pytest.raises(EchoMismatch, match="instead of 1250"):
        client.place_order(request_for())


def test_unknown_order(client: GatewayClient) -> None:
    with pytest.raises(GatewayHasNoData, match="no such order"):
        client.query_order(1)


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [
        ({"refusal": "balance"}, GatewayRejection),
        ({"answer_style": "html"}, InvalidGatewayAnswer),
        ({"answer_style": "cut"}, InvalidGatewayAnswer),
        ({"answer_style": "http_500"}, GatewayHTTPError),
        ({"delay_seconds": 0.8}, GatewayTimeout),
    ],
)
def test_misbehaviour(
    client: GatewayClient, behaviour: dict[str, Any], error: type[Exception]
) -> None:
    Behaviour(pk=1, **behaviour).save()
    with pytest.raises(error):
        client.place_order(request_for())
    assert SandboxOrder.objects.exists() == (error is not GatewayRejection)
