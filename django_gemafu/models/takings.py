"""The payments as what a shop took in."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from django_gemafu.models.payments import Payment


class Takings(Payment):
    """The payments once more, for the page of the admin that adds them up, and its permission."""

    class Meta:
        proxy = True
        verbose_name = _("takings")
        verbose_name_plural = _("takings")
        default_permissions = ("view",)
