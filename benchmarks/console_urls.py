from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("pay/", include("django_gemafu.urls")),
    path("admin/", admin.site.urls),
]
