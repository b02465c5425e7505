from __future__ import annotations

from django.contrib import admin

from example_project.shop.models import Purchase

admin.site.register(
    Purchase,
    list_display=["reference", "product_slug", "amount_fen", "created_at", "shipped_at"],
)
