"""The customer's page with what it loads, and the address that the gateway notifies."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, InterfaceError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from django_gemafu import qr as qr_code
from django_gemafu.decorators import non_atomic
from django_gemafu.enums import OrderStatus
from django_gemafu.exceptions import (
    ConfigurationError,
    DeliveryFailed,
    GatewayError,
    MalformedNotification,
    NotificationRefused,
    OrderClosed,
    OversizeNotification,
)
from django_gemafu.models import Order
from django_gemafu.operations import poll_order, receive_notification, resume_order
from django_gemafu.protocol.messages import MAX_MESSAGE_BYTES

logger = logging.getLogger(__name__)

View = Callable[..., HttpResponse]


def _private(view: View) -> View:
    """Keep the order's token to those who have it, and transactions to the operations.

    Whoever has the address may see the page: there is no login to ask for. Whatever the host sets
    elsewhere, the address goes to no other site and into no cache.
    """

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            response = view(request, *args, **kwargs)
        except Http404:  # not the host's own page for it, which may load things from elsewhere
            response = _text("There is nothing to pay at this address.", status=404)
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex"
        return response

    return login_not_required(never_cache(non_atomic(wrapper)))


@csrf_exempt  # no-referrer makes browsers send "Origin: null"; who knows the token may ask again
@_private
@require_http_methods(["GET", "HEAD", "POST"])
def checkout(request: HttpRequest, token: UUID) -> HttpResponse:
    """Show the page on which the customer pays; POST asks the gateway again for its code."""
    order = get_object_or_404(Order, token=token)
    if request.method == "POST":
        return _retry(order)
    poll_order(order)
    context = {
        "order": order,
        "status_url": reverse("gemafu:status", args=[token]),
        "qr_url": reverse("gemafu:qr", args=[token]),
        **_state(order),
    }
    return render(request, "django_gemafu/checkout.html", context)


def _retry(order: Order) -> HttpResponse:
    try:
        resume_order(order)
    except (GatewayError, OrderClosed) as error:
        logger.warning("Placing order %s again: %s", order.reference, error)
    return redirect(order)


@_private
@require_safe
def qr(request: HttpRequest, token: UUID) -> HttpResponse:
    """Answer the QR code as a PNG, and only as long as it may be paid."""
    order = get_object_or_404(Order, token=token)
    state = _state(order)
    if state["state"] != OrderStatus.PENDING or state["under_review"] or not order.qr_content:
        raise Http404("this order has no code to pay")
    return HttpResponse(qr_code.png(order.qr_content), content_type="image/png")


@_private
@require_safe
def status(request: HttpRequest, token: UUID) -> HttpResponse:
    """Answer what the page has to know, as JSON. See the README for the fields."""
    order = get_object_or_404(Order, token=token)
    poll_order(order)
    state = _state(order)
    return JsonResponse(
        {
            "status": state["state"],
            "paid": order.status == OrderStatus.PAID,
            "expires_in": state["expires_in"],
            "payable_fen": state["payable_fen"],
            "redirect_url": state["redirect_url"] or None,
        }
    )


@csrf_exempt
@_private
@require_POST
def notify(request: HttpRequest, token: UUID, proof: str) -> HttpResponse:
    """Take the gateway's notification; answer ``200`` once it is recorded and delivered.

    Anything else is a short reason, which the gateway keeps for the merchant, and it comes again.
    """
    try:
        body = _read(request)
        receive_notification(token=token, proof=proof, body=body)
    except NotificationRefused as refusal:
        logger.warning("Notification for %s refused: %s", token, refusal)
        return _text(str(refusal), status=refusal.http_status)
    except DeliveryFailed:
        return _text("recorded, but the shop's own code failed; send it again", status=503)
    except (DatabaseError, InterfaceError):
        logger.exception("Notification for %s could not be recorded", token)
        return _text("the shop's database is not available; send it again", status=503)
    except ConfigurationError:
        logger.exception("Notification for %s could not be verified", token)
        return _text("the shop's settings are incomplete; send it again", status=503)
    return _text("200")


def _read(request: HttpRequest) -> bytes:
    """Read the body, bounded. Raises :class:`NotificationRefused`."""
    try:
        body = request.read(MAX_MESSAGE_BYTES + 1)
    except OSError as error:
        raise MalformedNotification("the message broke off") from error
    if len(body) > MAX_MESSAGE_BYTES:
        raise OversizeNotification(f"longer than {MAX_MESSAGE_BYTES} bytes")
    return body


def _text(text: str, *, status: int = 200) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")


def _state(order: Order) -> dict[str, Any]:
    expires_in = None
    if order.expires_at is not None:
        expires_in = max(0, int((order.expires_at - timezone.now()).total_seconds()))
    is_paid = order.status == OrderStatus.PAID
    return {
        "state": _shown_status(order),
        "under_review": order.needs_review,
        "expires_in": expires_in,
        # Nothing more is to be paid while a payment that does not fit is looked into.
        "payable_fen": None if order.needs_review and not is_paid else order.payable_fen,
        "redirect_url": order.return_url if is_paid else "",
    }


def _shown_status(order: Order) -> str:
    """Return the status as the customer should see it: time that is over is over."""
    if order.status == OrderStatus.PENDING and order.is_overdue(timezone.now()):
        return OrderStatus.EXPIRED.value
    return order.status
