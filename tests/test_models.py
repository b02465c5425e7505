from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from django_gemafu.enums import EventKind, OrderStatus, PaymentSource, Verdict, origins
from django_gemafu.models import GRACE, STUCK_AFTER, Order, Payment, Refund
from django_gemafu.operations import settle
from django_gemafu.testing import make_order, notification, notify, pay

pytestmark = pytest.mark.django_db

EVERY_TRANSITION = [(source, target) for source in OrderStatus for target in OrderStatus]
ALLOWED = {
    ("placing", "pending"),
    ("placing", "failed"),
    ("placing", "cancelled"),
    ("pending", "paid"),
    ("pending", "expired"),
    ("pending", "cancelled"),
    ("expired", "paid"),
}


@pytest.mark.parametrize(("source", "target"), EVERY_TRANSITION)
def test_the_database_allows_the_transitions_of_the_design(
    source: OrderStatus, target: OrderStatus
) -> None:
    times: dict[OrderStatus, Any] = {OrderStatus.PAID: {"paid_at": timezone.now()}}
    order = make_order(status=source, **times.get(source, {}))

    moved = order.transition(target, **({} if source == target else times.get(target, {})))

    is_allowed = (source.value, target.value) in ALLOWED
    assert moved is is_allowed
    assert Order.objects.get().status == order.status == (target if is_allowed else source)


def test_of_two_that_move_an_order_one_does() -> None:
    order = make_order()
    stale = Order.objects.get()
    assert order.transition(OrderStatus.CANCELLED)

    assert not stale.transition(OrderStatus.EXPIRED)


@pytest.mark.parametrize(
    "fields",
    [
        {"status": "refunded"},
        {"amount_fen": 0, "payable_fen": 1},
        {"payable_fen": 0},
        {"status": OrderStatus.PAID},
        {"paid_at": timezone.now()},
        {"delivered_at": timezone.now()},
    ],
)
def test_the_database_refuses_what_cannot_be(fields: dict[str, Any]) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        make_order(**fields)


def test_the_database_refuses_an_unknown_verdict() -> None:
    order = make_order()
    with pytest.raises(DatabaseError), transaction.atomic():
        Payment.objects.create(order=order, verdict="fine")


@pytest.mark.parametrize("field", ["reference", "gateway_order_id", "token"])
def test_what_names_an_order_names_one(field: str) -> None:
    value = getattr(make_order(), field)
    with pytest.raises(IntegrityError), transaction.atomic():
        make_order(**{field: value})


def test_the_same_reference_may_be_another_merchants() -> None:
    make_order(reference="A-1001", merchant_id=1)
    make_order(reference="A-1001", merchant_id=2)


def test_money_and_its_story_are_not_deleted_with_anything() -> None:
    order = pay(make_order())
    with pytest.raises(ProtectedError):
        order.delete()

    user = User.objects.create_user("operator")
    order.record(EventKind.CHECKED, user=user, status=0)
    with pytest.raises(ProtectedError):
        user.delete()


def test_a_text_may_hold_any_character() -> None:
    make_order(reference="订单-😀", customer_id="客户甲", body="备注 ✓ 😀")

    order = Order.objects.get()
    assert (order.reference, order.body) == ("订单-😀", "备注 ✓ 😀")


@pytest.mark.parametrize(
    ("status", "expires_in", "is_watched"),
    [
        (OrderStatus.PENDING, timedelta(minutes=5), True),
        (OrderStatus.EXPIRED, -timedelta(minutes=1), True),
        (OrderStatus.EXPIRED, -GRACE, False),
        (OrderStatus.CANCELLED, timedelta(minutes=5), False),
    ],
)
def test_which_orders_are_watched(
    status: OrderStatus, expires_in: timedelta, is_watched: bool
) -> None:
    now = timezone.now()
    order = make_order(status=status, expires_at=now + expires_in)

    assert order.may_be_paid_unseen(now) is is_watched


def test_a_check_can_be_claimed_once_an_interval() -> None:
    now = timezone.now()
    order = make_order(checked_at=None)
    stale = Order.objects.get()
    second = timedelta(seconds=1)

    assert order.claim_check(now, 10 * second)
    assert not stale.claim_check(now, 10 * second)
    assert not order.claim_check(now + 9 * second, 10 * second)
    assert order.claim_check(now + 10 * second, 10 * second)


def test_a_check_of_an_order_that_has_moved_on_cannot_be_claimed() -> None:
    order = make_order(checked_at=None)
    Order.objects.update(status=OrderStatus.CANCELLED)

    assert not order.claim_check(timezone.now(), timedelta())


def test_expiring_is_found_by_an_index() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("an optimiser that scans small tables")

    assert "gemafu_order_overdue" in Order.objects.overdue(timezone.now()).explain()


def test_unresolved_payments_are_those_that_wait_for_a_person() -> None:
    order = make_order()
    for _ in range(2):
        notify(order, notification(order, amount_fen=1))
    pay(order)
    first = order.payments.filter(verdict=Verdict.UNDERPAID).earliest("pk")
    first.resolved_at = timezone.now()
    first.save()

    unresolved = Payment.objects.unresolved().get()

    assert unresolved.needs_review
    assert unresolved != first
    assert Order.objects.get().needs_review


def test_they_write_themselves_as_people_call_them() -> None:
    order = make_order(reference="A-1001")
    notify(order, notification(order, gateway_payment_id=77))

    assert str(order) == "A-1001"
    assert str(order.payments.get()) == "77"
    assert str(order.events.all()[0]) == "Paid: ¥12.50, payment 77 (notification)."


class TestRefunds:
    def test_one_gives_something_back(self) -> None:
        user = User.objects.create_user("clerk")
        with pytest.raises(IntegrityError), transaction.atomic():
            Refund.objects.create(
                order=make_order(), amount_fen=0, made_at=timezone.now(), recorded_by=user
            )

    def test_they_are_reckoned_against_everything_that_came_in(self) -> None:
        order = pay(make_order(payable_fen=1249))
        notify(order, notification(order, amount_fen=1))
        user = User.objects.create_user("clerk")
        Refund.objects.create(order=order, amount_fen=250, made_at=timezone.now(), recorded_by=user)

        assert (order.received_fen(), order.refunded_fen(), order.refundable_fen()) == (
            1250,
            250,
            1000,
        )

    def test_a_payment_of_unknown_amount_counts_as_what_was_due(self) -> None:
        order = make_order(payable_fen=1249)
        settle(order, source=PaymentSource.QUERY)

        assert order.received_fen() == 1249

    def test_its_person_stays(self) -> None:
        user = User.objects.create_user("clerk")
        refund = Refund.objects.create(
            order=pay(make_order()), amount_fen=1, made_at=timezone.now(), recorded_by=user
        )
        with pytest.raises(ProtectedError):
            user.delete()
        assert str(refund) == str(refund.pk)


def test_an_order_is_stuck_once_nobody_can_expect_an_answer() -> None:
    now = timezone.now()
    make_order(status=OrderStatus.PLACING, created_at=now)
    make_order(created_at=now - STUCK_AFTER)
    stuck = make_order(status=OrderStatus.PLACING, created_at=now - STUCK_AFTER)

    assert list(Order.objects.stuck(now)) == [stuck]


@pytest.mark.parametrize("source", OrderStatus)
def test_a_person_may_take_any_order_to_paid_but_one_that_is(source: OrderStatus) -> None:
    assert (source in origins(OrderStatus.PAID, by_hand=True)) is (source != OrderStatus.PAID)
