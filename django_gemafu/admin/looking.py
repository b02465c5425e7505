"""Looking through a million orders: what the list searches, counts and adds up."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple

from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest

from django_gemafu.enums import OrderStatus
from django_gemafu.models import OrderQuerySet, Payment
from django_gemafu.protocol.fields import MAX_INTEGER

#: So many orders are listed and added up. A count of all of them would read a million rows.
LISTED_AT_MOST = 10_000

_AMOUNT = re.compile(r"[¥￥]?\s*(\d{1,15})(?:[.,](\d{1,2}))?")


def search(orders: OrderQuerySet, term: str) -> OrderQuerySet:
    """Keep what a person could mean by the term, each by an index: the beginning of a reference
    or of a customer, the gateway's number of an order or of a payment, or an amount in yuan.
    """
    term = term.strip()
    if not term:
        return orders
    meant = Q(reference__startswith=term) | Q(customer_id__startswith=term)
    amount_fen = _fen(term)
    if amount_fen is not None:
        # What came in for an order, too, where that is not what the order says.
        odd = Payment.objects.surprises().filter(amount_fen=amount_fen)
        meant |= Q(amount_fen=amount_fen) | Q(payable_fen=amount_fen) | _orders_of(odd)
    if term.isdecimal() and int(term) <= MAX_INTEGER:
        number = int(term)
        paid = Payment.objects.filter(gateway_payment_id=number)
        meant |= Q(gateway_order_id=number) | _orders_of(paid)
    return orders.filter(meant)


def _fen(term: str) -> int | None:
    match = _AMOUNT.fullmatch(term)
    return match and int(Decimal(f"{match[1]}.{match[2] or 0}") * 100)


def _orders_of(payments: Any) -> Q:
    # Looked up first: joined in, they would keep the database from using any of the indexes.
    return Q(pk__in=list(payments.values_list("order_id", flat=True)[:LISTED_AT_MOST]))


class CappedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts no further than is listed."""

    @cached_property
    def count(self) -> int:
        orders: Any = self.object_list
        return int(orders.order_by()[:LISTED_AT_MOST].count())


class Totals(NamedTuple):
    """What the listed orders amount to. ``paid_fen`` is what was due for those that are paid."""

    orders: int
    paid: int
    paid_fen: int


class OrderList(ChangeList):
    @property
    def is_capped(self) -> bool:
        return bool(self.result_count >= LISTED_AT_MOST)

    @cached_property
    def totals(self) -> Totals | None:
        """Add up what is listed. ``None`` where there is more than that."""
        if self.is_capped:
            return None
        is_paid = Q(status=OrderStatus.PAID)
        listed = self.queryset.order_by()
        sums = listed.aggregate(
            paid=Count("pk", filter=is_paid),
            paid_fen=Sum(Coalesce(F("payable_fen"), F("amount_fen")), filter=is_paid),
        )
        return Totals(self.result_count, sums["paid"], sums["paid_fen"] or 0)

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> Any:
        return super().get_queryset(request, exclude_parameters).prefetch_related("payments")
