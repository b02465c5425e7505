"""The inbox: what needs a person, what happened, and what is usually right."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from django_gemafu.admin import waiting
from django_gemafu.admin.act import Act, Target
from django_gemafu.admin.acts import acts_for
from django_gemafu.admin.readonly import ReadOnly
from django_gemafu.enums import EventKind, Verdict
from django_gemafu.models import Inbox, Order, OrderEvent, Payment

#: So many of each kind are shown, those first that have waited longest.
_SHOWN = 50

#: What happened, and what is usually right.
_ADVICE: Mapping[str, tuple[Any, Any]] = {
    Verdict.UNDERPAID: (
        gettext_lazy("The customer paid too little."),
        gettext_lazy(
            "Accept it if the difference does not matter. Otherwise give the money back, record "
            "the refund, and dismiss it."
        ),
    ),
    Verdict.OVERPAID: (
        gettext_lazy("The customer paid too much."),
        gettext_lazy("Accept it, give the difference back, and record that as a refund."),
    ),
    Verdict.DUPLICATE: (
        gettext_lazy("The customer paid once more for an order that was paid already."),
        gettext_lazy("Give this payment back, record the refund, and dismiss it."),
    ),
    Verdict.UNEXPECTED: (
        gettext_lazy("Money came for an order that was cancelled or refused."),
        gettext_lazy(
            "Accept it if you can still deliver. Otherwise give the money back, record the "
            "refund, and dismiss it."
        ),
    ),
}
_UNDELIVERED = (
    gettext_lazy("The order is paid, and the shop was not told, or its own code failed."),
    gettext_lazy("Mend what the story's traceback shows, and deliver again."),
)
_STUCK = (
    gettext_lazy("The gateway has not answered, so nobody knows whether it took the order."),
    gettext_lazy(
        "Look for the money in your wallet. If it is there, settle by hand; otherwise cancel."
    ),
)


@dataclass(frozen=True)
class Item:
    """One thing to decide about, with the acts that may be right."""

    order: Order
    happened: Any
    advice: Any
    acts: list[Act]
    payment: Payment | None = None
    error: str = ""


class InboxAdmin(ReadOnly, ModelAdmin):  # type: ignore[type-arg]
    class Media:
        css = {"all": ["django_gemafu/admin.css"]}

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("django_gemafu.view_order")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def get_model_perms(self, request: HttpRequest) -> dict[str, bool]:
        """Called for each page that lists the models: the moment to count for their names."""
        if not hasattr(request, "gemafu_waiting"):  # the front page lists them twice
            request.gemafu_waiting = (  # type: ignore[attr-defined]
                waiting.count() if self.has_view_permission(request) else 0
            )
        _count.set(request.gemafu_waiting)  # type: ignore[attr-defined]
        return super().get_model_perms(request)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.changelist_view)
        return [path("", view, name="django_gemafu_inbox_changelist")]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        acts = acts_for(request.user)
        groups = [
            (_("Payments that do not fit"), list(_payments(acts))),
            (_("Paid, and the shop was not told"), list(_undelivered(acts))),
            (_("No answer from the gateway"), list(_stuck(acts))),
        ]
        context = {
            **self.admin_site.each_context(request),
            "title": _("Needs attention"),
            "opts": Inbox._meta,
            "media": self.media,
            "groups": groups,
            "is_empty": not any(items for _title, items in groups),
            "shown": _SHOWN,
            **(extra_context or {}),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/django_gemafu/inbox.html", context)


def _payments(acts: list[Act]) -> Iterable[Item]:
    payments = waiting.payments().select_related("order")
    for payment in payments.prefetch_related("order__payments", "order__refunds")[:_SHOWN]:
        happened, advice = _ADVICE[payment.verdict]
        target = Target(payment.order, payment.pk)
        fitting = _fitting(acts, target, "accept", "dismiss", "refund")
        yield Item(payment.order, happened, advice, fitting, payment)


def _undelivered(acts: list[Act]) -> Iterable[Item]:
    failures = OrderEvent.objects.filter(order=OuterRef("pk"), kind=EventKind.DELIVERY_FAILED)
    last = failures.order_by("-created_at", "-pk").values("facts__error")[:1]
    orders = waiting.undelivered().annotate(error=Subquery(last))
    order: Any
    for order in orders.prefetch_related("payments", "refunds")[:_SHOWN]:
        fitting = _fitting(acts, Target(order), "deliver", "refund")
        yield Item(order, *_UNDELIVERED, fitting, error=order.error or "")


def _stuck(acts: list[Act]) -> Iterable[Item]:
    for order in waiting.stuck().prefetch_related("payments")[:_SHOWN]:
        yield Item(order, *_STUCK, _fitting(acts, Target(order), "settle", "cancel"))


def _fitting(acts: list[Act], target: Target, *names: str) -> list[Act]:
    return [act for act in acts if act.name in names and not act.obstacle(target)]


_count: ContextVar[int] = ContextVar("gemafu_inbox_count", default=0)


def _name() -> str:
    count = _count.get()
    return _("needs attention (%d)") % count if count else _("needs attention")


# The front page of the admin, Django's own or the host's, shows a model's name and nothing else
# that an app could have a say in. So the name says how many wait; get_model_perms has counted.
Inbox._meta.verbose_name_plural = lazy(_name, str)()
