from __future__ import annotations

from django.urls import include, path

from benchmarks import bare

urlpatterns = [
    path("pay/", include("django_gemafu.urls")),
    path("bare/<uuid:token>/notify/", bare.notify),
    path("bare/<uuid:token>/status/", bare.status),
]
