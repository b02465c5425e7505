from __future__ import annotations

from django.apps import AppConfig
from django.core import checks
from django.utils.translation import gettext_lazy as _


class GemafuConfig(AppConfig):
    name = "django_gemafu"
    verbose_name = _("Gemafu payments")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django_gemafu.checks import check_settings, check_urls  # noqa: PLC0415

        checks.register(check_settings, "gemafu")
        checks.register(check_urls, "gemafu")
