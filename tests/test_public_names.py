"""What a host project may import. Taking a name away is a breaking change."""

from __future__ import annotations

import subprocess
import sys

from django.urls import reverse

import django_gemafu.operations
import django_gemafu.testing
from django_gemafu import exceptions
from django_gemafu.exceptions import GemafuError
from django_gemafu.models import Order, OrderEvent, Payment, Refund
from django_gemafu.protocol.client import GatewayClient
from django_gemafu.protocol.signing import sign, verify
from django_gemafu.signals import payment_succeeded, refund_recorded


def test_operations() -> None:
    assert django_gemafu.operations.__all__ == [
        "accept_payment",
        "cancel_order",
        "check_order",
        "deliver",
        "diagnose",
        "dismiss_payment",
        "expire_order",
        "expire_orders",
        "place_order",
        "poll_order",
        "receive_notification",
        "reconcile",
        "record_refund",
        "resume_order",
        "settle",
        "settle_manually",
    ]


def test_testing_kit() -> None:
    assert django_gemafu.testing.__all__ == ["make_order", "notification", "notify", "pay"]


def test_names_outside_of_all() -> None:
    assert all((Order, Payment, Refund, OrderEvent, GatewayClient, sign, verify))
    assert all((payment_succeeded, refund_recorded))


def test_every_error_is_a_gemafu_error() -> None:
    errors = [value for value in vars(exceptions).values() if isinstance(value, type)]
    assert len(errors) > 20
    assert all(issubclass(error, GemafuError) for error in errors)


def test_urls() -> None:
    token = "00000000-0000-4000-8000-000000000000"
    assert reverse("gemafu:checkout", args=[token]) == f"/pay/{token}/"
    assert reverse("gemafu:qr", args=[token]) == f"/pay/{token}/qr.png"
    assert reverse("gemafu:status", args=[token]) == f"/pay/{token}/status/"
    assert reverse("gemafu:notify", args=[token, "proof"]) == f"/pay/{token}/notify/proof/"


def test_the_wire_works_without_django() -> None:
    program = (
        "import sys, django_gemafu.protocol.client, django_gemafu.qr;"
        "sys.exit('django' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
