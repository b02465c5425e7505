"""What money does to an order, from the pretend wallet and from the panel."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from django_gemafu.sandbox import notifier
from django_gemafu.sandbox.models import SandboxOrder, SandboxPayment


def pay_from_wallet(order: SandboxOrder) -> bool:
    """Pay an open order with the amount that it asks for, and notify the shop.

    Returns whether it was still open: of two that pay at the same moment, one does.
    """
    with transaction.atomic():
        still_open = SandboxOrder.objects.filter(pk=order.pk).unpaid().unexpired()
        if not still_open.update(paid_at=timezone.now(), open_money=None):
            return False
        pay(order, order.payable_fen)
    return True


def pay(order: SandboxOrder, amount_fen: int, *, notifies: bool = True) -> SandboxPayment:
    """Let money arrive for an order in whatever state, as the real gateway would not."""
    with transaction.atomic():
        SandboxOrder.objects.filter(pk=order.pk).unpaid().update(paid_at=timezone.now())
        SandboxOrder.objects.filter(pk=order.pk).update(open_money=None)
        payment = SandboxPayment.objects.create(order=order, amount_fen=amount_fen)
        if notifies:
            notifier.notify(payment)
    return payment


def expire(order: SandboxOrder) -> None:
    """Let an order expire right now. One that expired already keeps its time."""
    SandboxOrder.objects.filter(pk=order.pk).unexpired().update(expires_at=timezone.now())
    SandboxOrder.objects.filter(pk=order.pk).update(open_money=None)
