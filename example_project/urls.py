from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("example_project.shop.urls")),
    path("pay/", include("django_gemafu.urls")),
    path("sandbox/", include("django_gemafu.sandbox.urls")),
    path("admin/", admin.site.urls),
]
