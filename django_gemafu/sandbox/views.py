"""The sandbox over HTTP: the gateway's endpoint, the pretend wallet, and the panel."""

from __future__ import annotations

import json
import time
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from django_gemafu.conf import conf
from django_gemafu.protocol.messages import MAX_MESSAGE_BYTES
from django_gemafu.protocol.signing import Scalar
from django_gemafu.sandbox import notifier, paying
from django_gemafu.sandbox.actions import ACTIONS, NOTIFYING, PAY_OTHER, PAYING
from django_gemafu.sandbox.enums import AnswerStyle
from django_gemafu.sandbox.forms import AmountForm, BehaviourForm
from django_gemafu.sandbox.gateway import answer
from django_gemafu.sandbox.models import Behaviour, SandboxOrder

RECENT_ORDERS = 20

_GARBAGE = "<!DOCTYPE html><html><body><h1>502 Bad Gateway</h1></body></html>"


@csrf_exempt
@login_not_required
@transaction.non_atomic_requests
@require_POST
def gateway(request: HttpRequest) -> HttpResponse:
    """Answer a program that takes this for the real gateway. The content type does not matter."""

    def wallet_url(number: int) -> str:
        return request.build_absolute_uri(reverse("gemafu_sandbox:wallet", args=[number]))

    # Not request.body: that has no bound of its own.
    fields = answer(request.read(MAX_MESSAGE_BYTES + 1), wallet_url)
    behaviour = Behaviour.current()
    time.sleep(behaviour.delay_seconds)
    return _in_style(fields, AnswerStyle(behaviour.answer_style))


def _in_style(fields: dict[str, Scalar], style: AnswerStyle) -> HttpResponse:
    if style == AnswerStyle.HTML:
        return HttpResponse(_GARBAGE)
    if style == AnswerStyle.HTTP_500:
        return HttpResponse(_GARBAGE, status=500)
    content = json.dumps(fields, ensure_ascii=False).encode()
    if style == AnswerStyle.CUT:
        content = content[: len(content) // 2]
    return HttpResponse(content, content_type="application/json")


@login_not_required
@never_cache
@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
def wallet(request: HttpRequest, number: int) -> HttpResponse:
    """Show what the customer's phone shows after scanning the code, and let them pay."""
    order = get_object_or_404(SandboxOrder, number=number)
    form = AmountForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and (not order.is_free_input or _is_exact(form, order)):
        paying.pay_from_wallet(order)
        return redirect("gemafu_sandbox:wallet", number)
    return render(request, "gemafu_sandbox/wallet.html", {"order": order, "form": form})


def _is_exact(form: AmountForm, order: SandboxOrder) -> bool:
    """The gateway finds the order by the amount alone, so the money must be exact."""
    if form.is_valid() and form.amount_fen != order.payable_fen:
        form.add_error(
            "amount",
            _("The gateway recognises no order by this amount. Type the one the shop's page says."),
        )
    return form.is_valid()


@login_not_required
@never_cache
@csrf_protect
@require_safe
def panel(request: HttpRequest) -> HttpResponse:
    return _panel(request, BehaviourForm(instance=Behaviour.current()))


def _panel(request: HttpRequest, form: BehaviourForm, status: int = 200) -> HttpResponse:
    acted_on = request.GET.get("order", "")
    context = {
        "behaviour": Behaviour.current(),
        "form": form,
        "amount_form": AmountForm(auto_id=False),
        "cards": [_card(order, acted_on) for order in _recent_orders()],
        "action_done": ACTIONS.get(request.GET.get("done", "")),
        "has_problem": "problem" in request.GET,
        "gateway_url": request.build_absolute_uri(reverse("gemafu_sandbox:gateway")),
        "merchant_id": conf.merchant_id,
    }
    return render(request, "gemafu_sandbox/panel.html", context, status=status)


def _recent_orders() -> QuerySet[SandboxOrder]:
    return SandboxOrder.objects.order_by("-pk").prefetch_related("payments__attempts")[
        :RECENT_ORDERS
    ]


def _card(order: SandboxOrder, acted_on: str) -> dict[str, object]:
    return {
        "order": order,
        "paying": [action for action in PAYING if action.is_possible(order)],
        "notifying": [action for action in NOTIFYING if action.is_possible(order)],
        "pay_other": PAY_OTHER,
        "is_acted_on": str(order.number) == acted_on,
    }


@login_not_required
@csrf_protect
@require_POST
def act(request: HttpRequest, number: int) -> HttpResponse:
    """Do to an order what one of the panel's buttons says."""
    order = get_object_or_404(SandboxOrder, number=number)
    action = ACTIONS.get(request.POST.get("action", ""))
    if action is None:
        return HttpResponseBadRequest("unknown action")
    amount_fen = order.payable_fen
    if action.takes_amount:
        form = AmountForm(request.POST)
        if not form.is_valid():
            return _to_panel(order, problem="amount")
        amount_fen = form.amount_fen
    action.run(order, amount_fen)
    return _to_panel(order, done=action.name)


def _to_panel(order: SandboxOrder, **said: str) -> HttpResponseRedirect:
    # In the query: the host need have neither sessions nor the messages app.
    query = urlencode({"order": order.number, **said})
    return redirect(f"{reverse('gemafu_sandbox:panel')}?{query}#order-{order.number}")


@login_not_required
@csrf_protect
@require_POST
def behave(request: HttpRequest) -> HttpResponse:
    """Change how the gateway behaves from now on."""
    if "reset" in request.POST:
        Behaviour.objects.all().delete()
        notifier.release_held()
        return redirect("gemafu_sandbox:panel")
    form = BehaviourForm(request.POST, instance=Behaviour.current())
    if not form.is_valid():
        return _panel(request, form, status=422)
    behaviour = form.save()
    if not behaviour.holds_notifications:
        notifier.release_held()
    return redirect("gemafu_sandbox:panel")
