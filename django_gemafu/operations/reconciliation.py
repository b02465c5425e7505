"""What a reconciliation does to each order, and what it counts."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from enum import Enum
from threading import Event, Lock
from typing import Any

from django.db.models import Q
from django.utils import timezone

from django_gemafu.conf import conf
from django_gemafu.enums import OrderStatus
from django_gemafu.exceptions import DeliveryFailed, GatewayAnswered, GatewayError, GemafuError
from django_gemafu.models import Order, OrderQuerySet, Payment
from django_gemafu.operations.check_order import check_claimed_order
from django_gemafu.operations.deliver import deliver
from django_gemafu.operations.expire_orders import expire_order
from django_gemafu.operations.place_order import resume_order
from django_gemafu.protocol.client import GatewayClient

logger = logging.getLogger(__name__)

_BATCH_SIZE = 500
_PROBLEMS_KEPT = 100
#: So many calls without an answer, one after the other, mean that the gateway cannot be asked.
_HOPELESS = 10


@dataclass
class Reconciliation:
    """What a run did, in numbers of orders.

    ``problems`` are sentences for people; of many, the first hundred. ``unresolved`` counts the
    payments that wait for a person, ``undelivered`` what is still so after the run.
    """

    candidates: int = 0
    asked: int = 0
    paid: int = 0
    expired: int = 0
    resumed: int = 0
    delivered: int = 0
    failed: int = 0
    undelivered: int = 0
    unresolved: int = 0
    is_complete: bool = True
    gateway_is_down: bool = False
    problems: list[str] = field(default_factory=list)

    @property
    def needs_a_person(self) -> bool:
        return bool(self.failed or self.undelivered or self.unresolved)

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "needs_a_person": self.needs_a_person}


class Action(str, Enum):
    """What can be due for an order."""

    CHECK = "check"
    RESUME = "resume"
    DELIVER = "deliver"


Work = tuple[Action, Order]


class Run:
    """One go over all orders, or over a chunk of them; ``result`` tells what came of it."""

    def __init__(
        self,
        watch: timedelta,
        stop: Event | None = None,
        progress: Callable[[], object] = lambda: None,
    ) -> None:
        self.now = timezone.now()
        self.since = self.now - watch
        self.stop = stop or Event()
        self.progress = progress
        self.result = Reconciliation()
        self._lock = Lock()
        self._silences_in_a_row = 0

    def due(self) -> OrderQuerySet:
        """Orders whose payment could have gone unseen, and that nobody has asked about lately."""
        return (
            Order.objects.fresh()
            .filter(
                self._is_due("expires_at"),
                status__in=[OrderStatus.PENDING, OrderStatus.EXPIRED],
                expires_at__gt=self.since,
            )
            .order_by("expires_at")
        )

    def unanswered(self) -> OrderQuerySet:
        return Order.objects.fresh().filter(status=OrderStatus.PLACING, created_at__gt=self.since)

    def undelivered(self) -> OrderQuerySet:
        """Paid orders of which the shop has not been told, and that nobody has tried lately."""
        return (
            Order.objects.fresh().undelivered().filter(self._is_due("paid_at")).order_by("paid_at")
        )

    def _is_due(self, field: str) -> Q:
        """Whether the last try was long enough ago: the older the order, the more seldom."""
        is_due = self._untried_for(timedelta(hours=1))
        for age, interval in (
            (timedelta(hours=1), timedelta(minutes=5)),
            (timedelta(minutes=10), conf.check_interval),
        ):
            is_due |= Q((f"{field}__gt", self.now - age)) & self._untried_for(interval)
        return is_due

    def _untried_for(self, interval: timedelta) -> Q:
        return ~Q(checked_at__isnull=False, checked_at__gt=self.now - interval)

    def count_candidates(self) -> int:
        querysets = (self.due(), self.unanswered(), self.undelivered())
        return sum(queryset.count() for queryset in querysets)

    def work(self) -> Iterator[Work]:
        """Yield what there is to do, each order for one run alone."""
        yield from self._each(Action.CHECK, self.due().claim_checks(_BATCH_SIZE))
        yield from self._each(Action.RESUME, self.unanswered().in_batches(_BATCH_SIZE))
        yield from self._each(Action.DELIVER, self.undelivered().claim_checks(_BATCH_SIZE))

    def _each(self, action: Action, orders: Iterable[Order]) -> Iterator[Work]:
        if self.stop.is_set():
            return
        for order in orders:
            if self.stop.is_set():
                self.result.is_complete = False
                return
            self.result.candidates += 1
            yield action, order

    def do(self, work: Work, client: GatewayClient) -> None:
        """Take up one order; whatever goes wrong with it is noted and stays with it."""
        action, order = work
        steps = {
            Action.CHECK: self._check,
            Action.RESUME: self._resume,
            Action.DELIVER: self._deliver,
        }
        try:
            steps[action](order, client)
        except GemafuError as error:
            self._note(order, error)
        except Exception as error:
            logger.exception("Reconciling order %s", order.reference)
            self._note(order, error)
        self.progress()

    def _check(self, order: Order, client: GatewayClient) -> None:
        try:
            is_paid = check_claimed_order(order, client=client)
        except DeliveryFailed:
            self._count(asked=1, paid=1)
            raise
        self._count(asked=1, paid=int(order.status == OrderStatus.PAID))
        if not is_paid and order.status == OrderStatus.PENDING and order.is_overdue(self.now):
            self._count(expired=int(expire_order(order)))

    def _resume(self, order: Order, client: GatewayClient) -> None:
        resume_order(order, client=client)
        is_answered = order.status != OrderStatus.PLACING  # else another caller is asking just now
        self._count(asked=int(is_answered), resumed=int(order.status == OrderStatus.PENDING))

    def _deliver(self, order: Order, client: GatewayClient) -> None:
        self._count(delivered=int(deliver(order)))

    def _count(self, **more: int) -> None:
        with self._lock:
            for name, number in more.items():
                setattr(self.result, name, getattr(self.result, name) + number)
            self._silences_in_a_row = 0

    def _note(self, order: Order, error: Exception) -> None:
        with self._lock:
            self.result.failed += 1
            if len(self.result.problems) < _PROBLEMS_KEPT:
                self.result.problems.append(f"{order.reference}: {error}")
            if isinstance(error, GatewayError) and not isinstance(error, GatewayAnswered):
                self._silences_in_a_row += 1
        if self._silences_in_a_row >= _HOPELESS:
            self.stop.set()

    def finished(self) -> Reconciliation:
        """Count what is left for a person, and return the result."""
        self.result.gateway_is_down = self._silences_in_a_row > 0 and (
            self._silences_in_a_row >= _HOPELESS or not self.result.asked
        )
        self.result.undelivered = Order.objects.fresh().undelivered().count()
        self.result.unresolved = Payment.objects.fresh().unresolved().count()
        return self.result
