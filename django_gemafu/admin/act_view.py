"""The page on which an act is confirmed, carried out step by step, and reported."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from django_gemafu.admin.act import Act, Failed, Skipped, Target
from django_gemafu.admin.acts import ACTS
from django_gemafu.admin.forms import ActForm
from django_gemafu.models import Order

#: So many orders are taken at a time.
AT_MOST = 1000
#: A request does not begin another order after this long; the page goes on with the next request.
SECONDS_PER_STEP = 2.0
#: So many orders are shown before the act is confirmed.
_SHOWN = 50

_NUMBER = re.compile(r"[0-9]{1,18}")


@dataclass
class Report:
    """What became of the orders so far. It travels with the page, signed."""

    done: int = 0
    skipped: list[tuple[str, str]] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)

    @property
    def total(self) -> int:
        return self.done + len(self.skipped) + len(self.failed)

    def seal(self) -> str:
        return signing.dumps(asdict(self), salt=__name__, compress=True)

    @classmethod
    def open(cls, sealed: str) -> Report:
        try:
            return cls(**signing.loads(sealed, salt=__name__))
        except signing.BadSignature:
            return cls()


def show(request: HttpRequest, model_admin: Any, name: str) -> HttpResponse:
    """Show what will happen; once that is confirmed, do it, and say what came of it."""
    act = next((act for act in ACTS if act.name == name), None)
    if act is None:
        raise Http404
    if not (model_admin.has_view_permission(request) and request.user.has_perm(act.permission)):
        raise PermissionDenied
    given = request.POST if request.method == "POST" else request.GET
    page = _Page(request, model_admin, act, _numbers(given.get("ids", ""))[:AT_MOST])
    if request.method == "POST" and "confirmed" in request.POST:
        return page.carry_out()
    return page.confirm()


def begin(request: HttpRequest, model_admin: Any, act: Act, ids: list[int]) -> HttpResponse:
    """Show what will happen to these orders, which were selected in the list."""
    return _Page(request, model_admin, act, ids).confirm()


class _Page:
    def __init__(
        self, request: HttpRequest, model_admin: Any, act: Act, ids: Sequence[int]
    ) -> None:
        self.request = request
        self.model_admin = model_admin
        self.act = act
        self.ids = ids
        self.given = request.POST if request.method == "POST" else request.GET
        self.payment_id = next(iter(_numbers(self.given.get("payment", ""))), None)

    def confirm(self, form: ActForm | None = None) -> HttpResponse:
        targets = list(self._targets(self.ids[:_SHOWN]))
        if not targets:
            raise Http404
        form = form or self.act.form(orders=self._orders_for_form())
        rows = [(target.order, self._plan(target)) for target in targets]
        context = {
            "rows": rows,
            "form": form,
            "further": len(self.ids) - len(targets),
            # With nothing to do, there is nothing to confirm.
            "can_confirm": len(self.ids) > len(rows) or any(will for _order, (will, _) in rows),
        }
        return self._render("confirm", context)

    def carry_out(self) -> HttpResponse:
        form = self.act.form(self.request.POST, orders=self._orders_for_form())
        if not form.is_valid():
            return self.confirm(form)
        report = Report.open(self.request.POST.get("report", ""))
        total = report.total + len(self.ids)
        remaining = self._step(form, report)
        if remaining:
            context = {
                "form": form,
                "remaining": ",".join(map(str, remaining)),
                "report": report,
                "total": total,
            }
            return self._render("progress", context)
        return self._finish(report, total)

    def _step(self, form: ActForm, report: Report) -> Sequence[int]:
        """Do it to some of the orders, and return what is left."""
        deadline = time.monotonic() + SECONDS_PER_STEP
        for number, pk in enumerate(self.ids, start=1):
            for target in self._targets([pk]):
                self._perform(target, form, report)
            if time.monotonic() >= deadline:
                return self.ids[number:]
        return []

    def _perform(self, target: Target, form: ActForm, report: Report) -> None:
        reference = target.order.reference
        try:
            self.act.perform(target, self.request.user, form.cleaned_data)
        except Skipped as reason:
            report.skipped.append((reference, str(reason)))
        except Failed as reason:
            report.failed.append((reference, str(reason)))
        else:
            report.done += 1

    def _finish(self, report: Report, total: int) -> HttpResponse:
        if total > 1:
            return self._render("result", {"report": report, "total": total})
        for _reference, reason in report.skipped:
            messages.warning(self.request, _("Nothing was done. %s") % reason)
        for _reference, reason in report.failed:
            messages.error(self.request, _("It failed. %s") % reason)
        if report.done:
            messages.success(self.request, _("Done: %s.") % self.act.title)
        return HttpResponseRedirect(self._way_back())

    def _way_back(self) -> str:
        site = self.model_admin.admin_site.name
        if self.given.get("from") == "inbox":
            return reverse("admin:django_gemafu_inbox_changelist", current_app=site)
        if len(self.ids) == 1:
            return reverse("admin:django_gemafu_order_change", args=self.ids, current_app=site)
        return reverse("admin:django_gemafu_order_changelist", current_app=site)

    def _targets(self, ids: Sequence[int]) -> Iterator[Target]:
        orders = Order.objects.fresh().filter(pk__in=ids).prefetch_related("payments", "refunds")
        for order in orders:
            yield Target(order, self.payment_id)

    def _orders_for_form(self) -> list[Order]:
        """Return the order, if it is one; the form asks several about less."""
        return list(Order.objects.fresh().filter(pk__in=self.ids[:2]))

    def _plan(self, target: Target) -> tuple[bool, Any]:
        obstacle = self.act.obstacle(target)
        return (False, obstacle) if obstacle else (True, self.act.plan(target))

    def _render(self, name: str, context: dict[str, Any]) -> HttpResponse:
        site = self.model_admin.admin_site
        common = {
            **site.each_context(self.request),
            "title": self.act.title,
            "act": self.act,
            "opts": Order._meta,
            "ids": ",".join(map(str, self.ids)),
            "payment": self.payment_id or "",
            "origin": "inbox" if self.given.get("from") == "inbox" else "",
            "way_back": self._way_back(),
            "media": self.model_admin.media,
            "orders": ngettext("%d order", "%d orders", len(self.ids)) % len(self.ids),
        }
        # Elsewhere than at the address of the action, which comes from the list.
        address = reverse(
            "admin:django_gemafu_order_act", args=[self.act.name], current_app=site.name
        )
        self.request.current_app = site.name
        return TemplateResponse(
            self.request,
            f"admin/django_gemafu/act_{name}.html",
            {**common, "address": address, **context},
        )


def _numbers(text: str) -> list[int]:
    """Return the numbers of a list with commas, each once; anything else is left out."""
    numbers = (int(part) for part in text.split(",") if _NUMBER.fullmatch(part))
    return list(dict.fromkeys(numbers))
