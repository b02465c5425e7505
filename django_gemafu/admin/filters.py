"""What the list of orders can be narrowed down to. Each asks for something that an index finds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from django_gemafu.admin import waiting
from django_gemafu.enums import PaymentSource
from django_gemafu.models import OrderQuerySet, Payment, PaymentQuerySet


def with_payments(orders: OrderQuerySet, payments: PaymentQuerySet) -> OrderQuerySet:
    """Keep the orders that one of the payments belongs to."""
    return orders.filter(pk__in=payments.values("order_id"))


class AttentionFilter(admin.SimpleListFilter):
    title = _("open question")
    parameter_name = "attention"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("any", _("any")),
            ("payment", _("a payment that does not fit")),
            ("undelivered", _("paid, and the shop was not told")),
            ("stuck", _("no answer from the gateway")),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> OrderQuerySet:
        orders: OrderQuerySet = queryset
        by_value: dict[str, Callable[[], OrderQuerySet]] = {
            "payment": lambda: with_payments(orders, Payment.objects.unresolved()),
            "undelivered": lambda: orders & waiting.undelivered().order_by(),
            "stuck": lambda: orders.stuck(timezone.now()),
            "any": lambda: orders & waiting.orders().order_by(),
        }
        return by_value.get(self.value() or "", lambda: orders)()


class DeliveryFilter(admin.SimpleListFilter):
    title = _("delivery")
    parameter_name = "delivered"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("the shop was told")), ("no", _("paid, and the shop was not told"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> OrderQuerySet:
        orders: OrderQuerySet = queryset
        if self.value() == "no":
            return orders & waiting.undelivered().order_by()
        return orders.delivered() if self.value() == "yes" else orders


class LateFilter(admin.SimpleListFilter):
    title = _("lateness")
    parameter_name = "late"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("paid after the order had ended"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> OrderQuerySet:
        late = Payment.objects.filter(is_late=True)
        return with_payments(queryset, late) if self.value() else queryset


class SourceFilter(admin.SimpleListFilter):
    title = _("source of the payment")
    parameter_name = "source"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        return PaymentSource.choices

    def queryset(self, request: HttpRequest, queryset: Any) -> OrderQuerySet:
        payments = Payment.objects.filter(source=self.value())
        return with_payments(queryset, payments) if self.value() else queryset


class DateFilter(admin.DateFieldListFilter):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = _("date")
