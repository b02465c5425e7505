"""Orders that are waiting to be paid, and genuine notifications for them."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from django_gemafu.conf import conf
from django_gemafu.enums import OrderStatus
from django_gemafu.models import Order
from django_gemafu.operations.notify_address import notify_url
from django_gemafu.protocol.messages import Envelope, Notification, utc_now


def make_order(**fields: Any) -> Order:
    """Store and return an order that the gateway would have taken, without asking one.

    It waits for ¥12.50 for five minutes; ``fields`` are the model's, and replace what is made up.
    """
    now = timezone.now()
    amount_fen = fields.get("amount_fen", 1250)
    values: dict[str, Any] = {
        "merchant_id": conf.merchant_id,
        "app_name": conf.app_name,
        "reference": f"TEST-{_number()}",
        "customer_id": "customer-1",
        "amount_fen": amount_fen,
        "payable_fen": amount_fen,
        "gateway_order_id": _number(),
        "qr_content": "wxp://for-tests",
        "status": OrderStatus.PENDING,
        "created_at": now,
        "checked_at": now,
        "expires_at": now + timedelta(minutes=5),
    }
    return Order.objects.create(**values | fields)


def notification(order: Order, **fields: Any) -> Notification:
    """Return the notification that the gateway would send once the order is paid.

    ``fields`` are those of the message, to make one that does not fit.
    """
    values: dict[str, Any] = {
        "gateway_order_id": order.gateway_order_id or _number(),
        "gateway_payment_id": _number(),
        "paid_at": utc_now(),
        "reference": order.reference,
        "customer_id": order.customer_id,
        "app_name": order.app_name,
        "amount_fen": order.due_fen,
        "return_url": order.return_url,
        "body": order.body,
    }
    return Notification(**values | fields)


def notify(order: Order, message: Notification | None = None) -> HttpResponse:
    """Send a notification, signed, to the order's own address, and return the shop's answer."""
    envelope = Envelope.seal(message or notification(order), conf.secret_key)
    path = urlsplit(notify_url(order.token)).path
    response: HttpResponse = Client().post(  # type: ignore[assignment]
        path,
        envelope.to_json(),
        content_type="application/x-www-form-urlencoded",
        secure=True,  # for hosts that redirect everything else
    )
    return response


def pay(order: Order) -> Order:
    """Let the customer pay the exact amount, the gateway report it, and return the order anew.

    Raises :class:`AssertionError` with the shop's answer if it does not take the payment.
    """
    response = notify(order)
    if response.content != b"200":
        raise AssertionError(f"The shop answered {response.status_code}: {response.content!r}")
    order.refresh_from_db()
    return order


def _number() -> int:
    return secrets.randbelow(9 * 10**11) + 10**11
