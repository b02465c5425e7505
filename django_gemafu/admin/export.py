"""Orders as CSV, for spreadsheets."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Any

from django.http import StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from django_gemafu import money
from django_gemafu.admin import formats
from django_gemafu.models import Order, OrderQuerySet

_BATCH_SIZE = 1000
#: What a spreadsheet takes for the beginning of a formula; the wide ones on Chinese keyboards too.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


class _Line:
    """A file for the writer that hands the line on."""

    def write(self, line: str) -> str:
        return line


def csv_response(orders: OrderQuerySet) -> StreamingHttpResponse:
    """Stream the orders, oldest first, however many they are."""
    name = f"orders-{timezone.localtime():%Y%m%d-%H%M%S}.csv"
    return StreamingHttpResponse(
        _lines(orders),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _lines(orders: OrderQuerySet) -> Iterator[str]:
    yield "\ufeff"  # without it, spreadsheets do not take the file for UTF-8
    writer = csv.writer(_Line())
    yield writer.writerow(_heads())
    for order in orders.prefetch_related("payments", "refunds").in_batches(_BATCH_SIZE):
        yield writer.writerow([harmless(cell) for cell in _cells(order)])


def harmless(cell: str) -> str:
    """Return the text so that no spreadsheet runs it as a formula."""
    return f"'{cell}" if cell.lstrip(" ").startswith(_FORMULA_STARTS) else cell


def _heads() -> list[str]:
    return [
        _("reference"),
        _("status"),
        _("shop told"),
        _("amount ordered (¥)"),
        _("amount to pay (¥)"),
        _("received (¥)"),
        _("given back (¥)"),
        _("customer"),
        _("placed at"),
        _("paid at"),
        _("gateway's order number"),
        _("payment numbers"),
        _("what became of the payments"),
        _("source of the payment"),
        _("note of the shop"),
    ]


def _cells(order: Order) -> list[str]:
    payments = list(order.payments.all())
    return [
        order.reference,
        order.get_status_display(),
        _("yes") if order.delivered_at else "",
        money.yuan(order.amount_fen),
        _yuan(order.payable_fen),
        money.yuan(order.count_received_fen(payments)),
        money.yuan(sum(refund.amount_fen for refund in order.refunds.all())),
        order.customer_id,
        formats.time(order.created_at),
        _time(order.paid_at),
        str(order.gateway_order_id or ""),
        _joined(payment.gateway_payment_id or "" for payment in payments),
        _joined(payment.get_verdict_display() for payment in payments),
        _joined(payment.get_source_display() for payment in payments),
        order.body,
    ]


def _yuan(amount_fen: int | None) -> str:
    return "" if amount_fen is None else money.yuan(amount_fen)


def _time(moment: Any) -> str:
    return formats.time(moment) if moment else ""


def _joined(parts: Any) -> str:
    return "; ".join(str(part) for part in parts if part)
