from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SandboxConfig(AppConfig):
    name = "django_gemafu.sandbox"
    label = "gemafu_sandbox"
    verbose_name = _("Gemafu sandbox")
    default_auto_field = "django.db.models.BigAutoField"
