"""The payments reported for orders."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from django_gemafu.enums import PaymentSource, Verdict
from django_gemafu.models.fresh import FreshQuerySet


class PaymentQuerySet(FreshQuerySet["Payment"]):
    def accepted(self) -> PaymentQuerySet:
        return self.filter(verdict=Verdict.ACCEPTED)

    def surprises(self) -> PaymentQuerySet:
        """Payments that did not fit."""
        # Named one by one, not as "all but accepted": an index can find these.
        return self.filter(verdict__in=[each for each in Verdict if each != Verdict.ACCEPTED])

    def unresolved(self) -> PaymentQuerySet:
        """Payments that do not fit, and that no person has dealt with."""
        return self.surprises().filter(resolved_at=None)


class Payment(models.Model):
    """One income reported for an order, however it was learnt. Never dropped, never merged."""

    order = models.ForeignKey("django_gemafu.Order", models.PROTECT, related_name="payments")
    gateway_payment_id = models.PositiveBigIntegerField(
        _("gateway's payment number"), null=True, blank=True, unique=True
    )
    amount_fen = models.PositiveBigIntegerField(_("amount (fen)"), null=True, blank=True)
    paid_at = models.DateTimeField(_("paid at"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=16, choices=PaymentSource.choices)
    verdict = models.CharField(_("verdict"), max_length=16, choices=Verdict.choices)
    is_late = models.BooleanField(_("came after the order had ended"), default=False)
    # What a person who settled the order by hand has to tell.
    evidence = models.TextField(_("evidence"), blank=True)
    note = models.TextField(_("note"), blank=True)
    created_at = models.DateTimeField(_("recorded at"), default=timezone.now)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("resolved by"),
    )
    resolved_at = models.DateTimeField(_("resolved at"), null=True, blank=True)
    resolution_note = models.TextField(_("resolution"), blank=True)

    objects = PaymentQuerySet.as_manager()

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        ordering = ["created_at", "pk"]
        indexes = [
            models.Index(fields=["verdict", "resolved_at"], name="gemafu_payment_unresolved"),
            models.Index(fields=["source"], name="gemafu_payment_source"),
            models.Index(fields=["is_late"], name="gemafu_payment_late"),
            # For the takings of a period: by the time of payment, or where that is not known by
            # the time at which we heard of it.
            models.Index(fields=["paid_at", "created_at"], name="gemafu_payment_received"),
        ]
        permissions = [("resolve_payment", _("Can accept or dismiss a payment that does not fit"))]
        constraints = [
            models.CheckConstraint(
                condition=Q(verdict__in=Verdict.values), name="gemafu_payment_verdict_known"
            ),
        ]

    def __str__(self) -> str:
        return str(self.gateway_payment_id or self.pk)

    @property
    def needs_review(self) -> bool:
        """Whether it waits for a person."""
        return self.verdict != Verdict.ACCEPTED and self.resolved_at is None
