"""What an operator does in the admin."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client
from django.utils import timezone

from django_gemafu.models import Order, Payment

LIST = "/admin/django_gemafu/order/"
INBOX = "/admin/django_gemafu/inbox/"
_INPUT = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')


def page_of(order: Order) -> str:
    return f"{LIST}{order.pk}/change/"


def address(act: str, *orders: Order, payment: Payment | None = None) -> str:
    ids = ",".join(str(order.pk) for order in orders)
    chosen = f"&payment={payment.pk}" if payment else ""
    return f"{LIST}act/{act}/?ids={ids}{chosen}"


def look(client: Client, act: str, *orders: Order, payment: Payment | None = None) -> str:
    """Open the page that shows what will happen."""
    return client.get(address(act, *orders, payment=payment)).content.decode()


def select(client: Client, act: str, *orders: Order, **more: Any) -> str:
    """Choose the action in the list, for the orders that are ticked."""
    data = {"action": act, "_selected_action": [order.pk for order in orders], **more}
    return client.post(LIST, data, follow=True).content.decode()


def confirm(
    client: Client, act: str, *orders: Order, payment: Payment | None = None, **fields: Any
) -> str:
    """Fill in the form, press the button, and return the page that comes in the end."""
    hidden = dict(_INPUT.findall(look(client, act, *orders, payment=payment)))
    hidden.pop("csrfmiddlewaretoken", None)
    path = f"{LIST}act/{act}/"
    return client.post(path, {**hidden, **fields}, follow=True).content.decode()


def now() -> str:
    """Return this moment as a browser's field for date and time would send it."""
    return f"{timezone.localtime():%Y-%m-%dT%H:%M:%S}"
