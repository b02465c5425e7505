from __future__ import annotations

import logging
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from django_gemafu.exceptions import GatewayError, GatewayRejection
from django_gemafu.operations import place_order
from example_project.shop.models import Purchase
from example_project.shop.products import PRODUCTS

logger = logging.getLogger(__name__)


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "shop/home.html", {"products": PRODUCTS.values()})


@require_POST
def buy(request: HttpRequest, slug: str) -> HttpResponse:
    """Note the purchase, ask for its payment, and send the customer to pay."""
    if slug not in PRODUCTS:
        raise Http404("no such product")
    purchase = Purchase.objects.create(
        product_slug=slug,
        customer_id=_customer_id(request),
        amount_fen=PRODUCTS[slug].price_fen,
    )
    try:
        order = place_order(
            amount_fen=purchase.amount_fen,
            customer_id=purchase.customer_id,
            reference=purchase.reference,
            return_url=request.build_absolute_uri(purchase.get_absolute_url()),
            body=str(purchase.key),
        )
    except GatewayRejection as error:
        # Its reason is for the merchant: the fee balance, for instance.
        logger.error("No payment for %s: %s", purchase, error.reason)
        return render(request, "shop/sorry.html", status=503)
    except GatewayError as error:
        # No answer, so perhaps it was taken: the order's own page can ask again.
        return redirect(error.order or "shop:home")
    return redirect(order)


@require_safe
def thanks(request: HttpRequest, key: UUID) -> HttpResponse:
    purchase = get_object_or_404(Purchase, key=key)
    product = PRODUCTS.get(purchase.product_slug)
    return render(request, "shop/thanks.html", {"purchase": purchase, "product": product})


def _customer_id(request: HttpRequest) -> str:
    if request.session.session_key is None:
        request.session.create()
    return f"guest-{request.session.session_key}"
