"""A shop with one page of its own, on which a customer buys."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path

from django_gemafu.operations import place_order
from tests.urls_of_a_shop import urlpatterns as urls_of_a_shop


def buy(request: HttpRequest, reference: str) -> HttpResponse:
    order = place_order(amount_fen=1250, customer_id="customer-1", reference=reference)
    return HttpResponse(order.status)


urlpatterns = [*urls_of_a_shop, path("buy/<reference>/", buy)]
