from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User

from django_gemafu.enums import EventKind, OrderStatus, PaymentSource, Verdict
from django_gemafu.exceptions import ActIncomplete, AlreadyPaid, AlreadyResolved, DeliveryFailed
from django_gemafu.models import Order, Payment
from django_gemafu.operations import (
    accept_payment,
    cancel_order,
    dismiss_payment,
    expire_order,
    settle,
)
from django_gemafu.testing import make_order, notification, notify, pay
from tests.conftest import Receiver

pytestmark = pytest.mark.django_db

NOTE = "agreed on the telephone"
RESOLUTIONS = pytest.mark.parametrize("resolve", [accept_payment, dismiss_payment])


@pytest.fixture
def user() -> User:
    return User.objects.create_user("operator")


def surprise(order: Order, **fields: Any) -> Payment:
    """Let a payment come that does not fit."""
    message = notification(order, **{"amount_fen": 1200, **fields})
    notify(order, message)
    return Payment.objects.get(gateway_payment_id=message.gateway_payment_id)


def close(order: Order, status: str) -> Order:
    if status == OrderStatus.CANCELLED:
        cancel_order(order)
    elif status == OrderStatus.EXPIRED:
        expire_order(order)
    return order


class TestAccepting:
    @pytest.mark.parametrize("status", ["pending", "expired", "cancelled"])
    def test_it_settles_the_order_and_tells_the_shop(
        self, status: str, user: User, receiver: Receiver
    ) -> None:
        order = close(make_order(), status)
        payment = surprise(order)

        accepted = accept_payment(payment, user=user, note=NOTE)

        stored = Order.objects.get()
        assert (stored.status, stored.paid_at) == (OrderStatus.PAID, payment.paid_at)
        assert stored.delivered_at is not None
        assert not stored.needs_review
        assert receiver.received == [(order, accepted)]
        assert receiver.received[0][1].is_late is (status != "pending")

    def test_the_payment_keeps_what_came_and_says_who_decided(self, user: User) -> None:
        payment = surprise(make_order())

        accept_payment(payment, user=user, note=NOTE)

        payment.refresh_from_db()
        assert (payment.verdict, payment.amount_fen) == (Verdict.ACCEPTED, 1200)
        assert (payment.resolved_by, payment.resolution_note) == (user, NOTE)
        assert payment.resolved_at is not None

    def test_the_story_says_who_when_why_before_and_after(self, user: User) -> None:
        order = make_order()

        accept_payment(surprise(order), user=user, note=NOTE)

        event = order.events.get(kind=EventKind.PAYMENT_ACCEPTED)
        assert (event.user, event.facts["note"]) == (user, NOTE)
        assert event.facts["before"] == {
            "status": "pending",
            "verdict": "underpaid",
            "needs_review": True,
        }
        assert event.facts["after"] == {
            "status": "paid",
            "verdict": "accepted",
            "needs_review": False,
        }
        assert "¥12.00 (too little): agreed on the telephone" in event.sentence
        assert order.events.get(kind=EventKind.DELIVERED).user == user

    def test_a_second_payment_cannot_settle_it_again(self, user: User, receiver: Receiver) -> None:
        order = pay(make_order())
        payment = surprise(order, amount_fen=1250)

        with pytest.raises(AlreadyPaid):
            accept_payment(payment, user=user, note=NOTE)

        payment.refresh_from_db()
        assert (payment.verdict, payment.needs_review) == (Verdict.DUPLICATE, True)
        assert Order.objects.get().needs_review
        assert len(receiver.received) == 1

    def test_an_order_paid_on_word_whose_amount_was_wrong_is_delivered(
        self, user: User, receiver: Receiver
    ) -> None:
        order = make_order()
        settle(order, source=PaymentSource.QUERY)
        payment = surprise(order)

        accept_payment(payment, user=user, note=NOTE)

        assert Order.objects.get().delivered_at is not None
        assert len(receiver.received) == 1

    def test_a_receiver_that_fails_leaves_it_paid_and_undelivered(
        self, user: User, receiver: Receiver
    ) -> None:
        payment = surprise(make_order())
        receiver.raises = RuntimeError("no stock")

        with pytest.raises(DeliveryFailed):
            accept_payment(payment, user=user, note=NOTE)

        assert Order.objects.get().is_undelivered
        assert not Payment.objects.unresolved().exists()

    def test_the_notification_of_what_was_accepted_changes_nothing(self, user: User) -> None:
        order = close(make_order(), "cancelled")
        payment = settle(order, source=PaymentSource.QUERY)
        accept_payment(payment, user=user, note=NOTE)

        notify(order, notification(order, gateway_payment_id=77))

        payment.refresh_from_db()
        assert (payment.gateway_payment_id, payment.verdict) == (77, Verdict.ACCEPTED)
        assert payment.resolution_note == NOTE

    def test_a_notification_that_shows_another_amount_waits_for_a_person_again(
        self, user: User
    ) -> None:
        order = close(make_order(), "cancelled")
        payment = settle(order, source=PaymentSource.QUERY)
        accept_payment(payment, user=user, note=NOTE)

        notify(order, notification(order, amount_fen=1))

        payment.refresh_from_db()
        assert (payment.verdict, payment.needs_review) == (Verdict.UNDERPAID, True)
        assert Order.objects.get().needs_review


class TestDismissing:
    def test_the_order_stays_as_it_is(self, user: User, receiver: Receiver) -> None:
        order = make_order()

        payment = dismiss_payment(surprise(order), user=user, note=NOTE)

        stored = Order.objects.get()
        assert (stored.status, stored.needs_review) == (OrderStatus.PENDING, False)
        payment.refresh_from_db()
        assert (payment.verdict, payment.resolved_by) == (Verdict.UNDERPAID, user)
        assert payment.resolution_note == NOTE
        event = order.events.get(kind=EventKind.PAYMENT_DISMISSED)
        assert event.facts["before"]["needs_review"] is True
        assert event.facts["after"]["needs_review"] is False
        assert not receiver.received

    def test_the_order_can_still_be_paid(self, user: User) -> None:
        order = make_order()
        dismiss_payment(surprise(order), user=user, note=NOTE)

        assert pay(order).status == OrderStatus.PAID

    def test_the_gateways_repetition_does_not_bring_it_back(self, user: User) -> None:
        order = make_order()
        message = notification(order, amount_fen=1)
        notify(order, message)
        dismiss_payment(order.payments.get(), user=user, note=NOTE)

        assert notify(order, message).content == b"200"
        assert not Order.objects.get().needs_review


@RESOLUTIONS
def test_the_order_waits_as_long_as_another_payment_does(resolve: Any, user: User) -> None:
    order = make_order()
    first, second = surprise(order), surprise(order)

    resolve(first, user=user, note=NOTE)
    assert Order.objects.get().needs_review

    dismiss_payment(second, user=user, note=NOTE)
    assert not Order.objects.get().needs_review


@RESOLUTIONS
def test_who_comes_second_is_told_who_came_first(resolve: Any, user: User) -> None:
    order = make_order()
    payment = surprise(order)
    stale = Payment.objects.get()
    dismiss_payment(payment, user=user, note=NOTE)
    told = order.events.count()

    with pytest.raises(AlreadyResolved, match="operator has decided") as caught:
        resolve(stale, user=user, note="I too")

    assert caught.value.order == order
    assert Payment.objects.get().resolution_note == NOTE
    assert order.events.count() == told


@RESOLUTIONS
def test_a_payment_that_fits_is_not_decided_upon(resolve: Any, user: User) -> None:
    payment = pay(make_order()).payments.get()

    with pytest.raises(AlreadyResolved, match="nothing to decide"):
        resolve(payment, user=user, note=NOTE)


@RESOLUTIONS
@pytest.mark.parametrize("changes", [{"user": None}, {"note": " "}])
def test_what_explains_it_must_not_be_missing(
    resolve: Any, changes: dict[str, Any], user: User
) -> None:
    payment = surprise(make_order())

    with pytest.raises(ActIncomplete):
        resolve(payment, **({"user": user, "note": NOTE} | changes))

    assert Payment.objects.unresolved().exists()
