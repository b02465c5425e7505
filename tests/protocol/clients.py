"""The client as the tests use it, and how they expect it to fail."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import Any, TypeVar

import pytest

from django_gemafu.exceptions import GatewayError
from django_gemafu.protocol.client import GatewayClient
from tests.protocol.examples import MERCHANT_ID, SECRET, place_order_request

E = TypeVar("E", bound=GatewayError)


def new_client(gateway_url: str, **options: Any) -> GatewayClient:
    timeouts = {"connect_timeout_seconds": 2, "read_timeout_seconds": 5}
    return GatewayClient(
        merchant_id=MERCHANT_ID, secret=SECRET, gateway_url=gateway_url, **timeouts | options
    )


def place(client: GatewayClient) -> object:
    return client.place_order(place_order_request())


def failure(
    gateway_url: str,
    kind: type[E],
    call: Callable[[GatewayClient], object] = place,
    **options: Any,
) -> E:
    """Return the error, exactly of this kind, that a call ends in. It never tells the secret."""
    with new_client(gateway_url, **options) as client, pytest.raises(kind) as caught:
        call(client)
    error = caught.value
    assert type(error) is kind
    told = [str(error), repr(error), repr(vars(error)), *traceback.format_exception(error)]
    assert not [text for text in told if SECRET in text]
    return error
