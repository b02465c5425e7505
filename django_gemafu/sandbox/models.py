"""The gateway's memory: orders, payments, attempts at notifying, and how to misbehave."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from django_gemafu.conf import conf
from django_gemafu.protocol.messages import (
    NAME_MAX_LENGTH,
    REFERENCE_MAX_LENGTH,
    URL_MAX_LENGTH,
    PlaceOrderRequest,
)
from django_gemafu.sandbox.enums import (
    AnswerStyle,
    AttemptError,
    AttemptKind,
    PaymentState,
    RefusalReason,
)

#: What makes two requests the same order: all but the time of sending.
CONTENT_FIELDS = (
    "merchant_id",
    "reference",
    "amount_fen",
    "notify_url",
    "customer_id",
    "app_name",
    "return_url",
    "body",
)

ANSWER_MAX_LENGTH = 1000
_DELAY_LIMIT_SECONDS = 60
_LIFETIME_LIMIT_SECONDS = 7 * 24 * 3600
#: An attempt that is overdue by more than this belonged to a process that is gone.
_STALLED_AFTER = timedelta(seconds=30)

_STATUS_OPEN, _STATUS_EXPIRED = 0, 1
_STATUS_BY_STATE = {
    PaymentState.ACCEPTED: 2,
    PaymentState.EXHAUSTED: 3,
    PaymentState.UNSENT: 3,
    PaymentState.PENDING: 4,
    PaymentState.HELD: 4,
}


def new_number() -> int:
    """Return a random number of 12 digits.

    Not a sequence: a sandbox whose database was made anew must not repeat the payment numbers
    that a shop remembers.
    """
    return secrets.randbelow(9 * 10**11) + 10**11


def reference_key(merchant_id: int, reference: str) -> str:
    """Return what tells one merchant's order number from all others.

    A digest, because databases disagree on which texts are equal: for some, letters of either
    case are, or all emoji.
    """
    return hashlib.sha256(f"{merchant_id} {reference}".encode()).hexdigest()


class SandboxOrderQuerySet(models.QuerySet["SandboxOrder"]):
    def unpaid(self) -> SandboxOrderQuerySet:
        return self.filter(paid_at=None)

    def unexpired(self) -> SandboxOrderQuerySet:
        return self.filter(expires_at__gt=timezone.now())

    def release_amounts_of_expired(self) -> int:
        return self.filter(open_money__isnull=False, expires_at__lte=timezone.now()).update(
            open_money=None
        )


class SandboxOrder(models.Model):
    """An order that the gateway took. ``number`` is its orderid, ``payable_fen`` its money."""

    number = models.BigIntegerField(unique=True, default=new_number)
    reference_key = models.CharField(max_length=64, unique=True)
    merchant_id = models.BigIntegerField()
    reference = models.CharField(max_length=REFERENCE_MAX_LENGTH)
    amount_fen = models.BigIntegerField()
    payable_fen = models.BigIntegerField()
    # The amount to pay while the order waits for it, and else null, which never clashes: a unique
    # column, so that no two open orders ask for the same amount on whatever database.
    open_money = models.BigIntegerField(unique=True, null=True)
    is_free_input = models.BooleanField(default=False)
    notify_url = models.CharField(max_length=URL_MAX_LENGTH)
    customer_id = models.CharField(max_length=NAME_MAX_LENGTH)
    app_name = models.CharField(max_length=NAME_MAX_LENGTH)
    return_url = models.CharField(max_length=URL_MAX_LENGTH, blank=True)
    body = models.TextField(blank=True)
    placed_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True)

    objects = SandboxOrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")

    def __str__(self) -> str:
        return f"{self.number}"

    @property
    def is_paid(self) -> bool:
        return self.paid_at is not None

    @property
    def is_expired(self) -> bool:
        return self.expires_at <= timezone.now()

    @property
    def is_open(self) -> bool:
        return not self.is_paid and not self.is_expired

    @property
    def status(self) -> int:
        """The status as QueryOrder tells it. The first payment is the one that paid the order."""
        for payment in self.payments.all():
            return _STATUS_BY_STATE[PaymentState(payment.state)]
        return _STATUS_EXPIRED if self.is_expired else _STATUS_OPEN

    @property
    def return_link(self) -> str:
        """The shop's page to go back to, or ``""``. Nothing but web pages: no ``javascript:``."""
        try:
            scheme = urlsplit(self.return_url).scheme
        except ValueError:
            return ""
        return self.return_url if scheme in ("http", "https") else ""

    def asks_the_same_as(self, request: PlaceOrderRequest) -> bool:
        return all(getattr(self, name) == getattr(request, name) for name in CONTENT_FIELDS)


class SandboxPaymentQuerySet(models.QuerySet["SandboxPayment"]):
    def in_run(self, payment_id: int, run: int) -> SandboxPaymentQuerySet:
        """The payment, while the given run of its notification is the one that counts."""
        return self.filter(pk=payment_id, run=run, state=PaymentState.PENDING)


class SandboxPayment(models.Model):
    """Money that arrived for an order. ``number`` is its payid."""

    order = models.ForeignKey(SandboxOrder, models.CASCADE, related_name="payments")
    number = models.BigIntegerField(unique=True, default=new_number)
    amount_fen = models.BigIntegerField()
    paid_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(
        max_length=16, choices=PaymentState.choices, default=PaymentState.UNSENT
    )
    # Counts how often the schedule of attempts was begun, so that a newer one ends an older one.
    run = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True)

    objects = SandboxPaymentQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)
        verbose_name = _("payment")
        verbose_name_plural = _("payments")

    def __str__(self) -> str:
        return f"{self.number}"

    @property
    def is_stalled(self) -> bool:
        """Whether the attempt that was due never came: its process ended."""
        return (
            self.state == PaymentState.PENDING
            and self.next_attempt_at is not None
            and self.next_attempt_at + _STALLED_AFTER < timezone.now()
        )


class NotificationAttempt(models.Model):
    """One attempt to notify the shop, with its answer, for the merchant to read."""

    payment = models.ForeignKey(SandboxPayment, models.CASCADE, related_name="attempts")
    kind = models.CharField(max_length=16, choices=AttemptKind.choices)
    sent_at = models.DateTimeField()
    http_status = models.PositiveSmallIntegerField(null=True)
    answer = models.TextField(blank=True)
    error = models.CharField(max_length=16, choices=AttemptError.choices, blank=True)
    is_accepted = models.BooleanField(default=False)

    class Meta:
        ordering = ("pk",)
        verbose_name = _("attempt to notify")
        verbose_name_plural = _("attempts to notify")

    def __str__(self) -> str:
        return f"{self.pk}"

    @property
    def is_forgery_accepted(self) -> bool:
        """Whether the shop fell for a notification that was tampered with."""
        return self.is_accepted and self.kind == AttemptKind.TAMPERED


class Behaviour(models.Model):
    """How the gateway behaves. There is one row at most; without it, all is well-behaved."""

    ONLY_PK = 1

    id = models.PositiveSmallIntegerField(primary_key=True, editable=False)
    refusal = models.CharField(
        _("Refuse every new order"), max_length=16, choices=RefusalReason.choices, blank=True
    )
    answer_style = models.CharField(
        _("Form of the answer"),
        max_length=16,
        choices=AnswerStyle.choices,
        default=AnswerStyle.NORMAL,
    )
    delay_seconds = models.FloatField(
        _("Seconds before each answer"),
        default=0,
        validators=[MinValueValidator(0), MaxValueValidator(_DELAY_LIMIT_SECONDS)],
    )
    order_lifetime_seconds = models.FloatField(
        _("Seconds until a new order expires"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(_LIFETIME_LIMIT_SECONDS)],
    )
    gives_free_input_codes = models.BooleanField(
        _("Codes without an amount"),
        default=False,
    )
    holds_notifications = models.BooleanField(
        _("Hold notifications back"),
        default=False,
    )

    class Meta:
        verbose_name = _("behaviour")
        verbose_name_plural = _("behaviour")

    def __str__(self) -> str:
        return str(_("behaviour"))

    @classmethod
    def current(cls) -> Behaviour:
        """Return the one row, or, while there is none, what it would hold."""
        return cls.objects.filter(pk=cls.ONLY_PK).first() or cls(pk=cls.ONLY_PK)

    @property
    def order_lifetime(self) -> timedelta:
        if self.order_lifetime_seconds is None:
            return conf.sandbox_order_lifetime
        return timedelta(seconds=self.order_lifetime_seconds)

    @property
    def is_good(self) -> bool:
        return (
            not self.refusal
            and self.answer_style == AnswerStyle.NORMAL
            and (not self.delay_seconds and not self.holds_notifications)
        )


def after(delay_seconds: float) -> datetime:
    return timezone.now() + timedelta(seconds=delay_seconds)
