"""What a developer does in the panel."""

from __future__ import annotations

from typing import Any

from django.test import Client

from django_gemafu.sandbox import notifier
from django_gemafu.sandbox.models import SandboxOrder

PANEL = "/sandbox/"
BEHAVIOUR = "/sandbox/behaviour/"


def page(query: str = "") -> str:
    response = Client().get(PANEL + query)
    assert response.status_code == 200
    return response.content.decode()


def press(order: SandboxOrder, action: str, **fields: str) -> str:
    """Press one of an order's buttons. Returns the page that follows, once all is quiet."""
    url = f"/sandbox/orders/{order.number}/"
    response = Client().post(url, {"action": action, **fields}, follow=True)
    assert response.redirect_chain
    notifier.wait_until_idle()
    return response.content.decode()


def behave(**fields: Any) -> None:
    values = {"refusal": "", "answer_style": "normal", "delay_seconds": "0", **fields}
    response = Client().post(BEHAVIOUR, values)
    assert (response.status_code, response.headers.get("Location")) == (302, PANEL)
