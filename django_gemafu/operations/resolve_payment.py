"""Resolving: a person decides about a payment that does not fit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import router
from django.utils import timezone

from django_gemafu.enums import EventKind
from django_gemafu.exceptions import AlreadyPaid, AlreadyResolved
from django_gemafu.models import Order, Payment
from django_gemafu.operations.accountability import require_person
from django_gemafu.operations.deliver import deliver
from django_gemafu.operations.settle import settle_with
from django_gemafu.operations.transactions import atomic


def accept_payment(payment: Payment, *, user: Any, note: str) -> Payment:
    """Let a payment that does not fit settle its order after all, and tell the shop.

    ``note`` says why. Works whatever became of the order, unless another payment has settled it.
    Returns the payment as it is now.

    Raises :class:`AlreadyResolved` if somebody was quicker, :class:`AlreadyPaid` if the order
    needs no further payment (dismiss this one, and give the money back), :class:`ActIncomplete`,
    and :class:`DeliveryFailed` once the order is paid and a receiver failed.
    """
    with _resolving(payment, EventKind.PAYMENT_ACCEPTED, user, note) as order:
        if order.fresh_payments().accepted().exists():
            raise AlreadyPaid(
                f"Order {order.reference} is paid by another payment already.", order=order
            )
        settle_with(payment, order)
    deliver(order, payment=payment, user=user)
    return payment


def dismiss_payment(payment: Payment, *, user: Any, note: str) -> Payment:
    """Note that a payment that does not fit has been dealt with; the order stays as it is.

    ``note`` says how: given back, credited elsewhere, no longer to be found. Returns the payment as
    it is now. Raises :class:`AlreadyResolved` if somebody was quicker, and :class:`ActIncomplete`.
    """
    with _resolving(payment, EventKind.PAYMENT_DISMISSED, user, note):
        pass
    return payment


@contextmanager
def _resolving(payment: Payment, kind: EventKind, user: Any, note: str) -> Iterator[Order]:
    """Lock the order while one person decides, and write down what became of it."""
    order = payment.order
    require_person(order, user, note=note)
    with atomic():
        order.lock()
        payment.refresh_from_db(using=router.db_for_write(Payment))
        payment.order = order
        _require_open(payment, order)
        before = _state(payment, order)
        yield order
        payment.resolved_by = user
        payment.resolved_at = timezone.now()
        payment.resolution_note = note
        payment.save(
            update_fields=["verdict", "is_late", "resolved_by", "resolved_at", "resolution_note"]
        )
        order.clear_review()
        order.record(
            kind,
            user=user,
            note=note,
            gateway_payment_id=payment.gateway_payment_id,
            received_fen=payment.amount_fen,
            verdict=before["verdict"],
            before=before,
            after=_state(payment, order),
        )


def _require_open(payment: Payment, order: Order) -> None:
    if payment.resolved_at is not None:
        raise AlreadyResolved(
            f"{payment.resolved_by} has decided about payment {payment} already.", order=order
        )
    if not payment.needs_review:
        raise AlreadyResolved(f"Payment {payment} fits: there is nothing to decide.", order=order)


def _state(payment: Payment, order: Order) -> dict[str, Any]:
    return {
        "status": order.status,
        "verdict": payment.verdict,
        "needs_review": order.needs_review,
    }
