from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from django_gemafu.enums import OrderStatus, PaymentSource, Verdict
from django_gemafu.models import Order, Payment
from django_gemafu.operations.diagnosis.orders import examine_notifications, examine_orders
from django_gemafu.testing import make_order
from tests.operations.diagnosis.findings import only

pytestmark = pytest.mark.django_db

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def ago(age: timedelta) -> datetime:
    return timezone.now() - age


def paid(**fields: Any) -> Order:
    values = {"status": OrderStatus.PAID, "paid_at": ago(HOUR), "delivered_at": ago(HOUR)}
    return make_order(**values | fields)


def payment(source: PaymentSource, *, number: int | None = None, **fields: Any) -> Payment:
    values = {"verdict": Verdict.ACCEPTED, "created_at": ago(HOUR), "gateway_payment_id": number}
    return Payment.objects.create(**{"order": paid(), "source": source} | values | fields)


def test_nothing_waits() -> None:
    make_order()
    make_order(status=OrderStatus.PLACING, gateway_order_id=None)
    paid()
    paid(paid_at=timezone.now(), delivered_at=None)  # under way
    make_order(expires_at=ago(50 * MINUTE))
    payment(PaymentSource.QUERY)

    assert list(examine_orders()) == []


@pytest.mark.parametrize(
    ("age", "words"), [(90 * MINUTE, "90 minutes"), (5 * HOUR, "5 hours"), (3 * DAY, "3 days")]
)
def test_undelivered(age: timedelta, words: str) -> None:
    paid(paid_at=ago(age), delivered_at=None)
    paid(paid_at=ago(5 * MINUTE), delivered_at=None)

    finding = only(examine_orders())

    assert (finding.code, finding.level) == ("orders.undelivered", "problem")
    assert finding.title.endswith(": 2")
    assert f"waited for {words}." in finding.detail


def test_unresolved() -> None:
    payment(PaymentSource.NOTIFICATION, verdict=Verdict.UNDERPAID)

    assert only(examine_orders()).code == "orders.unresolved"


def test_stuck() -> None:
    make_order(status=OrderStatus.PLACING, created_at=ago(11 * MINUTE), gateway_order_id=None)

    assert only(examine_orders()).code == "orders.stuck"


def test_overdue() -> None:
    make_order(expires_at=ago(2 * HOUR))

    assert only(examine_orders()).code == "orders.overdue"


@pytest.mark.parametrize(
    ("notified", "asked", "expired", "code", "words"),
    [
        (0, 0, 0, "notifications", "nothing strange"),
        (0, 2, 2, "notifications", "nothing strange"),
        (0, 0, 5, "notifications.missing", "No notification came"),
        (0, 1, 4, "notifications.missing", "get lost"),
        (1, 0, 5, "notifications", "nothing strange"),
        (2, 5, 0, "notifications.missing", "get lost"),
    ],
)
def test_how_payments_were_learnt_of(
    notified: int, asked: int, expired: int, code: str, words: str
) -> None:
    for number in range(notified):
        payment(PaymentSource.NOTIFICATION, number=number + 1)
    for _ in range(asked):
        payment(PaymentSource.QUERY)
    for _ in range(expired):
        make_order(status=OrderStatus.EXPIRED)

    finding = only(examine_notifications())

    assert finding.code == code
    assert words in finding.title
    assert f"{asked} only learnt of by asking" in finding.detail


def test_what_does_not_count() -> None:
    for number in range(5):
        payment(PaymentSource.QUERY, number=number + 1)  # notified afterwards
        payment(PaymentSource.QUERY, created_at=timezone.now())  # may yet be
        payment(PaymentSource.QUERY, order=paid(created_at=ago(2 * DAY)))
        make_order(status=OrderStatus.EXPIRED, created_at=ago(2 * DAY))

    assert "5 payments were notified, 0 only" in only(examine_notifications()).detail
