"""The client of the gateway as the settings have it."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

from django_gemafu.conf import conf
from django_gemafu.protocol.client import GatewayClient


def gateway_client(*, timeout_seconds: float | None = None) -> GatewayClient:
    """Return a client; ``timeout_seconds`` shortens both of its timeouts."""
    return GatewayClient(
        merchant_id=conf.merchant_id,
        secret=conf.secret_key,
        gateway_url=conf.gateway_url,
        connect_timeout_seconds=timeout_seconds or conf.connect_timeout_seconds,
        read_timeout_seconds=timeout_seconds or conf.read_timeout_seconds,
        max_amount_shift_fen=conf.max_amount_shift_fen,
    )


def borrowed_or_new(
    client: GatewayClient | None, *, timeout_seconds: float | None = None
) -> AbstractContextManager[GatewayClient]:
    """Return the given client, which stays open afterwards, or a new one, which does not."""
    return nullcontext(client) if client else gateway_client(timeout_seconds=timeout_seconds)
