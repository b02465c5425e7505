"""Money that the shop has given back."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from django_gemafu.models.fresh import FreshQuerySet


class RefundQuerySet(FreshQuerySet["Refund"]):
    def total_fen(self) -> int:
        return sum(self.values_list("amount_fen", flat=True))


class Refund(models.Model):
    """Money given back to a customer, outside of this app, as a person recorded it. Append-only.

    The gateway knows no refunds: the shop sends the money from its own wallet.
    """

    order = models.ForeignKey("django_gemafu.Order", models.PROTECT, related_name="refunds")
    amount_fen = models.PositiveBigIntegerField(_("amount (fen)"))
    note = models.TextField(_("reason"))
    made_at = models.DateTimeField(_("given back at"))
    created_at = models.DateTimeField(_("recorded at"), default=timezone.now)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("recorded by"),
    )

    objects = RefundQuerySet.as_manager()

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        ordering = ["created_at", "pk"]
        default_permissions = ("view",)
        indexes = [models.Index(fields=["made_at"], name="gemafu_refund_made")]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_fen__gt=0), name="gemafu_refund_amount_positive"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)
