from __future__ import annotations

from django.apps import AppConfig
from django.core import checks
from django.utils.translation import gettext_lazy as _


class GemafuConfig(AppConfig):
    name = "django_gemafu"
    verbose_name = _("Gemafu payments")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django_gemafu.checks import (  # noqa: PLC0415
            check_receivers,
            check_settings,
            check_time_zones,
            check_urls,
        )

        for check in (check_settings, check_urls, check_receivers, check_time_zones):
            checks.register(check, "gemafu")
