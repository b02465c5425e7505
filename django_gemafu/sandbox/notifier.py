"""Telling the shop about a payment, in the background, until it says that it understood.

Tests wait with :func:`wait_until_idle`, and end long schedules with :func:`abandon_retries`.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from functools import partial

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from django_gemafu.conf import conf
from django_gemafu.protocol.messages import Notification
from django_gemafu.protocol.signing import sign
from django_gemafu.sandbox import delivery
from django_gemafu.sandbox.background import Background, database_step
from django_gemafu.sandbox.enums import AttemptKind, PaymentState
from django_gemafu.sandbox.models import (
    ANSWER_MAX_LENGTH,
    Behaviour,
    NotificationAttempt,
    SandboxPayment,
    after,
)

BURST_SIZE = 10

_background = Background()


def wait_until_idle(timeout_seconds: float = 10.0) -> None:
    """Wait until every notification is accepted, on hold or given up.

    Raises :class:`TimeoutError` when some are still being sent or retried by then.
    """
    _background.wait_until_idle(timeout_seconds)


def abandon_retries(timeout_seconds: float = 20.0) -> None:
    """Forget the retries that are still to come, and wait for the attempts that are on their way.

    The payments stay as they are; "send again" takes them up. Raises :class:`TimeoutError`.
    """
    _background.abandon(timeout_seconds)


def notify(payment: SandboxPayment) -> None:
    """Begin the schedule of attempts, once the current transaction is committed.

    A schedule that already runs for this payment ends at its next attempt.
    """
    SandboxPayment.objects.filter(pk=payment.pk).update(
        state=PaymentState.PENDING, run=F("run") + 1, next_attempt_at=timezone.now()
    )
    payment.refresh_from_db()
    delays_seconds = (0.0, *conf.sandbox_retry_delays_seconds)
    _start_after_commit(partial(_keep_notifying, payment.pk, payment.run, delays_seconds))


def send_again(payment: SandboxPayment) -> None:
    """Notify of a payment whose notification failed, was lost, or was accepted already.

    One that was accepted is repeated once: the shop has to take it as the same payment.
    """
    if payment.state == PaymentState.ACCEPTED:
        _send_soon(payment, AttemptKind.REGULAR, content_of(payment))
    else:
        notify(payment)


def send_ten_at_once(payment: SandboxPayment) -> None:
    """Send the same notification on ten connections at the same moment."""
    everyone_is_ready = threading.Event()
    content = content_of(payment)
    for _ in range(BURST_SIZE):
        _send_soon(payment, AttemptKind.BURST, content, go=everyone_is_ready)
    transaction.on_commit(everyone_is_ready.set)


def send_tampered(payment: SandboxPayment) -> None:
    """Send the notification with an amount that was changed after signing."""
    _send_soon(payment, AttemptKind.TAMPERED, content_of(payment, forged_extra_fen=1))


def release_held() -> None:
    """Send what was on hold."""
    for payment in SandboxPayment.objects.filter(state=PaymentState.HELD):
        notify(payment)


def content_of(payment: SandboxPayment, forged_extra_fen: int = 0) -> bytes:
    """Return the notification's body, signed; and then forged, if asked."""
    order = payment.order
    data = Notification(
        gateway_order_id=order.number,
        gateway_payment_id=payment.number,
        paid_at=payment.paid_at,
        reference=order.reference,
        customer_id=order.customer_id,
        app_name=order.app_name,
        amount_fen=payment.amount_fen,
        return_url=order.return_url,
        body=order.body,
    ).to_data()
    signature = sign(data, conf.secret_key)
    data["money"] = payment.amount_fen + forged_extra_fen
    # Not escaped, unlike the reference SDK: the shop has to read UTF-8 as it is.
    return json.dumps({"data": data, "sign": signature}, ensure_ascii=False).encode()


def _start_after_commit(work: partial[None]) -> None:
    transaction.on_commit(partial(_background.start, work))


def _send_soon(
    payment: SandboxPayment,
    kind: AttemptKind,
    content: bytes,
    go: threading.Event | None = None,
) -> None:
    url = payment.order.notify_url
    _start_after_commit(partial(_send_once, payment.pk, kind, url, content, go))


def _send_once(
    payment_id: int,
    kind: AttemptKind,
    url: str,
    content: bytes,
    go: threading.Event | None,
    _abandoned: threading.Event,
) -> None:
    if go is not None:
        go.wait(timeout=5)
    _attempt(payment_id, kind, url, content)


def _keep_notifying(
    payment_id: int, run: int, delays_seconds: Sequence[float], abandoned: threading.Event
) -> None:
    for delay_seconds in delays_seconds:
        _announce(payment_id, run, delay_seconds)
        if abandoned.wait(delay_seconds):
            return
        payment = _due(payment_id, run)
        if payment is None:
            return
        url = payment.order.notify_url
        if _attempt(payment_id, AttemptKind.REGULAR, url, content_of(payment)):
            return
    _give_up(payment_id, run)


def _attempt(payment_id: int, kind: AttemptKind, url: str, content: bytes) -> bool:
    attempt = NotificationAttempt(payment_id=payment_id, kind=kind, sent_at=timezone.now())
    outcome = delivery.post(url, content)
    attempt.http_status = outcome.http_status
    attempt.answer = outcome.answer[:ANSWER_MAX_LENGTH]
    attempt.error = outcome.error or ""
    attempt.is_accepted = outcome.is_accepted
    _record(attempt)
    return outcome.is_accepted


@database_step
def _announce(payment_id: int, run: int, delay_seconds: float) -> None:
    SandboxPayment.objects.in_run(payment_id, run).update(next_attempt_at=after(delay_seconds))


@database_step
def _due(payment_id: int, run: int) -> SandboxPayment | None:
    """Return the payment if this run is still the one to notify of it, and nothing holds it."""
    current = SandboxPayment.objects.in_run(payment_id, run)
    if Behaviour.current().holds_notifications:
        current.update(state=PaymentState.HELD, next_attempt_at=None)
        return None
    return current.select_related("order").first()


@database_step
def _record(attempt: NotificationAttempt) -> None:
    with transaction.atomic():
        attempt.save(force_insert=True)
        if attempt.is_accepted and attempt.kind != AttemptKind.TAMPERED:
            SandboxPayment.objects.filter(pk=attempt.payment_id).update(
                state=PaymentState.ACCEPTED, next_attempt_at=None
            )


@database_step
def _give_up(payment_id: int, run: int) -> None:
    SandboxPayment.objects.in_run(payment_id, run).update(
        state=PaymentState.EXHAUSTED, next_attempt_at=None
    )
