from __future__ import annotations

from django.urls import path

from example_project.shop import views

app_name = "shop"

urlpatterns = [
    path("", views.home, name="home"),
    path("buy/<slug:slug>/", views.buy, name="buy"),
    path("thanks/<uuid:key>/", views.thanks, name="thanks"),
]
