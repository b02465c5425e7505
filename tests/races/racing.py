"""A start gun, a gateway that does not give up, and what has to be true when all is quiet."""

from __future__ import annotations

import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import OperationalError, connection, connections

from django_gemafu.enums import EventKind, OrderStatus, PaymentSource, Verdict
from django_gemafu.exceptions import DeliveryFailed
from django_gemafu.models import Order, OrderEvent, Payment
from django_gemafu.protocol.messages import Notification
from tests.races.shop import shipments

#: How often each race is run. More rounds show rarer interleavings.
ROUNDS = int(os.environ.get("GEMAFU_RACE_ROUNDS", "2"))
_ATTEMPTS = 30

#: Over the whole run: what notifications were answered, and what operations had to be repeated.
TALLY: Counter[str] = Counter()

PAID_KINDS = (EventKind.PAID, EventKind.PAID_LATE, EventKind.PAYMENT_ACCEPTED)

Result = TypeVar("Result")
Answer = tuple[int, str]
Post = Callable[[Order, Notification], Answer]


def race(racers: Iterable[Callable[[], Result]]) -> list[Result]:
    """Run all at the same moment, each with a connection of its own; return their results."""
    runners = list(racers)
    start = threading.Barrier(len(runners), timeout=60)

    def run(racer: Callable[[], Result]) -> Result:
        try:
            connection.ensure_connection()
            start.wait()
            time.sleep(random.uniform(0, 0.004))  # so that no two rounds are alike
            return racer()
        except BaseException:
            start.abort()
            raise
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(runners)) as pool:
        futures = [pool.submit(run, racer) for racer in runners]
    return [future.result() for future in futures]


class Gateway:
    """Sends notifications as the real one does, and keeps what it sent and was answered."""

    def __init__(self, post: Post) -> None:
        self.post = post
        self.sent: list[tuple[Order, Notification]] = []

    def notify(self, order: Order, message: Notification) -> Answer:
        self.sent.append((order, message))
        return self._send(order, message)

    def notify_until_answered(self) -> None:
        """Send again what was sent, each until the shop has it; 409 says that it waits there."""
        for order, message in self.sent:
            for _ in range(_ATTEMPTS):
                status, text = self._send(order, message)
                if status == 200 or text.startswith("recorded as"):
                    break
            else:
                raise AssertionError(f"after {_ATTEMPTS} attempts: {status} {text}")

    def sent_for(self, order: Order) -> dict[int, int]:
        """Return the amounts by their payment numbers."""
        messages = [message for known, message in self.sent if known == order]
        return {message.gateway_payment_id: message.amount_fen for message in messages}

    def _send(self, order: Order, message: Notification) -> Answer:
        status, text = self.post(order, message)
        is_failed_delivery = text.startswith("recorded, but")
        TALLY[f"{status} (the receiver failed)" if is_failed_delivery else str(status)] += 1
        assert (status, text) == (200, "200") or status in (409, 503), f"{status} {text}"
        return status, text


def persistently(operation: Callable[[], Result]) -> Result:
    """Repeat what the database or the receiver interrupted, as a person or a cron job would."""
    for _ in range(_ATTEMPTS):
        try:
            return operation()
        except (OperationalError, DeliveryFailed) as error:
            cause = error.__cause__ if isinstance(error, DeliveryFailed) else error
            TALLY[f"operation repeated ({type(cause).__name__})"] += 1
    return operation()


def assert_money_is_safe(order: Order, gateway: Gateway) -> None:
    """Hold the database against what is promised. Call it once all is quiet."""
    order.refresh_from_db()
    payments = list(order.payments.all())
    events = list(order.events.order_by("pk"))
    _assert_nothing_dropped(payments, gateway.sent_for(order))
    _assert_one_winner(order, payments, events)
    assert shipments(order) == (order.delivered_at is not None), "shipments"
    _assert_story(order, payments, events)
    assert order.needs_review == any(payment.needs_review for payment in payments)
    assert order.refundable_fen() >= 0, "no more is given back than came in"


def _assert_nothing_dropped(payments: list[Payment], sent: dict[int, int]) -> None:
    stored = Counter((payment.gateway_payment_id, payment.amount_fen) for payment in payments)
    numbered = Counter({key: count for key, count in stored.items() if key[0] is not None})
    assert numbered == Counter(sent.items()), "what was sent is stored once"
    nameless = [payment for payment in payments if payment.gateway_payment_id is None]
    on_word = [payment for payment in nameless if payment.source == PaymentSource.QUERY]
    assert len(on_word) <= (0 if sent else 1), "a query tells of the notification's payment"


def _assert_one_winner(order: Order, payments: list[Payment], events: list[OrderEvent]) -> None:
    accepted = [payment for payment in payments if payment.verdict == Verdict.ACCEPTED]
    assert len(accepted) <= 1
    assert all(
        payment.amount_fen in (None, order.due_fen) or payment.resolved_by for payment in accepted
    )
    is_paid = order.status == OrderStatus.PAID
    assert is_paid == any(event.kind in PAID_KINDS for event in events)
    assert bool(accepted) == (is_paid and not _is_in_doubt(events))
    assert order.delivered_at is not None or not accepted, "all is quiet, and it is not delivered"


def _is_in_doubt(events: list[OrderEvent]) -> bool:
    """Whether what was accepted on somebody's word turned out to be another amount, and the right
    one did not follow.
    """
    doubts = [
        event.kind == EventKind.IDENTIFIED
        for event in events
        if event.kind in PAID_KINDS or _corrects_amount(event)
    ]
    return doubts[-1:] != [False]


def _corrects_amount(event: OrderEvent) -> bool:
    return event.kind == EventKind.IDENTIFIED and event.facts["verdict"] != Verdict.ACCEPTED


def _assert_story(order: Order, payments: list[Payment], events: list[OrderEvent]) -> None:
    kinds = [event.kind for event in events]
    counts = Counter(kinds)
    assert counts[EventKind.DELIVERED] == (order.delivered_at is not None)
    was_settled_by_a_person = any(event.user for event in events if event.kind in PAID_KINDS)
    is_cancelled = order.status == OrderStatus.CANCELLED
    assert counts[EventKind.CANCELLED] <= 1
    assert counts[EventKind.CANCELLED] == is_cancelled or was_settled_by_a_person
    assert counts[EventKind.EXPIRED] <= 1
    told = counts[EventKind.PAID] + counts[EventKind.PAID_LATE] + counts[EventKind.SURPRISE]
    assert told == len(payments), "each payment is told of once"
    paid = [kind for kind in kinds if kind in PAID_KINDS]
    # Again only where the first turned out to be another amount.
    assert len(paid) <= 1 + counts[EventKind.IDENTIFIED]
    if counts[EventKind.EXPIRED]:
        assert paid[:1] != [EventKind.PAID], "paid late, not in time"
    if counts[EventKind.DELIVERED]:
        assert not _is_in_doubt(events[: kinds.index(EventKind.DELIVERED)]), "delivered in doubt"
