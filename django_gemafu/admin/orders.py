"""Orders: the list, and the page on which one explains itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet, prefetch_related_objects
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from django_gemafu.admin import act_view, filters, formats, inlines
from django_gemafu.admin.act import Act, Target
from django_gemafu.admin.acts import ACTS, acts_for
from django_gemafu.admin.export import csv_response
from django_gemafu.admin.looking import CappedPaginator, OrderList, search
from django_gemafu.admin.readonly import ReadOnly
from django_gemafu.decorators import non_atomic
from django_gemafu.models import Order, OrderQuerySet


def _begin(act: Act) -> Callable[[Any, HttpRequest, QuerySet[Order]], HttpResponse | None]:
    """Return the function that Django calls for an action of the list."""

    def begin(
        order_admin: Any, request: HttpRequest, queryset: QuerySet[Order]
    ) -> HttpResponse | None:
        ids = list(queryset.values_list("pk", flat=True)[: act_view.AT_MOST + 1])
        if len(ids) > act_view.AT_MOST:
            words = ngettext(
                "At most %d order at a time. Select fewer of them.",
                "At most %d orders at a time. Select fewer of them.",
                act_view.AT_MOST,
            )
            order_admin.message_user(request, words % act_view.AT_MOST, messages.ERROR)
            return None
        return act_view.begin(request, order_admin, act, ids)

    begin.__name__ = act.name
    return admin.action(description=act.title)(begin)


class OrderAdmin(ReadOnly, ModelAdmin):  # type: ignore[type-arg]
    list_display = [
        "reference",
        "price",
        "badges",
        "age",
        "customer",
        "source",
    ]
    list_filter = [
        filters.AttentionFilter,
        "status",
        filters.DeliveryFilter,
        filters.LateFilter,
        filters.SourceFilter,
        ("created_at", filters.DateFilter),
    ]
    show_facets = admin.ShowFacets.NEVER
    date_hierarchy = "created_at"
    sortable_by = ["price", "customer", "age"]
    search_fields = ["reference"]  # what it means is in get_search_results
    search_help_text = _(
        "Beginning of a reference or a customer, the gateway's number of an order or a payment, "
        "or an amount like 12.50"
    )
    actions = [_begin(act) for act in ACTS]
    paginator = CappedPaginator
    show_full_result_count = False
    list_per_page = 50
    list_max_show_all = 50
    view_on_site = False  # the page links to the customer's itself
    inlines = [inlines.PaymentInline, inlines.RefundInline, inlines.EventInline]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("reference", "state", "delivery"),
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
        "state",
        "delivery",
        "amount",
        "payable",
        "token",
        "placed",
        "expires",
        "paid",
        "delivered",
        "checked",
    ]

    class Media:
        css = {"all": ["django_gemafu/admin.css"]}

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("act/<slug:name>/", view(self.act), name="django_gemafu_order_act"),
            path("export/", view(self.export), name="django_gemafu_order_export"),
            *super().get_urls(),
        ]

    @method_decorator(non_atomic)
    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Show the list, and begin the actions: each order's change commits by itself."""
        can_export = request.user.has_perm("django_gemafu.export_order")
        return super().changelist_view(
            request,
            {"can_export": can_export, "query": request.GET.urlencode(), **(extra_context or {})},
        )

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        order = self.get_object(request, object_id)
        acts: list[Act] = []
        if order is not None:
            prefetch_related_objects([order], "payments", "refunds")
            acts = [act for act in acts_for(request.user) if not act.obstacle(Target(order))]
        return super().change_view(
            request, object_id, form_url, {"acts": acts, **(extra_context or {})}
        )

    @method_decorator(non_atomic)
    def act(self, request: HttpRequest, name: str) -> HttpResponse:
        """Confirm and carry out one act on the orders whose keys are in ``ids``."""
        return act_view.show(request, self, name)

    def export(self, request: HttpRequest) -> HttpResponseBase:
        """Stream what the list's search and filters leave."""
        if not (
            self.has_view_permission(request)
            and request.user.has_perm("django_gemafu.export_order")
        ):
            raise PermissionDenied
        return csv_response(self.get_changelist_instance(request).queryset)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[OrderList]:
        return OrderList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Order], search_term: str
    ) -> tuple[OrderQuerySet, bool]:
        orders: Any = queryset
        return search(orders, search_term), False

    def get_actions(self, request: HttpRequest, action_location: Any = None) -> Any:
        """Offer the acts that the user may do. Django 6.1 and later say for which page."""
        where = {} if action_location is None else {"action_location": action_location}
        permitted = {act.name for act in acts_for(request.user)}
        actions = super().get_actions(request, **where)
        return {name: action for name, action in actions.items() if name in permitted}

    @admin.display(description=_("status"))
    def state(self, order: Order) -> SafeString:
        return formats.status_badge(order)

    @admin.display(description=_("status and delivery"))
    def badges(self, order: Order) -> SafeString:
        return format_html("{} {}", formats.status_badge(order), formats.delivery_badge(order))

    @admin.display(description=_("delivery"))
    def delivery(self, order: Order) -> SafeString | str:
        return formats.delivery_badge(order)

    @admin.display(description=_("amount"), ordering="payable_fen")
    def price(self, order: Order) -> SafeString:
        return formats.price(order)

    @admin.display(description=_("amount ordered"))
    def amount(self, order: Order) -> str:
        return formats.yuan(order.amount_fen)

    @admin.display(description=_("amount to pay"))
    def payable(self, order: Order) -> str:
        return formats.yuan(order.payable_fen)

    @admin.display(description=_("customer"), ordering="customer_id")
    def customer(self, order: Order) -> str:
        return Truncator(order.customer_id).chars(20)

    @admin.display(description=_("source"))
    def source(self, order: Order) -> SafeString | str:
        """Say how the payments became known; they come with the list."""
        payments = list(order.payments.all())
        sources = ", ".join(dict.fromkeys(payment.get_source_display() for payment in payments))
        if not any(payment.is_late for payment in payments):
            return sources
        return format_html("{} {}", sources, formats.badge("!", _("late"), "quiet"))

    @admin.display(description=_("placed at"), ordering="created_at")
    def age(self, order: Order) -> SafeString:
        return formats.age(order.created_at)

    @admin.display(description=_("placed at"))
    def placed(self, order: Order) -> str:
        return formats.time(order.created_at)

    @admin.display(description=_("expires at"))
    def expires(self, order: Order) -> str:
        return formats.time(order.expires_at)

    @admin.display(description=_("paid at"))
    def paid(self, order: Order) -> str:
        return formats.time(order.paid_at)

    @admin.display(description=_("delivered at"))
    def delivered(self, order: Order) -> str:
        return formats.time(order.delivered_at)

    @admin.display(description=_("last checked at"))
    def checked(self, order: Order) -> str:
        return formats.time(order.checked_at)
