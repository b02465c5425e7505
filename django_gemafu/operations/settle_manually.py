"""Settling by hand: a person saw the money, and no message told of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django_gemafu.enums import PaymentSource
from django_gemafu.exceptions import AlreadyPaid, PaymentWaiting
from django_gemafu.models import Order, Payment
from django_gemafu.operations.accountability import (
    require_amount,
    require_past,
    require_person,
)
from django_gemafu.operations.deliver import deliver
from django_gemafu.operations.settle import settle
from django_gemafu.operations.transactions import atomic


def settle_manually(
    order: Order,
    *,
    amount_fen: int,
    paid_at: datetime,
    evidence: str,
    note: str,
    user: Any,
) -> Payment:
    """Mark the order paid because a person found its money, and tell the shop. Return the payment.

    Works for every order that is unpaid, also one that has expired, was cancelled or refused, and
    for any amount: the person has weighed that. ``amount_fen`` is what was received, in fen,
    ``paid_at`` when; ``evidence`` says where it can be seen (a line of the wallet's bill), ``note``
    why it belongs to this order. Should the gateway tell of the payment later, it becomes known as
    this one.

    Raises, with nothing recorded, :class:`ActIncomplete` if one of them is missing,
    :class:`AlreadyPaid` if a payment, or another person, was quicker, and :class:`PaymentWaiting`
    if a payment has come that did not fit: decide about that one, which may be the very money.
    Raises :class:`DeliveryFailed` once the order is paid and a receiver failed.
    """
    require_person(order, user, evidence=evidence, note=note)
    require_amount(order, amount_fen)
    require_past(order, paid_at)
    with atomic():
        order.lock()
        _require_unpaid(order)
        payment = settle(
            order,
            source=PaymentSource.MANUAL,
            amount_fen=amount_fen,
            paid_at=paid_at,
            evidence=evidence,
            note=note,
            user=user,
        )
    deliver(order, payment=payment, user=user)
    return payment


def _require_unpaid(order: Order) -> None:
    payments = order.fresh_payments()
    if payments.accepted().exists():
        raise AlreadyPaid(f"Order {order.reference} is paid already.", order=order)
    if payments.unresolved().exists():
        raise PaymentWaiting(
            f"A payment for order {order.reference} waits for a decision: accept or dismiss it "
            "first, so that no money is counted twice.",
            order=order,
        )
