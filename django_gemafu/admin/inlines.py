"""What belongs to an order: its payments, what was given back, and its story."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.admin import TabularInline
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from django_gemafu.admin.act import Act
from django_gemafu.admin.acts import acts_for
from django_gemafu.admin.formats import badge, time, yuan
from django_gemafu.admin.readonly import ReadOnly
from django_gemafu.enums import Verdict
from django_gemafu.models import OrderEvent, Payment, Refund


class PartOfOrder(ReadOnly, TabularInline):  # type: ignore[type-arg]
    """Shown to whoever may see the order."""

    template = "admin/django_gemafu/rows.html"
    extra = 0

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("django_gemafu.view_order")


class PaymentInline(PartOfOrder):
    model = Payment
    fields = ["number", "amount", "verdict_badge", "source", "paid", "late", "said", "resolution"]
    readonly_fields = ["number", "amount", "verdict_badge", "paid", "late", "said", "resolution"]

    #: What the user may do about a payment that does not fit.
    acts: Sequence[Act] = ()

    @admin.display(description=_("payment number"))
    def number(self, payment: Payment) -> SafeString:
        return format_html(
            '<span id="payment-{}">{}</span>', payment.pk, payment.gateway_payment_id or "-"
        )

    @admin.display(description=_("amount"))
    def amount(self, payment: Payment) -> str:
        return yuan(payment.amount_fen)

    @admin.display(description=_("verdict"))
    def verdict_badge(self, payment: Payment) -> SafeString:
        label = payment.get_verdict_display()
        if payment.needs_review:
            return badge("!", label, "attention")
        is_accepted = payment.verdict == Verdict.ACCEPTED
        return badge("✓", label, "good") if is_accepted else badge("–", label, "quiet")

    @admin.display(description=_("paid at"))
    def paid(self, payment: Payment) -> str:
        return time(payment.paid_at)

    @admin.display(description=_("late"))
    def late(self, payment: Payment) -> str:
        return str(_("The order had ended.")) if payment.is_late else ""

    @admin.display(description=_("evidence"))
    def said(self, payment: Payment) -> str:
        return " · ".join(text for text in (payment.evidence, payment.note) if text)

    @admin.display(description=_("resolution"))
    def resolution(self, payment: Payment) -> str:
        if payment.needs_review:
            return format_html("{} {}", _("A person has to decide."), self._links(payment))
        if payment.resolved_at is None:
            return ""
        parts = (time(payment.resolved_at), payment.resolved_by, payment.resolution_note)
        return " · ".join(str(part) for part in parts if part)

    def _links(self, payment: Payment) -> SafeString:
        parts = ((f"{_address(act)}?{_query(payment)}", act.title) for act in self.acts)
        return format_html_join(" · ", '<a href="{}">{}</a>', parts)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Payment]:
        # An inline is made anew for each request.
        self.acts = [act for act in acts_for(request.user) if act.name in ("accept", "dismiss")]
        return super().get_queryset(request).select_related("resolved_by")


def _address(act: Act) -> str:
    return reverse("admin:django_gemafu_order_act", args=[act.name])


def _query(payment: Payment) -> str:
    return urlencode({"ids": payment.order_id, "payment": payment.pk})


class RefundInline(PartOfOrder):
    model = Refund
    fields = ["amount", "made", "note", "recorded_by"]
    readonly_fields = ["amount", "made"]

    @admin.display(description=_("amount"))
    def amount(self, refund: Refund) -> str:
        return yuan(refund.amount_fen)

    @admin.display(description=_("given back at"))
    def made(self, refund: Refund) -> str:
        return time(refund.made_at)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Refund]:
        return super().get_queryset(request).select_related("recorded_by")


class EventInline(PartOfOrder):
    model = OrderEvent
    template = "admin/django_gemafu/story.html"
    verbose_name_plural = _("story")
    fields = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[OrderEvent]:
        return super().get_queryset(request).select_related("user")
