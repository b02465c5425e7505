from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ShopConfig(AppConfig):
    name = "example_project.shop"
    verbose_name = _("Tea house")

    def ready(self) -> None:
        from example_project.shop import receivers  # noqa: F401, PLC0415 - connects them
