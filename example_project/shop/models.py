from __future__ import annotations

from uuid import uuid4

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class Purchase(models.Model):
    """What a customer bought. The shop's own table: it knows nothing of how it is paid."""

    key = models.UUIDField(default=uuid4, unique=True, editable=False)
    product_slug = models.CharField(_("product"), max_length=32)
    customer_id = models.CharField(_("customer"), max_length=64)
    amount_fen = models.PositiveIntegerField(_("amount (fen)"))
    created_at = models.DateTimeField(_("bought at"), auto_now_add=True)
    shipped_at = models.DateTimeField(_("shipped at"), null=True, blank=True)

    class Meta:
        verbose_name = _("purchase")
        verbose_name_plural = _("purchases")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.reference

    def get_absolute_url(self) -> str:
        return reverse("shop:thanks", args=[self.key])

    @property
    def reference(self) -> str:
        """The order number at the gateway."""
        return f"TEA-{self.pk:05}"
