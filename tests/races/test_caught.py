"""What the races caught, without the luck that it takes to meet it."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from django_gemafu.enums import OrderStatus, PaymentSource
from django_gemafu.operations import deliver, settle
from django_gemafu.operations.transactions import atomic
from django_gemafu.testing import make_order, notification, notify
from tests.conftest import Receiver
from tests.races.conftest import post_in_this_process
from tests.races.happenings import (
    Happening,
    a_notification,
    a_query,
    accepting,
    by_hand,
    cancelling,
    deliver_again,
    dismissing,
    expiry,
    refunding,
    too_little,
)
from tests.races.racing import Gateway

pytestmark = pytest.mark.django_db


def test_a_payment_that_was_just_corrected_is_not_delivered(receiver: Receiver) -> None:
    order = make_order()
    on_word = settle(order, source=PaymentSource.QUERY)
    settle(order, source=PaymentSource.NOTIFICATION, amount_fen=1, gateway_payment_id=77)

    assert not deliver(order, payment=on_word)

    assert receiver.received == []
    order.refresh_from_db()
    assert order.delivered_at is None


def test_receivers_get_the_number_that_a_payment_was_just_given(receiver: Receiver) -> None:
    order = make_order()
    on_word = settle(order, source=PaymentSource.QUERY)
    settle(order, source=PaymentSource.NOTIFICATION, amount_fen=1250, gateway_payment_id=77)

    assert deliver(order, payment=on_word)

    ((_, payment),) = receiver.received
    assert payment.gateway_payment_id == 77


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the others turn reads into writes")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "happening",
    [
        a_notification,
        too_little,
        a_query,
        by_hand,
        deliver_again,
        expiry,
        cancelling,
        accepting,
        dismissing,
        refunding,
    ],
)
def test_each_transaction_writes_first(happening: Happening, receiver: Receiver) -> None:
    """With Django's defaults SQLite fails at once where another wrote after the first read."""
    order = make_order()
    is_resolving = happening in (accepting, dismissing)
    if is_resolving:
        notify(order, notification(order, amount_fen=1))
        order.refresh_from_db()
    for repeats in (False, True):
        with CaptureQueriesContext(connection) as queries:
            happening(order, Gateway(post_in_this_process))

        statements = [query["sql"] for query in queries]
        begins = [number for number, sql in enumerate(statements) if sql.startswith("BEGIN")]
        sees_nothing_to_do = happening == deliver_again or (repeats and is_resolving)
        assert begins or sees_nothing_to_do
        assert {statements[number + 1].split()[0] for number in begins} <= {"UPDATE", "INSERT"}


@pytest.mark.skipif(connection.vendor != "mysql", reason="only MariaDB locks index entries")
def test_mariadb_locks_a_row_by_its_key() -> None:
    now = timezone.now()
    for _ in range(50):
        make_order(status=OrderStatus.PAID, paid_at=now, delivered_at=now)
    waiting, paid = make_order(), make_order(status=OrderStatus.PAID, paid_at=now)
    updates = {
        "claim_check": partial(waiting.claim_check, now + timedelta(1), timedelta(0)),
        "transition": partial(waiting.transition, OrderStatus.EXPIRED),
        "claim_delivery": partial(paid.claim_delivery, now),
    }
    for name, update in updates.items():
        with atomic(), CaptureQueriesContext(connection) as queries:
            assert update()
            transaction.set_rollback(True)
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN {queries[-1]['sql']}")
            assert cursor.fetchone()[5] == "PRIMARY", name
