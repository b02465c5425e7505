"""Orders with their payments and their story."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import ModelAdmin, TabularInline
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from django_gemafu.admin.readonly import ReadOnly
from django_gemafu.decorators import non_atomic
from django_gemafu.exceptions import GemafuError
from django_gemafu.models import Order, OrderEvent, OrderQuerySet, Payment
from django_gemafu.money import yuan
from django_gemafu.operations import check_order, deliver


class PartOfOrder(ReadOnly, TabularInline):  # type: ignore[type-arg]
    """Shown to whoever may see the order."""

    template = "admin/django_gemafu/rows.html"
    extra = 0

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("django_gemafu.view_order")


class PaymentInline(PartOfOrder):
    model = Payment
    fields = ["number", "amount", "verdict", "source", "paid", "late", "resolution"]
    readonly_fields = ["number", "amount", "paid", "late", "resolution"]

    @admin.display(description=_("payment number"))
    def number(self, payment: Payment) -> str:
        return str(payment.gateway_payment_id or "-")

    @admin.display(description=_("amount"))
    def amount(self, payment: Payment) -> str:
        return _yuan(payment.amount_fen)

    @admin.display(description=_("paid at"))
    def paid(self, payment: Payment) -> str:
        return _time(payment.paid_at)

    @admin.display(description=_("late"))
    def late(self, payment: Payment) -> str:
        return str(_("The order had expired.")) if payment.is_late else ""

    @admin.display(description=_("resolution"))
    def resolution(self, payment: Payment) -> str:
        if payment.resolved_at is None:
            return str(_("A person has to decide.")) if payment.needs_review else ""
        parts = (_time(payment.resolved_at), payment.resolved_by, payment.resolution_note)
        return " · ".join(str(part) for part in parts if part)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Payment]:
        return super().get_queryset(request).select_related("resolved_by")


class EventInline(PartOfOrder):
    model = OrderEvent
    verbose_name_plural = _("story")
    fields = ["when", "sentence", "user"]
    readonly_fields = ["when", "sentence"]

    @admin.display(description=_("when"))
    def when(self, event: OrderEvent) -> str:
        return _time(event.created_at)

    @admin.display(description=_("what happened"))
    def sentence(self, event: OrderEvent) -> str:
        trace = event.facts.get("traceback")
        if not trace:
            return event.sentence
        return format_html(
            "{}<details><summary>{}</summary><pre>{}</pre></details>",
            event.sentence,
            _("Traceback"),
            trace,
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet[OrderEvent]:
        return super().get_queryset(request).select_related("user")


class DeliveryFilter(admin.SimpleListFilter):
    title = _("delivery")
    parameter_name = "undelivered"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("paid, and the shop was not told"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> OrderQuerySet:
        orders: OrderQuerySet = queryset
        return orders.undelivered() if self.value() else orders


class OrderAdmin(ReadOnly, ModelAdmin):  # type: ignore[type-arg]
    list_display = [
        "reference",
        "status",
        "is_delivered",
        "amount",
        "payable",
        "customer",
        "placed",
        "paid",
    ]
    list_filter = ["status", "needs_review", DeliveryFilter, "created_at", "app_name"]
    search_fields = [
        "reference",
        "customer_id",
        "gateway_order_id__exact",
        "payments__gateway_payment_id__exact",
    ]
    search_help_text = _("Reference, customer, or the gateway's number of an order or a payment")
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("reference", "status"),
                    ("amount", "payable"),
                    ("customer_id", "app_name"),
                    "body",
                ]
            },
        ),
        (_("Times"), {"fields": [("placed", "expires"), ("paid", "delivered", "checked")]}),
        (
            _("Gateway"),
            {
                "classes": ["collapse"],
                "fields": [
                    "merchant_id",
                    "gateway_order_id",
                    "qr_content",
                    "is_free_input",
                    "return_url",
                    "token",
                ],
            },
        ),
    ]
    readonly_fields = [
        "amount",
        "payable",
        "token",
        "placed",
        "expires",
        "paid",
        "delivered",
        "checked",
    ]
    inlines = [PaymentInline, EventInline]
    actions = ["check_at_gateway", "deliver_again"]
    show_full_result_count = False
    list_per_page = 50

    @method_decorator(non_atomic)
    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Show the list, and run the actions: each order's change commits by itself."""
        return super().changelist_view(request, extra_context)

    @admin.display(description=_("amount ordered"), ordering="amount_fen")
    def amount(self, order: Order) -> str:
        return _yuan(order.amount_fen)

    @admin.display(description=_("amount to pay"), ordering="payable_fen")
    def payable(self, order: Order) -> str:
        return _yuan(order.payable_fen)

    @admin.display(description=_("customer"), ordering="customer_id")
    def customer(self, order: Order) -> str:
        return Truncator(order.customer_id).chars(20)

    @admin.display(description=_("placed at"), ordering="created_at")
    def placed(self, order: Order) -> str:
        return _time(order.created_at)

    @admin.display(description=_("expires at"))
    def expires(self, order: Order) -> str:
        return _time(order.expires_at)

    @admin.display(description=_("paid at"), ordering="paid_at")
    def paid(self, order: Order) -> str:
        return _time(order.paid_at)

    @admin.display(description=_("delivered at"))
    def delivered(self, order: Order) -> str:
        return _time(order.delivered_at)

    @admin.display(description=_("last checked at"))
    def checked(self, order: Order) -> str:
        return _time(order.checked_at)

    @admin.display(description=_("delivered"), boolean=True)
    def is_delivered(self, order: Order) -> bool | None:
        return None if order.paid_at is None else order.delivered_at is not None

    def has_check_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("django_gemafu.check_order")

    def has_deliver_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("django_gemafu.deliver_order")

    @admin.action(description=_("Check at the gateway"), permissions=["check"])
    def check_at_gateway(self, request: HttpRequest, queryset: QuerySet[Order]) -> None:
        paid = self._for_each(request, queryset, check_order)
        self.message_user(
            request,
            ngettext(
                "The gateway says that %(count)d of the orders is paid.",
                "The gateway says that %(count)d of the orders are paid.",
                paid,
            )
            % {"count": paid},
        )

    @admin.action(description=_("Deliver again"), permissions=["deliver"])
    def deliver_again(self, request: HttpRequest, queryset: QuerySet[Order]) -> None:
        delivered = self._for_each(request, queryset, deliver)
        self.message_user(
            request,
            ngettext(
                "The shop was told of %(count)d order.",
                "The shop was told of %(count)d orders.",
                delivered,
            )
            % {"count": delivered},
        )

    def _for_each(
        self, request: HttpRequest, queryset: QuerySet[Order], operation: Callable[..., bool]
    ) -> int:
        """Do it for each order, go on after a failure, and say which failed and why."""
        count = 0
        for order in queryset:
            try:
                count += operation(order, user=request.user)
            except GemafuError as error:
                self.message_user(request, f"{order.reference}: {error}", messages.ERROR)
        return count


def _yuan(amount_fen: int | None) -> str:
    return "" if amount_fen is None else f"¥{yuan(amount_fen)}"


def _time(moment: datetime | None) -> str:
    """Write a time to the second, the same in every language, in the operator's time zone."""
    return "-" if moment is None else f"{localtime(moment):%Y-%m-%d %H:%M:%S}"
