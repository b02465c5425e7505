"""The floor: views that do the least honest work for the same end, on the same tables."""

from __future__ import annotations

import hashlib
import hmac
import io
import json
from datetime import datetime, timezone

import segno
from django.conf import settings
from django.db import transaction
from django.dispatch import Signal
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from django_gemafu.models import Order, Payment

bare_payment = Signal()


@csrf_exempt
def notify(request: HttpRequest, token: str) -> HttpResponse:
    """JSON, md5, one conditional UPDATE, one INSERT, the signal, one commit."""
    envelope = json.loads(request.body)
    data = envelope["data"]
    text = "".join(key + str(data[key]) for key in sorted(data)) + str(
        settings.GEMAFU["SECRET_KEY"]
    )
    if not hmac.compare_digest(hashlib.md5(text.encode()).hexdigest(), envelope["sign"]):
        return HttpResponse("bad signature", status=403)
    paid_at = datetime.fromtimestamp(data["pubtime"], tz=timezone.utc)
    with transaction.atomic():
        waiting = Order.objects.filter(token=token, status="pending", payable_fen=data["money"])
        if not waiting.update(status="paid", paid_at=paid_at):
            return HttpResponse("not waiting", status=409)
        payment = Payment.objects.create(
            order_id=int(data["body"]),
            gateway_payment_id=data["payid"],
            amount_fen=data["money"],
            paid_at=paid_at,
            source="notification",
            verdict="accepted",
        )
        bare_payment.send(sender=Order, payment=payment)
    return HttpResponse("200")


def status(request: HttpRequest, token: str) -> HttpResponse:
    """One SELECT by an index."""
    order = Order.objects.get(token=token)
    return JsonResponse(
        {
            "status": order.status,
            "paid": order.status == "paid",
            "expires_in": 1,
            "payable_fen": order.payable_fen,
            "redirect_url": None,
        }
    )


def qr(text: str) -> bytes:
    buffer = io.BytesIO()
    segno.make(text, error="m", micro=False).save(buffer, kind="png", scale=24, border=4)
    return buffer.getvalue()
