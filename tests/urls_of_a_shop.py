"""A shop in production: no sandbox."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [path("pay/", include("django_gemafu.urls"))]
