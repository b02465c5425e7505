"""The demo's paths, for the tests."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

from tests.shop_page import shop_page

urlpatterns = [
    path("shop/", shop_page, name="shop_page"),
    path("pay/", include("django_gemafu.urls")),
    path("sandbox/", include("django_gemafu.sandbox.urls")),
    path("admin/", admin.site.urls),
]
