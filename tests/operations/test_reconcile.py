from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from django_gemafu.enums import OrderStatus
from django_gemafu.exceptions import ConfigurationError, TransactionOpen
from django_gemafu.models import Order
from django_gemafu.operations import cancel_order, place_order, reconcile
from django_gemafu.operations.gateway import gateway_client
from django_gemafu.operations.reconcile import chunks_to_reconcile, reconcile_chunk
from django_gemafu.operations.reconciliation import Action, Reconciliation
from django_gemafu.operations.workers import run_workers
from django_gemafu.sandbox.enums import AnswerStyle, RefusalReason
from django_gemafu.testing import make_order, notification, notify
from django_gemafu.testing.plugin import Sandbox
from tests.conftest import Receiver

pytestmark = pytest.mark.django_db(transaction=True)


def ago(**duration: float) -> Any:
    return timezone.now() - timedelta(**duration)


def place(reference: str = "A-1001", amount_fen: int = 1250) -> Order:
    """Place an order that nobody has checked for a while."""
    order = place_order(amount_fen=amount_fen, customer_id="42", reference=reference)
    Order.objects.filter(pk=order.pk).update(checked_at=ago(minutes=1))
    return order


def status_of(order: Order) -> str:
    return Order.objects.get(pk=order.pk).status


def test_what_was_paid_unseen_is_settled_and_delivered(
    gemafu_sandbox: Sandbox, receiver: Receiver
) -> None:
    paid, unpaid = place("paid"), place("unpaid")
    gemafu_sandbox.pay(paid, notifies=False)

    result = reconcile()

    assert (status_of(paid), status_of(unpaid)) == (OrderStatus.PAID, OrderStatus.PENDING)
    assert (result.candidates, result.asked, result.paid, result.failed) == (2, 2, 1, 0)
    assert not result.needs_a_person
    assert len(receiver.received) == 1


def test_what_is_overdue_and_unpaid_expires(gemafu_sandbox: Sandbox) -> None:
    order = place()
    Order.objects.update(expires_at=ago(seconds=1))

    assert reconcile().expired == 1
    assert status_of(order) == OrderStatus.EXPIRED


def test_what_is_overdue_does_not_expire_unasked() -> None:
    order = make_order(expires_at=ago(seconds=1), checked_at=None)

    assert reconcile().gateway_is_down
    assert status_of(order) == OrderStatus.PENDING


def test_late_money_is_found(gemafu_sandbox: Sandbox) -> None:
    order = place()
    Order.objects.update(expires_at=ago(hours=2), checked_at=ago(hours=1.1), status="expired")
    gemafu_sandbox.pay(order, notifies=False)

    assert reconcile().paid == 1
    assert order.payments.get().is_late


def test_an_order_without_an_answer_is_placed_again(gemafu_sandbox: Sandbox) -> None:
    order = place()
    Order.objects.update(status=OrderStatus.PLACING, gateway_order_id=None, checked_at=None)

    result = reconcile()

    assert (result.resumed, status_of(order)) == (1, OrderStatus.PENDING)


def test_an_order_that_another_call_is_placing_is_left_to_it(gemafu_sandbox: Sandbox) -> None:
    make_order(status=OrderStatus.PLACING, gateway_order_id=None)

    result = reconcile()

    assert (result.candidates, result.asked, result.resumed) == (1, 0, 0)


def undelivered(receiver: Receiver, **fields: Any) -> Order:
    """Make a paid order whose delivery failed, and that nobody has tried for a while."""
    order = make_order()
    receiver.raises = RuntimeError("not yet")
    notify(order)
    receiver.raises = None
    Order.objects.filter(pk=order.pk).update(**{"checked_at": ago(minutes=1)} | fields)
    return order


def test_what_is_undelivered_is_delivered(receiver: Receiver) -> None:
    undelivered(receiver)

    assert reconcile().delivered == 1
    assert len(receiver.received) == 1


@pytest.mark.parametrize(
    ("paid", "tried", "is_candidate"),
    [
        (timedelta(minutes=1), timedelta(seconds=5), False),
        (timedelta(minutes=1), timedelta(seconds=15), True),
        (timedelta(minutes=30), timedelta(minutes=4), False),
        (timedelta(minutes=30), timedelta(minutes=6), True),
        (timedelta(days=300), timedelta(minutes=50), False),
        (timedelta(days=300), timedelta(minutes=70), True),
    ],
)
def test_the_longer_a_receiver_fails_the_more_seldom_it_is_tried(
    receiver: Receiver, paid: timedelta, tried: timedelta, is_candidate: bool
) -> None:
    now = timezone.now()
    undelivered(receiver, paid_at=now - paid, checked_at=now - tried)

    result = reconcile()

    assert (result.candidates, result.delivered) == (is_candidate, is_candidate)
    assert result.undelivered == (not is_candidate)


def test_a_delivery_that_fails_is_left_alone_for_a_while(receiver: Receiver) -> None:
    order = undelivered(receiver)
    receiver.raises = RuntimeError("not yet")

    results = [reconcile(), reconcile()]

    assert [result.failed for result in results] == [1, 0]
    assert all(result.needs_a_person for result in results)
    assert order.events.filter(kind="delivery_failed").count() == 2


def test_a_receiver_that_fails_needs_a_person_and_runs_once_a_run(
    gemafu_sandbox: Sandbox, receiver: Receiver
) -> None:
    receiver.raises = RuntimeError("no stock")
    order = place()
    gemafu_sandbox.pay(order, notifies=False)
    Order.objects.update(expires_at=timezone.now() + timedelta(minutes=1))  # it comes first
    for number in range(6):  # while these are asked about, it has long failed
        place(f"unpaid-{number}", 2000 + number)

    result = reconcile(workers=1)

    assert (result.paid, result.failed, result.undelivered) == (1, 1, 1)
    assert result.needs_a_person
    assert "RuntimeError" in result.problems[0]
    assert order.events.filter(kind="delivery_failed").count() == 1


def test_payments_that_do_not_fit_need_a_person() -> None:
    order = make_order()
    notify(order, notification(order, amount_fen=1))

    result = reconcile()

    assert (result.unresolved, result.failed) == (1, 0)
    assert result.needs_a_person


@pytest.mark.parametrize(
    ("over", "checked", "is_candidate"),
    [
        (timedelta(minutes=-5), timedelta(seconds=5), False),
        (timedelta(minutes=-5), timedelta(seconds=15), True),
        (timedelta(minutes=30), timedelta(minutes=4), False),
        (timedelta(minutes=30), timedelta(minutes=6), True),
        (timedelta(hours=5), timedelta(minutes=50), False),
        (timedelta(hours=5), timedelta(minutes=70), True),
        (timedelta(hours=23), timedelta(hours=5), True),
        (timedelta(hours=25), timedelta(hours=5), False),
    ],
)
def test_the_longer_an_order_is_over_the_more_seldom_it_is_asked_about(
    over: timedelta, checked: timedelta, is_candidate: bool
) -> None:
    now = timezone.now()
    make_order(expires_at=now - over, checked_at=now - checked, status=OrderStatus.EXPIRED)

    assert reconcile(dry_run=True).candidates == is_candidate


def test_orders_that_have_ended_otherwise_are_no_candidates() -> None:
    cancel_order(make_order(checked_at=None))
    make_order(checked_at=None, status=OrderStatus.FAILED)

    assert reconcile(dry_run=True).candidates == 0


def test_it_can_watch_for_longer() -> None:
    make_order(expires_at=ago(days=3), checked_at=ago(days=1), status=OrderStatus.EXPIRED)

    assert reconcile(dry_run=True, watch=timedelta(days=7)).candidates == 1


def test_a_dry_run_changes_nothing() -> None:
    make_order(expires_at=ago(seconds=1), checked_at=None)
    before = list(Order.objects.values())

    assert reconcile(dry_run=True).candidates == 1
    assert list(Order.objects.values()) == before


def test_one_order_stops_no_other(gemafu_sandbox: Sandbox) -> None:
    stranger = make_order(reference="stranger", checked_at=None)
    order = place()
    gemafu_sandbox.pay(order, notifies=False)

    result = reconcile(workers=1)

    assert (result.asked, result.failed) == (1, 1)
    assert result.problems[0].startswith(f"{stranger.reference}: ")
    assert status_of(order) == OrderStatus.PAID
    assert not result.gateway_is_down


def test_of_many_problems_a_hundred_are_told(gemafu_sandbox: Sandbox) -> None:
    for _ in range(105):
        make_order(checked_at=None)  # the sandbox knows of none of them

    result = reconcile()

    assert (result.failed, len(result.problems)) == (105, 100)


def test_a_refusal_is_an_answer(gemafu_sandbox: Sandbox) -> None:
    place()
    Order.objects.update(status=OrderStatus.PLACING, gateway_order_id=None, checked_at=None)
    gemafu_sandbox.behave(refusal=RefusalReason.BALANCE)

    result = reconcile()

    assert (result.failed, result.gateway_is_down) == (1, False)


def test_a_fault_of_ours_is_noted_with_its_order(
    gemafu_sandbox: Sandbox, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    order = place()
    Order.objects.update(status=OrderStatus.PLACING, gateway_order_id=None, checked_at=None)
    settings.ROOT_URLCONF = "tests.urls_of_nothing"  # no address to be notified at

    result = reconcile()

    assert result.failed == 1
    assert result.problems[0].startswith(order.reference)
    assert "NoReverseMatch" in caplog.text


def test_a_gateway_that_is_silent_ends_the_run() -> None:
    for _ in range(40):
        make_order(checked_at=None)

    result = reconcile(workers=2)

    assert result.gateway_is_down
    assert not result.is_complete
    assert 10 <= result.failed < 20


def test_a_gateway_that_speaks_nonsense_cannot_be_asked(gemafu_sandbox: Sandbox) -> None:
    place()
    gemafu_sandbox.behave(answer_style=AnswerStyle.HTML)

    assert reconcile().gateway_is_down


def test_settings_that_are_missing_are_an_error_and_hang_nothing(settings: Any) -> None:
    make_order(checked_at=None)
    settings.GEMAFU = {}

    with pytest.raises(ConfigurationError):
        reconcile()


def test_an_order_that_is_still_unpaid_costs_no_statement_of_its_own(
    gemafu_sandbox: Sandbox,
) -> None:
    counts = []
    for size in (1, 20):
        for number in range(size):
            place(f"{size}-{number}", size * 1000 + number)
        with CaptureQueriesContext(connection) as queries:
            chunks = list(chunks_to_reconcile())
            assert sum(reconcile_chunk(*chunk).asked for chunk in chunks) == size
        counts.append(len(queries))
        Order.objects.update(status=OrderStatus.CANCELLED)

    assert counts[0] == counts[1]


def test_it_must_not_run_inside_a_transaction() -> None:
    with transaction.atomic(), pytest.raises(TransactionOpen):
        reconcile()


def test_a_limit_bounds_the_run(gemafu_sandbox: Sandbox) -> None:
    for number in range(3):
        place(f"A-{number}")

    assert reconcile(limit=2).candidates == 2


def test_it_can_be_stopped_and_goes_on_later(gemafu_sandbox: Sandbox) -> None:
    for number in range(30):
        place(f"A-{number}", 1000 + number)
    stop = threading.Event()

    first = reconcile(workers=1, stop=stop, progress=stop.set)
    Order.objects.filter(checked_at__gt=ago(seconds=50)).update(checked_at=ago(seconds=20))
    second = reconcile()

    assert first.asked < 30
    assert not first.is_complete
    assert second.asked == 30
    assert second.is_complete


def test_one_that_is_stopped_before_it_begins_does_nothing() -> None:
    make_order(checked_at=None)
    stop = threading.Event()
    stop.set()

    assert reconcile(stop=stop).candidates == 0


def test_runs_at_the_same_time_share_the_work(gemafu_sandbox: Sandbox, receiver: Receiver) -> None:
    orders = [place(f"A-{number}", 1000 + number) for number in range(24)]
    for order in orders[:8]:
        gemafu_sandbox.pay(order, notifies=False)
    barrier = threading.Barrier(3)
    results: list[Reconciliation] = []

    def run() -> None:
        barrier.wait()
        results.append(reconcile(workers=2))
        connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(result.asked for result in results) == 24
    assert sum(result.paid for result in results) == 8
    assert len(receiver.received) == 8
    assert all(result.failed == 0 for result in results)


def test_the_work_can_be_done_elsewhere_in_chunks(
    gemafu_sandbox: Sandbox, receiver: Receiver
) -> None:
    orders = [place(f"A-{number}", 1000 + number) for number in range(5)]
    gemafu_sandbox.pay(orders[0], notifies=False)
    Order.objects.filter(pk=orders[4].pk).update(
        status=OrderStatus.PLACING, gateway_order_id=None, checked_at=None
    )
    undelivered(receiver)

    chunks = list(chunks_to_reconcile(chunk_size=3))

    assert [(action, len(ids)) for action, ids in chunks] == [
        (Action.CHECK, 3),
        (Action.CHECK, 1),
        (Action.RESUME, 1),
        (Action.DELIVER, 1),
    ]
    assert list(chunks_to_reconcile()) == [chunks[2]]  # the others are claimed
    results = [reconcile_chunk(action, ids) for action, ids in chunks]
    assert [result.asked for result in results] == [3, 1, 1, 0]
    assert sum(result.paid for result in results) == 1
    assert len(receiver.received) == 2


def test_a_chunk_ends_early_when_the_gateway_is_silent() -> None:
    ids = [make_order().pk for _ in range(20)]

    result = reconcile_chunk(Action.CHECK, ids)

    assert (result.failed, result.gateway_is_down) == (10, True)


def test_a_worker_outlives_whatever_its_work_raises(caplog: pytest.LogCaptureFixture) -> None:
    done: list[int] = []

    def do(item: int, client: Any) -> None:
        if item == 0:
            raise SystemExit("a receiver that ends the process")
        done.append(item)

    run_workers(1, range(3), gateway_client, do)

    assert done == [1, 2]
    assert "A worker failed" in caplog.text
