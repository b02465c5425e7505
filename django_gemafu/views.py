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
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from django_gemafu import qr as qr_code
from django_gemafu.checkout import CheckoutState, panel_context
from django_gemafu.decorators import non_atomic
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
        # Django's own cache heeds "private" alone.
        response["Cache-Control"] = "no-store, private"
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex"
        return response

    return login_not_required(non_atomic(wrapper))


@csrf_exempt  # no-referrer makes browsers send "Origin: null"; who knows the token may ask again
@_private
@require_http_methods(["GET", "HEAD", "POST"])
def checkout(request: HttpRequest, token: UUID) -> HttpResponse:
    """Show the page on which the customer pays; POST asks the gateway again for its code.

    ``?panel`` answers what ``{% gemafu_panel order %}`` makes, for pages that hold it.
    """
    order = get_object_or_404(Order, token=token)
    if request.method == "POST":
        return _retry(order)
    poll_order(order)
    template = "django_gemafu/checkout.html"
    context = panel_context(order, user_agent=request.headers.get("User-Agent", ""))
    if "panel" in request.GET:
        template, context["embedded"] = "django_gemafu/checkout/panel.html", True
    response = render(request, template, context)
    patch_vary_headers(response, ["User-Agent"])
    return response


def _retry(order: Order) -> HttpResponse:
    try:
        resume_order(order)
    except (GatewayError, OrderClosed) as error:
        logger.warning("Placing order %s again: %s", order.reference, error)
    return redirect(order)


@_private
@require_safe
def qr(request: HttpRequest, token: UUID) -> HttpResponse:
    """Answer the QR code as a PNG, and only as long as it may be paid; ``?save`` downloads it."""
    order = get_object_or_404(Order, token=token)
    if not CheckoutState.of(order).has_code or not order.qr_content:
        raise Http404("this order has no code to pay")
    response = HttpResponse(qr_code.png(order.qr_content), content_type="image/png")
    if "save" in request.GET:
        response["Content-Disposition"] = 'attachment; filename="wechat-pay.png"'
    return response


@_private
@require_safe
def status(request: HttpRequest, token: UUID) -> HttpResponse:
    """Answer what the page has to know, as JSON; ``docs/checkout.md`` describes it.

    Who sends the last answer's ETag as If-None-Match is told that nothing has changed with an
    empty 304. ``expires_in`` is no change: clients count by themselves.
    """
    order = get_object_or_404(Order, token=token)
    poll_order(order)
    state = CheckoutState.of(order)
    unchanged = get_conditional_response(request, etag=state.etag)
    response = unchanged or JsonResponse(state.to_json())
    response["ETag"] = state.etag
    return response


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
