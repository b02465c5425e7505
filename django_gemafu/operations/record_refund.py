"""Recording a refund that a person made outside: the gateway knows none."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from django.utils import timezone

from django_gemafu.enums import EventKind
from django_gemafu.exceptions import RefundedMeanwhile, RefundNotRecorded, RefundTooLarge
from django_gemafu.models import Order, Refund
from django_gemafu.money import yuan
from django_gemafu.operations.accountability import (
    require_amount,
    require_past,
    require_person,
)
from django_gemafu.operations.failures import failure_facts
from django_gemafu.operations.transactions import atomic, on_commit
from django_gemafu.signals import refund_recorded

logger = logging.getLogger(__name__)


def record_refund(
    order: Order,
    *,
    amount_fen: int,
    note: str,
    user: Any,
    made_at: datetime | None = None,
    refunded_before_fen: int | None = None,
) -> Refund:
    """Record that money was given back for the order, all of it or a part; return the refund.

    ``amount_fen`` is in fen; ``note`` says why and by what way, ``made_at`` when (now). Sends
    ``refund_recorded``: what its receivers write commits with the refund or not at all. All
    payments count that came in for the order, also those that did not fit. ``refunded_before_fen``
    is what had been given back when the person looked: it keeps a second click, and a second
    person, from recording one refund twice.

    Raises :class:`RefundedMeanwhile` if that has changed, :class:`RefundTooLarge` for more than is
    left of what was received, :class:`RefundNotRecorded` if a receiver failed (the attempt is in
    the story, and nothing else was written), and :class:`ActIncomplete`.
    """
    made_at = made_at or timezone.now()
    require_person(order, user, note=note)
    require_amount(order, amount_fen)
    require_past(order, made_at)
    refund = Refund(
        order=order, amount_fen=amount_fen, note=note, made_at=made_at, recorded_by=user
    )
    committed: list[bool] = []
    try:
        with atomic():
            order.lock()
            # The first of the hooks, so that those of receivers find the commit noted.
            on_commit(lambda: committed.append(True))
            _store(refund, order, refunded_before_fen)
    except RefundNotRecorded as failure:
        order.record(
            EventKind.REFUND_FAILED,
            user=user,
            amount_fen=amount_fen,
            note=note,
            **failure_facts(failure.__cause__ or failure),
        )
        raise
    except Exception as error:
        if not committed:
            raise
        logger.exception("Order %s: what followed a refund failed", order.reference)
        order.record(EventKind.AFTERMATH_FAILED, user=user, **failure_facts(error))
    return refund


def _store(refund: Refund, order: Order, refunded_before_fen: int | None) -> None:
    received_fen, refunded_fen = order.received_fen(), order.refunded_fen()
    if refunded_before_fen is not None and refunded_before_fen != refunded_fen:
        raise RefundedMeanwhile(
            f"¥{yuan(refunded_fen)} is recorded as given back by now, and not "
            f"¥{yuan(refunded_before_fen)}: look again.",
            order=order,
        )
    left_fen = received_fen - refunded_fen - refund.amount_fen
    if left_fen < 0:
        raise RefundTooLarge(
            f"¥{yuan(refund.amount_fen)} is more than is left: ¥{yuan(received_fen)} was received "
            f"and ¥{yuan(refunded_fen)} given back.",
            order=order,
        )
    refund.save(force_insert=True)
    order.record(
        EventKind.REFUNDED,
        user=refund.recorded_by,
        amount_fen=refund.amount_fen,
        received_fen=received_fen,
        left_fen=left_fen,
        note=refund.note,
        made_at=refund.made_at.isoformat(),
        before={"refunded_fen": refunded_fen},
        after={"refunded_fen": refunded_fen + refund.amount_fen},
    )
    try:
        refund_recorded.send(sender=Order, order=order, refund=refund)
    except Exception as error:
        raise RefundNotRecorded(
            f"A receiver of refund_recorded failed: {type(error).__name__}. Nothing was recorded; "
            "the traceback is in the order's story.",
            order=order,
        ) from error
