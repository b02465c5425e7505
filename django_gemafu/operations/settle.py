"""Settling: the one operation that marks an order paid.

Whatever tells of a payment ends here, is stored, and gets its verdict. Only a payment that fits
moves the order; everything else waits for a person.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError
from django.db.models import Q
from django.utils import timezone

from django_gemafu.enums import EventKind, OrderStatus, PaymentSource, Verdict
from django_gemafu.exceptions import PaymentConflict
from django_gemafu.models import Order, Payment
from django_gemafu.operations.transactions import atomic


@dataclass(frozen=True)
class _Income:
    source: PaymentSource
    amount_fen: int | None
    gateway_payment_id: int | None
    gateway_order_id: int | None
    paid_at: datetime | None
    user: Any
    evidence: str
    note: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_by_hand(self) -> bool:
        """Whether a person told, who has weighed the amount and what became of the order."""
        return self.source == PaymentSource.MANUAL

    def verdict(self, order: Order) -> Verdict:
        """Judge the amount alone. Where none is known, the gateway's word counts."""
        if self.amount_fen is None or self.amount_fen == order.due_fen:
            return Verdict.ACCEPTED
        return Verdict.UNDERPAID if self.amount_fen < order.due_fen else Verdict.OVERPAID


def settle(
    order: Order,
    *,
    source: PaymentSource,
    amount_fen: int | None = None,
    gateway_payment_id: int | None = None,
    gateway_order_id: int | None = None,
    paid_at: datetime | None = None,
    facts: Mapping[str, Any] | None = None,
    user: Any = None,
    evidence: str = "",
    note: str = "",
) -> Payment:
    """Record that a payment for the order was reported, and mark the order paid if it fits.

    Return the payment, with the verdict on it: look there, not at the order, for what became of it.
    Reporting the same ``gateway_payment_id`` again returns the payment that was recorded
    the first time. ``amount_fen`` is ``None`` where only "paid" is known. ``facts`` are kept in the
    order's story. The shop is not told: that is :func:`~django_gemafu.operations.deliver`.

    From the source ``MANUAL`` the payment settles any order that is unpaid, whatever its amount:
    a person has weighed that, and says so with ``evidence`` and ``note``. Persons come here by way
    of :func:`~django_gemafu.operations.settle_manually`.

    Raises :class:`PaymentConflict` if the payment number is known for another order or amount.
    """
    income = _Income(
        source,
        amount_fen,
        gateway_payment_id,
        gateway_order_id,
        paid_at,
        user,
        evidence,
        note,
        facts or {},
    )
    try:
        with atomic():
            return _settle(order, income)
    except IntegrityError as error:  # a number that is in use; nothing of ours was written
        order.reload()
        payment = Payment.objects.fresh().filter(gateway_payment_id=gateway_payment_id).first()
        if gateway_payment_id is None or payment is None:
            raise
        try:
            return _require_same(payment, order, income)
        except PaymentConflict as conflict:
            raise conflict from error


def _settle(order: Order, income: _Income) -> Payment:
    # A query brings no number by which a repetition could be told, so it has to look first.
    if income.gateway_payment_id is not None and income.verdict(order) == Verdict.ACCEPTED:
        before, is_late = order.status, _is_late(order, income)
        if _mark_paid(order, income, only_as_seen=True):
            return _store(order, income, Verdict.ACCEPTED, before=before, is_late=is_late)
    order.lock()
    _require_number(order, income)
    return _known(order, income) or _identified(order, income) or _judged(order, income)


def _known(order: Order, income: _Income) -> Payment | None:
    """Return the payment that the income repeats."""
    payments = order.fresh_payments()
    if income.gateway_payment_id is not None:
        payment = payments.filter(gateway_payment_id=income.gateway_payment_id).first()
        return payment and _require_same(payment, order, income)
    if income.source == PaymentSource.QUERY:
        # "Paid" says nothing new once any payment is known, be it one that did not fit.
        return payments.accepted().first() or payments.first()
    return None


def _identified(order: Order, income: _Income) -> Payment | None:
    """Give its number to a payment of which only the gateway's or a person's word told."""
    # A person named an amount: another one is other money, until a person says that it is not.
    same = Q(verdict=Verdict.ACCEPTED, amount_fen=income.amount_fen)
    on_word = same | Q(source=PaymentSource.QUERY)
    payment = order.fresh_payments().filter(on_word, gateway_payment_id=None).first()
    if payment is None or income.gateway_payment_id is None:
        return None
    # Whoever accepted it has weighed the amount that was known, and no other one.
    if payment.verdict == Verdict.ACCEPTED and payment.amount_fen != income.amount_fen:
        payment.verdict = income.verdict(order)
        if payment.verdict != Verdict.ACCEPTED:
            payment.resolved_at = payment.resolved_by = None
    payment.gateway_payment_id = income.gateway_payment_id
    payment.amount_fen = income.amount_fen
    payment.paid_at = income.paid_at
    payment.save(
        update_fields=[
            "gateway_payment_id",
            "amount_fen",
            "paid_at",
            "verdict",
            "resolved_at",
            "resolved_by",
        ]
    )
    if payment.needs_review:
        order.flag_for_review()
    order.record(EventKind.IDENTIFIED, user=income.user, **_facts(payment, income))
    return payment


def _judged(order: Order, income: _Income) -> Payment:
    """Store a new payment on the locked order, with what its status makes of it."""
    before, is_late = order.status, _is_late(order, income)
    if order.status == OrderStatus.PAID and order.fresh_payments().accepted().exists():
        verdict = Verdict.DUPLICATE
    elif income.is_by_hand:
        verdict = Verdict.ACCEPTED
    elif order.status in (OrderStatus.CANCELLED, OrderStatus.FAILED):
        verdict = Verdict.UNEXPECTED
    else:
        # One that is paid with no accepted payment was so on the gateway's word, until the amount
        # turned out to be wrong. The right amount, should it come, is what it was waiting for.
        verdict = income.verdict(order)
    if verdict == Verdict.ACCEPTED:
        # The payment proves that the gateway took an order of which it gave us no answer.
        order.transition(OrderStatus.PENDING, gateway_order_id=income.gateway_order_id)
        _mark_paid(order, income)
    return _store(order, income, verdict, before=before, is_late=is_late)


def settle_with(payment: Payment, order: Order) -> None:
    """Let a payment that is stored settle its order, which is locked, because a person decided
    that it does. The payment is not saved.
    """
    # It may have come in time, but whoever relied on the order has given up on it since.
    payment.is_late = payment.is_late or order.is_closed
    payment.verdict = Verdict.ACCEPTED
    order.transition(OrderStatus.PAID, by_hand=True, paid_at=payment.paid_at or payment.created_at)


def _mark_paid(order: Order, income: _Income, *, only_as_seen: bool = False) -> bool:
    paid_at = income.paid_at or timezone.now()
    return order.transition(
        OrderStatus.PAID, only_as_seen=only_as_seen, by_hand=income.is_by_hand, paid_at=paid_at
    )


def _is_late(order: Order, income: _Income) -> bool:
    """Whether the shop may have given up on the order before the money came."""
    return order.is_closed or order.is_overdue(income.paid_at or timezone.now())


def _store(
    order: Order, income: _Income, verdict: Verdict, *, before: str, is_late: bool
) -> Payment:
    payment = Payment.objects.create(
        order=order,
        gateway_payment_id=income.gateway_payment_id,
        amount_fen=income.amount_fen,
        paid_at=income.paid_at,
        source=income.source,
        verdict=verdict,
        is_late=is_late,
        evidence=income.evidence,
        note=income.note,
    )
    kind = EventKind.SURPRISE
    if payment.needs_review:
        order.flag_for_review()
    if verdict == Verdict.ACCEPTED:
        kind = EventKind.PAID_LATE if is_late else EventKind.PAID
    order.record(
        kind,
        user=income.user,
        due_fen=order.due_fen,
        before={"status": before},
        after={"status": order.status},
        **_facts(payment, income),
    )
    return payment


def _require_number(order: Order, income: _Income) -> None:
    """Hold the gateway's number against the locked order, which may have only just learnt it."""
    numbers = {order.gateway_order_id, income.gateway_order_id} - {None}
    if len(numbers) > 1:
        raise PaymentConflict(
            f"The payment is for the gateway's order {income.gateway_order_id}, not for this one.",
            order=order,
        )


def _require_same(payment: Payment, order: Order, income: _Income) -> Payment:
    if payment.order_id != order.pk or payment.amount_fen != income.amount_fen:
        raise PaymentConflict(
            f"Payment {payment.gateway_payment_id} is recorded with another order or amount.",
            order=order,
        )
    return payment


def _facts(payment: Payment, income: _Income) -> dict[str, Any]:
    reasons = {"evidence": income.evidence, "note": income.note} if income.is_by_hand else {}
    return {
        **reasons,
        "gateway_payment_id": income.gateway_payment_id,
        "received_fen": income.amount_fen,
        "source": income.source,
        "verdict": payment.verdict,
        "message": dict(income.facts),
    }
