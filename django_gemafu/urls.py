from __future__ import annotations

from django.urls import path

from django_gemafu import views

app_name = "gemafu"

urlpatterns = [
    path("<uuid:token>/", views.checkout, name="checkout"),
    path("<uuid:token>/qr.png", views.qr, name="qr"),
    path("<uuid:token>/status/", views.status, name="status"),
    path("<uuid:token>/notify/<str:proof>/", views.notify, name="notify"),
]
