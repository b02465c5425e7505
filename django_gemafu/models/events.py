"""The story of orders."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from django_gemafu import story
from django_gemafu.enums import EventKind


class OrderEvent(models.Model):
    """One entry of an order's story. Append-only."""

    order = models.ForeignKey("django_gemafu.Order", models.PROTECT, related_name="events")
    created_at = models.DateTimeField(_("when"), default=timezone.now)
    kind = models.CharField(_("what"), max_length=32, choices=EventKind.choices)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("who"),
    )
    facts = models.JSONField(_("facts"), default=dict)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["created_at", "pk"]
        indexes = [
            # For the gateway's errors in a period, few among very many events.
            models.Index(fields=["kind", "created_at"], name="gemafu_event_kind"),
        ]

    def __str__(self) -> str:
        return self.sentence

    @property
    def sentence(self) -> str:
        """The event in words, in the reader's language."""
        return story.sentence(EventKind(self.kind), self.facts)
