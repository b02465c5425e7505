"""What waits for somebody, and whether notifications arrive, as the orders show it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Count, Min, Q
from django.utils import timezone

from django_gemafu.enums import OrderStatus, PaymentSource
from django_gemafu.models import Order, Payment
from django_gemafu.operations.diagnosis.finding import Catalogue, Finding

_DAY = timedelta(days=1)
#: For so long a delivery may be under way, an answer be waited for, a cron job be asleep.
_UNDER_WAY, _STUCK, _OVERDUE = timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1)
#: So many orders tell something about notifications, and so great a share is no accident.
_TELLING_NUMBER, _TELLING_SHARE = 5, 0.2

_WAITING: Catalogue = {
    "orders.undelivered": (
        "problem",
        "Paid orders of which the shop was not told",
        "Most likely a receiver of payment_succeeded fails, or an amount turned out to be wrong.",
        'Filter the orders in the admin by "paid, and the shop was not told": the traceback is in '
        "the story. Mend the receiver, and run manage.py gemafu_reconcile.",
    ),
    "orders.unresolved": (
        "warning",
        "Payments that do not fit and wait for a person",
        "Customers have paid too little, too much, twice, or for an order that was cancelled.",
        "Look at these orders in the admin, and give money back or hand over the goods.",
    ),
    "orders.stuck": (
        "warning",
        "Orders that the gateway has not answered",
        "Their customers see no code to pay.",
        "Run manage.py gemafu_reconcile every minute or two: it places them again (those older "
        "than a day with --since 30d). cancel_order() ends those that nobody waits for.",
    ),
    "orders.overdue": (
        "warning",
        "Orders that still wait an hour after their time was over",
        "gemafu_reconcile does not run, or fails. Where a notification is lost, so is the sale.",
        "Run manage.py gemafu_reconcile every minute or two, from cron or a timer, and see what it "
        "says.",
    ),
}


def examine_orders() -> Iterator[Finding]:
    now = timezone.now()
    orders, payments = Order.objects.fresh(), Payment.objects.fresh()
    placing = orders.filter(status=OrderStatus.PLACING)
    for code, waiting, since in (
        (
            "orders.undelivered",
            orders.undelivered().filter(paid_at__lt=now - _UNDER_WAY),
            "paid_at",
        ),
        ("orders.unresolved", payments.unresolved(), "created_at"),
        ("orders.stuck", placing.filter(created_at__lt=now - _STUCK), "created_at"),
        ("orders.overdue", orders.overdue(now - _OVERDUE), "expires_at"),
    ):
        found = waiting.aggregate(number=Count("pk"), oldest=Min(since))
        if found["number"]:
            level, title, detail, advice = _WAITING[code]
            detail = f"The oldest has waited for {_age(now - found['oldest'])}. {detail}"
            yield Finding(code, level, f"{title}: {found['number']}", detail, advice)


def _age(age: timedelta) -> str:
    for unit in ("days", "hours"):
        number = age // timedelta(**{unit: 1})
        if number > 1:
            return f"{number} {unit}"
    return f"{age // timedelta(minutes=1)} minutes"


def examine_notifications() -> Iterator[Finding]:
    """Look how the payments for the last day's orders were learnt of."""
    now = timezone.now()
    notified = Q(source=PaymentSource.NOTIFICATION)
    notified |= Q(source=PaymentSource.QUERY, gateway_payment_id__isnull=False)  # it came after all
    asked = Q(source=PaymentSource.QUERY, gateway_payment_id=None, created_at__lt=now - _STUCK)
    payments = Payment.objects.fresh().filter(order__created_at__gt=now - _DAY)
    number = payments.aggregate(
        notified=Count("pk", filter=notified), asked=Count("pk", filter=asked)
    )
    orders = Order.objects.fresh().filter(created_at__gt=now - _DAY)
    expired = orders.filter(status=OrderStatus.EXPIRED).count()
    share = number["asked"] / max(1, number["notified"] + number["asked"])
    detail = (
        f"Orders of the last 24 hours: {number['notified']} payments were notified, "
        f"{number['asked']} only learnt of by asking ({share:.0%}), {expired} orders expired."
    )
    is_telling = number["asked"] + expired >= _TELLING_NUMBER
    if is_telling and (not number["notified"] or share >= _TELLING_SHARE):
        yield Finding(
            "notifications.missing",
            "warning",
            "Notifications get lost" if number["asked"] else "No notification came for a day",
            detail,
            "See what is said of the notify address; read at the gateway's console what our "
            "address answered, and look for POST requests to /notify/ in the web server's log. "
            "Until then, gemafu_reconcile and open pages find the payments.",
        )
    else:
        yield Finding("notifications", "ok", "Notifications: nothing strange", detail)
