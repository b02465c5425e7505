from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from django_gemafu.enums import EventKind, OrderStatus, PaymentSource, Verdict
from django_gemafu.exceptions import ActIncomplete, AlreadyPaid, DeliveryFailed, PaymentWaiting
from django_gemafu.models import Order, Payment
from django_gemafu.operations import dismiss_payment, settle, settle_manually
from django_gemafu.testing import make_order, notification, notify, pay
from tests.conftest import Receiver

pytestmark = pytest.mark.django_db

EVIDENCE = {"evidence": "WeChat bill, 12:01", "note": "the customer sent a screenshot"}


@pytest.fixture
def user() -> User:
    return User.objects.create_user("operator")


def by_hand(order: Order, user: Any, **changes: Any) -> Payment:
    values = {"amount_fen": order.due_fen, "paid_at": timezone.now(), **EVIDENCE, "user": user}
    return settle_manually(order, **(values | changes))


UNPAID = [status for status in OrderStatus if status != OrderStatus.PAID]


@pytest.mark.parametrize("status", UNPAID)
def test_any_order_that_is_unpaid_becomes_paid_and_the_shop_is_told(
    status: OrderStatus, user: User, receiver: Receiver
) -> None:
    order = make_order(status=status)
    paid_at = timezone.now() - timedelta(minutes=1)

    payment = by_hand(order, user, paid_at=paid_at)

    stored = Order.objects.get()
    assert (stored.status, stored.paid_at) == (OrderStatus.PAID, paid_at)
    assert stored.delivered_at is not None
    assert receiver.received == [(order, payment)]
    assert (payment.source, payment.verdict) == (PaymentSource.MANUAL, Verdict.ACCEPTED)
    assert (payment.evidence, payment.note) == (EVIDENCE["evidence"], EVIDENCE["note"])


@pytest.mark.parametrize("status", UNPAID)
def test_the_story_says_who_when_why_before_and_after(status: OrderStatus, user: User) -> None:
    order = make_order(status=status)

    by_hand(order, user)

    paid, delivered = order.events.all()
    assert (paid.user, delivered.user) == (user, user)
    assert paid.facts["before"] == {"status": status}
    assert paid.facts["after"] == {"status": OrderStatus.PAID}
    assert all(words in paid.sentence for words in ("¥12.50", *EVIDENCE.values()))


@pytest.mark.parametrize(
    ("status", "is_late"),
    [
        (OrderStatus.PENDING, False),
        (OrderStatus.EXPIRED, True),
        (OrderStatus.CANCELLED, True),
        (OrderStatus.FAILED, True),
    ],
)
def test_the_receiver_sees_whether_the_shop_may_have_given_up(
    status: OrderStatus, is_late: bool, user: User
) -> None:
    assert by_hand(make_order(status=status), user).is_late is is_late


@pytest.mark.parametrize("amount_fen", [1, 1249, 99999])
def test_the_person_has_weighed_the_amount(amount_fen: int, user: User) -> None:
    payment = by_hand(make_order(), user, amount_fen=amount_fen)

    assert (payment.verdict, payment.amount_fen) == (Verdict.ACCEPTED, amount_fen)


def test_an_order_that_is_paid_is_refused_and_nothing_is_recorded(
    user: User, receiver: Receiver
) -> None:
    order = make_order()
    stale = Order.objects.get()
    pay(order)

    with pytest.raises(AlreadyPaid) as caught:
        by_hand(stale, user)

    assert caught.value.order == order
    assert order.payments.count() == len(receiver.received) == 1


def test_an_order_whose_payment_turned_out_wrong_can_be_settled(user: User) -> None:
    order = make_order()
    settle(order, source=PaymentSource.QUERY)
    notify(order, notification(order, amount_fen=1))
    dismiss_payment(order.payments.get(), user=user, note="given back")

    assert by_hand(order, user).verdict == Verdict.ACCEPTED
    assert order.payments.count() == 2


@pytest.mark.parametrize("amount_fen", [1, None])
def test_a_payment_that_waits_may_be_the_very_money(amount_fen: int | None, user: User) -> None:
    order = make_order(status=OrderStatus.CANCELLED)
    settle(order, source=PaymentSource.QUERY, amount_fen=amount_fen)

    with pytest.raises(PaymentWaiting, match="accept or dismiss it first"):
        by_hand(order, user)

    assert order.payments.count() == 1
    assert Order.objects.get().status == OrderStatus.CANCELLED


def test_the_notification_that_comes_later_is_the_same_money(
    user: User, receiver: Receiver
) -> None:
    order = make_order()
    payment = by_hand(order, user)

    notify(order, notification(order, gateway_payment_id=77))

    payment.refresh_from_db()
    assert order.payments.get().gateway_payment_id == 77
    assert (payment.evidence, payment.verdict) == (EVIDENCE["evidence"], Verdict.ACCEPTED)
    assert len(receiver.received) == 1


def test_the_person_has_weighed_the_amount_for_the_notification_too(user: User) -> None:
    order = make_order()
    by_hand(order, user, amount_fen=1200)

    notify(order, notification(order, amount_fen=1200))

    assert order.payments.get().verdict == Verdict.ACCEPTED


def test_a_notification_of_another_amount_is_other_money(user: User) -> None:
    order = make_order()
    by_hand(order, user, amount_fen=1200)

    notify(order, notification(order, amount_fen=120))

    by_hand_stays, other = order.payments.all()
    assert (by_hand_stays.verdict, by_hand_stays.amount_fen) == (Verdict.ACCEPTED, 1200)
    assert (other.verdict, other.amount_fen) == (Verdict.DUPLICATE, 120)
    assert Order.objects.get().needs_review


def test_a_receiver_that_fails_leaves_it_paid_and_undelivered(
    user: User, receiver: Receiver
) -> None:
    order = make_order()
    receiver.raises = RuntimeError("no stock")

    with pytest.raises(DeliveryFailed):
        by_hand(order, user)

    stored = Order.objects.get()
    assert stored.is_undelivered
    assert [event.kind for event in order.events.all()] == [
        EventKind.PAID,
        EventKind.DELIVERY_FAILED,
    ]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"user": None}, "user"),
        ({"evidence": " "}, "evidence"),
        ({"note": ""}, "note"),
        ({"amount_fen": 0}, "fen"),
        ({"amount_fen": -1}, "fen"),
        ({"amount_fen": True}, "fen"),
        ({"amount_fen": 12.5}, "fen"),
        ({"amount_fen": 2**63}, "fen"),
        ({"paid_at": datetime(2026, 1, 1)}, "time zone"),  # noqa: DTZ001
        ({"paid_at": timezone.now() + timedelta(days=1)}, "still to come"),
    ],
)
def test_what_explains_it_must_not_be_missing(
    changes: dict[str, Any], words: str, user: User
) -> None:
    order = make_order()

    with pytest.raises(ActIncomplete, match=words):
        by_hand(order, **{"user": user, **changes})

    assert not order.payments.exists()
    assert Order.objects.get().status == OrderStatus.PENDING
