"""A fixture for pytest-django: ``pytest_plugins = ["django_gemafu.testing.plugin"]``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.urls import NoReverseMatch, reverse

from django_gemafu.models import Order
from django_gemafu.sandbox import notifier, paying
from django_gemafu.sandbox.models import Behaviour, SandboxOrder, SandboxPayment


@dataclass(frozen=True)
class Sandbox:
    """A gateway that runs while the test does, at ``url``; the shop is served at ``site_url``."""

    url: str
    site_url: str

    def order(self, order: Order) -> SandboxOrder:
        """Return the gateway's own record of an order."""
        return SandboxOrder.objects.get(number=order.gateway_order_id or 0)

    def pay(
        self, order: Order, *, amount_fen: int | None = None, notifies: bool = True
    ) -> SandboxPayment:
        """Pay as the customer, and wait until the shop was notified. Amounts are in fen."""
        at_gateway = self.order(order)
        if amount_fen is None:
            amount_fen = at_gateway.payable_fen
        payment = paying.pay(at_gateway, amount_fen, notifies=notifies)
        notifier.wait_until_idle()
        payment.refresh_from_db()
        return payment

    def behave(self, **behaviour: Any) -> None:
        """Misbehave from now on; the names are those of the model's fields."""
        Behaviour.objects.update_or_create(pk=Behaviour.ONLY_PK, defaults=behaviour)


@pytest.fixture
def gemafu_sandbox(live_server: Any, settings: Any) -> Iterator[Sandbox]:
    """Serve shop and sandbox over HTTP, and let the settings point at them.

    Needs ``django_gemafu.sandbox`` among the installed apps, and its URLs included. Failed
    notifications are retried after a moment, twice.
    """
    try:
        url = live_server.url + reverse("gemafu_sandbox:gateway")
    except NoReverseMatch:
        pytest.fail(
            'gemafu_sandbox needs path("sandbox/", include("django_gemafu.sandbox.urls")) in the '
            "URLconf of the tests. Tests run with DEBUG off: do not make it depend on DEBUG."
        )
    settings.GEMAFU = {
        "SANDBOX_RETRY_DELAYS_SECONDS": [0.05, 0.05],
        **settings.GEMAFU,
        "SITE_URL": live_server.url,
        "GATEWAY_URL": url,
    }
    yield Sandbox(url=url, site_url=live_server.url)
    notifier.abandon_retries()
