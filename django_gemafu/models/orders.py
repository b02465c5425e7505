"""Orders, and how they change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db import models, router
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce
from django.db.models.lookups import In
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from django_gemafu.enums import EventKind, OrderStatus, origins
from django_gemafu.models.events import OrderEvent
from django_gemafu.models.fresh import FreshQuerySet
from django_gemafu.models.payments import Payment, PaymentQuerySet
from django_gemafu.models.refunds import Refund
from django_gemafu.protocol.messages import (
    NAME_MAX_LENGTH,
    QR_CONTENT_MAX_LENGTH,
    REFERENCE_MAX_LENGTH,
    URL_MAX_LENGTH,
)

#: After its expiry an order is watched this much longer for a payment that was under way.
GRACE = timedelta(minutes=10)

#: An order that the gateway has not answered for this long is unlikely to be answered by itself.
STUCK_AFTER = timedelta(minutes=15)


def _status_in(statuses: Sequence[str]) -> Q:
    """Ask for the status in an UPDATE of one row.

    As an expression, which makes MariaDB go by the key. By an index of the status, it would lock
    the index's entry before the row, and others the row before the entry: a deadlock.
    """
    return Q(In(Coalesce("status", Value("")), statuses))


class OrderQuerySet(FreshQuerySet["Order"]):
    def overdue(self, now: datetime) -> OrderQuerySet:
        """Orders that wait for a payment although their time is over."""
        return self.filter(status=OrderStatus.PENDING, expires_at__lte=now)

    def undelivered(self) -> OrderQuerySet:
        """Paid orders of which the shop has not been told."""
        return self.filter(status=OrderStatus.PAID, delivered_at=None)

    def delivered(self) -> OrderQuerySet:
        """Paid orders of which the shop has been told."""
        return self.filter(status=OrderStatus.PAID, delivered_at__isnull=False)

    def stuck(self, now: datetime) -> OrderQuerySet:
        """Orders of which nobody knows whether the gateway took them."""
        return self.filter(status=OrderStatus.PLACING, created_at__lte=now - STUCK_AFTER)

    def claim_checks(self, batch_size: int) -> Iterator[Order]:
        """Yield the orders, each to only one of several callers.

        The selection must be of orders that nobody has checked lately, so that claiming them takes
        them out of it. A claim is the very microsecond in ``checked_at``; should two callers meet
        in one, they ask the gateway twice, which does no harm.
        """
        while ids := list(self.values_list("pk", flat=True)[:batch_size]):
            now = timezone.now()
            self.order_by().filter(pk__in=ids).update(checked_at=now)
            claimed = type(self)(self.model).fresh().filter(pk__in=ids, checked_at=now)
            yield from list(claimed.order_by(*self.query.order_by))

    def in_batches(self, batch_size: int) -> Iterator[Order]:
        """Yield the orders with no cursor left open, which would lock out SQLite's writers."""
        last = 0
        while batch := list(self.filter(pk__gt=last).order_by("pk")[:batch_size]):
            yield from batch
            last = batch[-1].pk


class Order(models.Model):
    """One request for money. Amounts are in fen (1/100 yuan), times in UTC.

    Changed by the operations alone, one conditional UPDATE a change: see :meth:`transition`.
    """

    token = models.UUIDField(_("token"), default=uuid4, unique=True, editable=False)
    merchant_id = models.PositiveBigIntegerField(_("merchant number"))
    reference = models.CharField(_("reference"), max_length=REFERENCE_MAX_LENGTH)
    gateway_order_id = models.PositiveBigIntegerField(
        _("gateway's order number"), null=True, blank=True
    )
    app_name = models.CharField(_("application"), max_length=NAME_MAX_LENGTH)
    customer_id = models.CharField(_("customer"), max_length=NAME_MAX_LENGTH, db_index=True)
    amount_fen = models.PositiveBigIntegerField(_("amount ordered (fen)"))
    payable_fen = models.PositiveBigIntegerField(_("amount to pay (fen)"), null=True, blank=True)
    qr_content = models.CharField(_("QR code"), max_length=QR_CONTENT_MAX_LENGTH, blank=True)
    is_free_input = models.BooleanField(_("the customer types the amount"), default=False)
    return_url = models.CharField(_("return address"), max_length=URL_MAX_LENGTH, blank=True)
    body = models.TextField(_("note of the shop"), blank=True)
    status = models.CharField(
        _("status"), max_length=16, choices=OrderStatus.choices, default=OrderStatus.PLACING
    )
    # Follows from the payments; kept here because every poll of a customer's page asks for it.
    needs_review = models.BooleanField(_("a payment waits for a person"), default=False)
    created_at = models.DateTimeField(_("placed at"), default=timezone.now, db_index=True)
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)
    paid_at = models.DateTimeField(_("paid at"), null=True, blank=True)
    delivered_at = models.DateTimeField(_("delivered at"), null=True, blank=True)
    checked_at = models.DateTimeField(_("last checked at"), null=True, blank=True)

    objects = OrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        ordering = ["-created_at", "-pk"]
        permissions = [
            ("check_order", _("Can ask the gateway about an order")),
            ("deliver_order", _("Can deliver a paid order again")),
            ("settle_order", _("Can settle an order by hand")),
            ("cancel_order", _("Can cancel an order")),
            ("expire_order", _("Can expire an order")),
            ("refund_order", _("Can record a refund")),
            ("export_order", _("Can export orders")),
        ]
        indexes = [
            models.Index(fields=["status", "expires_at"], name="gemafu_order_overdue"),
            models.Index(fields=["status", "delivered_at"], name="gemafu_order_undelivered"),
            # For the admin's list: its filter by status, and what its search looks for.
            models.Index(fields=["status", "created_at"], name="gemafu_order_status_placed"),
            models.Index(fields=["amount_fen"], name="gemafu_order_amount"),
            models.Index(fields=["payable_fen"], name="gemafu_order_payable"),
            models.Index(
                fields=["reference"],
                opclasses=["varchar_pattern_ops"],
                name="gemafu_order_reference",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["merchant_id", "reference"], name="gemafu_order_reference_once"
            ),
            models.UniqueConstraint(
                fields=["gateway_order_id", "merchant_id"], name="gemafu_order_gateway_id_once"
            ),
            models.CheckConstraint(
                condition=Q(status__in=OrderStatus.values), name="gemafu_order_status_known"
            ),
            models.CheckConstraint(
                condition=Q(amount_fen__gt=0) & (Q(payable_fen=None) | Q(payable_fen__gt=0)),
                name="gemafu_order_amounts_positive",
            ),
            models.CheckConstraint(
                condition=Q(status=OrderStatus.PAID, paid_at__isnull=False)
                | (~Q(status=OrderStatus.PAID) & Q(paid_at=None, delivered_at=None)),
                name="gemafu_order_paid_has_time",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    def get_absolute_url(self) -> str:
        """Return the path of the page on which the customer pays."""
        return reverse("gemafu:checkout", args=[self.token])

    @property
    def due_fen(self) -> int:
        """What settles the order: the amount to pay, or the amount ordered while the gateway has
        not told the other.
        """
        return self.amount_fen if self.payable_fen is None else self.payable_fen

    @property
    def is_closed(self) -> bool:
        """Whether the order has ended unpaid."""
        return self.status in (OrderStatus.EXPIRED, OrderStatus.FAILED, OrderStatus.CANCELLED)

    @property
    def is_undelivered(self) -> bool:
        """Whether the shop has not been told of its money."""
        return self.status == OrderStatus.PAID and self.delivered_at is None

    def is_overdue(self, now: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= now

    def may_be_paid_unseen(self, now: datetime) -> bool:
        """Whether it is worth asking the gateway: the order waits, or has only just expired."""
        return (
            self.gateway_order_id is not None
            and self.expires_at is not None
            and self.status in (OrderStatus.PENDING, OrderStatus.EXPIRED)
            and now < self.expires_at + GRACE
        )

    def transition(
        self,
        to: OrderStatus,
        *,
        only_as_seen: bool = False,
        by_hand: bool = False,
        **changes: Any,
    ) -> bool:
        """Move to another status if the row allows it. Only one of several callers gets ``True``.

        The database decides, not this instance, which may be stale: one conditional UPDATE, right
        on every database and at every isolation level. ``only_as_seen`` asks, besides, that the row
        still has the status of this instance, on which the caller has based a judgement.
        ``by_hand`` allows, besides, what only a person may do.
        """
        allowed = origins(to, by_hand=by_hand)
        if only_as_seen:
            allowed = [status for status in allowed if status == self.status]
        return self._update_where(_status_in(allowed), status=to, **changes)

    def claim_check(self, now: datetime, interval: timedelta) -> bool:
        """Claim the right to ask the gateway, once in ``interval`` over all processes."""
        is_due = Q(checked_at=None) | Q(checked_at__lte=now - interval)
        if self.checked_at is not None and self.checked_at > now - interval:
            return False
        return self._update_where(Q(is_due, _status_in([self.status])), checked_at=now)

    def release_check(self) -> None:
        """Give back a claim on an order that is still to be placed, so that it can be retried."""
        self._update_where(_status_in([OrderStatus.PLACING]), checked_at=None)

    def note_check(self, now: datetime) -> None:
        """Note that the gateway is being asked."""
        self._update_where(Q(), checked_at=now)

    def note_number(self, gateway_order_id: int) -> None:
        """Note the gateway's number of an order that it took after all."""
        self._update_where(Q(gateway_order_id=None), gateway_order_id=gateway_order_id)

    def flag_for_review(self) -> None:
        """Note that a payment waits for a person. Belongs into the transaction that stores it."""
        self._update_where(Q(), needs_review=True)

    def clear_review(self) -> None:
        """Note that no payment waits for a person, if none does. Belongs behind :meth:`lock`, which
        keeps out whoever would store one just now.
        """
        if not self.fresh_payments().unresolved().exists():
            self._update_where(Q(), needs_review=False)

    def claim_delivery(self, now: datetime) -> bool:
        """Claim the right to tell the shop. To be held to the end of the transaction."""
        is_due = Q(_status_in([OrderStatus.PAID]), delivered_at=None)
        return self._update_where(is_due, delivered_at=now)

    def lock(self) -> None:
        """Lock the row until the transaction ends, and read it anew.

        An UPDATE, because SQLite knows no SELECT ... FOR UPDATE, and could not turn a read
        into a write later on.
        """
        type(self).objects.filter(pk=self.pk).update(status=F("status"))
        self.reload()

    def received_fen(self) -> int:
        """Return what came in for the order, fitting or not. Where the gateway has not told the
        amount of a payment, it counts as what was due.
        """
        return self.count_received_fen(self.fresh_payments())

    def count_received_fen(self, payments: Iterable[Payment]) -> int:
        """Return what these payments of the order brought."""
        amounts = (payment.amount_fen for payment in payments)
        return sum(self.due_fen if amount is None else amount for amount in amounts)

    def refunded_fen(self) -> int:
        """Return what of it was given back."""
        return Refund.objects.fresh().filter(order=self).total_fen()

    def refundable_fen(self) -> int:
        """Return what of it was not given back."""
        return self.received_fen() - self.refunded_fen()

    def fresh_payments(self) -> PaymentQuerySet:
        return Payment.objects.fresh().filter(order=self)

    def reload(self) -> None:
        """Read the row anew, from the database that is written to."""
        self.refresh_from_db(using=router.db_for_write(type(self)))

    def record(self, kind: EventKind, *, user: Any = None, **facts: Any) -> None:
        """Add to the order's story. Belongs into the transaction of what it tells."""
        OrderEvent.objects.create(order=self, kind=kind, user=user, facts=facts)

    def _update_where(self, condition: Q, **changes: Any) -> bool:
        changed = type(self).objects.filter(condition, pk=self.pk).update(**changes)
        if changed:
            for name, value in changes.items():
                setattr(self, name, value)
        return bool(changed)
