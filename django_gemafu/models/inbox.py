"""What waits for a person."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from django_gemafu.models.orders import Order


class Inbox(Order):
    """The orders once more, for the page of the admin that shows those that need a person."""

    class Meta:
        proxy = True
        verbose_name = _("needs attention")
        verbose_name_plural = _("needs attention")
        default_permissions = ()
