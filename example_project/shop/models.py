from __future__ import annotations

from uuid import uuid4

from django.db import models
from django.urls import reverse


class Purchase(models.Model):
    """What a customer bought. The shop's own table: it knows nothing of how it is paid."""

    key = models.UUIDField(default=uuid4, unique=True, editable=False)
    product_slug = models.CharField(max_length=32)
    customer_id = models.CharField(max_length=64)
    amount_fen = models.PositiveIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)
    shipped_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.reference

    def get_absolute_url(self) -> str:
        return reverse("shop:thanks", args=[self.key])

    @property
    def reference(self) -> str:
        """The order number at the gateway."""
        return f"TEA-{self.pk:05}"
