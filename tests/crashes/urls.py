"""A shop with pages of its own: on one a customer buys, the other reconciles."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path

from django_gemafu.operations import place_order
from django_gemafu.operations.reconcile import chunks_to_reconcile, reconcile_chunk
from tests.urls_of_a_shop import urlpatterns as urls_of_a_shop


def buy(request: HttpRequest, reference: str) -> HttpResponse:
    order = place_order(amount_fen=1250, customer_id="customer-1", reference=reference)
    return HttpResponse(order.status)


def reconcile(request: HttpRequest) -> HttpResponse:
    """Do what the Celery tasks do, in one thread, which takes the same way each time."""
    results = [reconcile_chunk(action, ids) for action, ids in chunks_to_reconcile()]
    return HttpResponse(str(sum(result.failed for result in results)))


urlpatterns = [*urls_of_a_shop, path("buy/<reference>/", buy), path("reconcile/", reconcile)]
