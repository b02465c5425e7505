from __future__ import annotations

from django.urls import path

from django_gemafu.sandbox import views

app_name = "gemafu_sandbox"

urlpatterns = [
    path("", views.panel, name="panel"),
    # Like the real gateway's: no trailing slash.
    path("pay", views.gateway, name="gateway"),
    path("wallet/<int:number>/", views.wallet, name="wallet"),
    path("orders/<int:number>/", views.act, name="act"),
    path("behaviour/", views.behave, name="behave"),
]
