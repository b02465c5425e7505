from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError
from django.utils import timezone

from django_gemafu.enums import EventKind, OrderStatus, PaymentSource, Verdict
from django_gemafu.exceptions import PaymentConflict
from django_gemafu.models import Order, Payment
from django_gemafu.operations import cancel_order, deliver, expire_orders, settle
from django_gemafu.testing import make_order

pytestmark = pytest.mark.django_db


def report(order: Order, **changes: Any) -> Payment:
    values: dict[str, Any] = {
        "source": PaymentSource.NOTIFICATION,
        "amount_fen": order.due_fen,
        "gateway_payment_id": 77,
        "paid_at": timezone.now(),
    }
    return settle(order, **(values | changes))


def kinds(order: Order) -> list[str]:
    return [event.kind for event in order.events.all()]


def test_the_exact_amount_marks_the_order_paid() -> None:
    order = make_order()
    paid_at = timezone.now() - timedelta(seconds=3)

    payment = report(order, paid_at=paid_at, facts={"orderid": 1, "new_field": "kept"})

    stored = Order.objects.get(pk=order.pk)
    assert (stored.status, stored.paid_at, stored.delivered_at) == (
        OrderStatus.PAID,
        paid_at,
        None,
    )
    assert (payment.verdict, payment.amount_fen, payment.is_late) == (
        Verdict.ACCEPTED,
        1250,
        False,
    )
    event = order.events.get()
    assert event.kind == EventKind.PAID
    assert event.facts["message"] == {"orderid": 1, "new_field": "kept"}


def test_the_amount_to_pay_counts_not_the_amount_ordered() -> None:
    order = make_order(amount_fen=1250, payable_fen=1249)

    assert report(order, amount_fen=1250).verdict == Verdict.OVERPAID
    assert report(order, amount_fen=1249, gateway_payment_id=78).verdict == Verdict.ACCEPTED


@pytest.mark.parametrize(
    ("amount_fen", "verdict"), [(1249, Verdict.UNDERPAID), (1251, Verdict.OVERPAID)]
)
def test_another_amount_is_stored_and_changes_nothing_else(
    amount_fen: int, verdict: Verdict
) -> None:
    order = make_order()

    payment = report(order, amount_fen=amount_fen)

    order.refresh_from_db()
    assert order.status == OrderStatus.PENDING
    assert (payment.verdict, payment.amount_fen, payment.needs_review) == (
        verdict,
        amount_fen,
        True,
    )
    assert kinds(order) == [EventKind.SURPRISE]


def test_repeating_a_payment_adds_nothing() -> None:
    order = make_order()

    assert report(order) == report(order)

    assert order.payments.count() == 1
    assert kinds(order) == [EventKind.PAID]


def test_repeating_a_payment_from_a_stale_instance_adds_nothing() -> None:
    order = make_order()
    stale = Order.objects.get(pk=order.pk)

    assert report(order) == report(stale)

    assert stale.status == OrderStatus.PAID
    assert order.payments.count() == 1


def test_repeating_a_payment_that_did_not_fit_adds_nothing() -> None:
    order = make_order()

    assert report(order, amount_fen=1) == report(order, amount_fen=1)

    assert kinds(order) == [EventKind.SURPRISE]


def test_a_second_payment_is_a_duplicate() -> None:
    order = make_order()
    report(order)

    second = report(order, gateway_payment_id=78)

    assert second.verdict == Verdict.DUPLICATE
    assert order.payments.accepted().count() == 1


def test_money_for_a_cancelled_order_is_unexpected() -> None:
    order = make_order()
    cancel_order(order)

    assert report(order).verdict == Verdict.UNEXPECTED
    order.refresh_from_db()
    assert order.status == OrderStatus.CANCELLED


def test_money_for_an_order_that_the_gateway_refused_is_unexpected() -> None:
    order = make_order(status=OrderStatus.FAILED, gateway_order_id=None, payable_fen=None)

    assert report(order, gateway_order_id=5).verdict == Verdict.UNEXPECTED


def test_money_for_an_expired_order_is_taken_as_late() -> None:
    order = make_order(expires_at=timezone.now() - timedelta(hours=1))
    expire_orders()
    order.refresh_from_db()

    payment = report(order)

    assert (payment.verdict, payment.is_late) == (Verdict.ACCEPTED, True)
    assert Order.objects.get(pk=order.pk).status == OrderStatus.PAID
    assert kinds(order) == [EventKind.EXPIRED, EventKind.PAID_LATE]


def test_money_after_the_time_is_late_although_nobody_had_expired_the_order() -> None:
    order = make_order(expires_at=timezone.now() - timedelta(hours=1))

    assert report(order).is_late


def test_money_from_before_the_time_is_not_late_however_late_we_hear_of_it() -> None:
    order = make_order(expires_at=timezone.now() - timedelta(hours=1))

    assert not report(order, paid_at=timezone.now() - timedelta(hours=2)).is_late


def test_a_payment_proves_that_the_gateway_took_an_order_without_an_answer() -> None:
    order = make_order(
        status=OrderStatus.PLACING, gateway_order_id=None, payable_fen=None, expires_at=None
    )

    payment = report(order, gateway_order_id=5)

    stored = Order.objects.get(pk=order.pk)
    assert payment.verdict == Verdict.ACCEPTED
    assert (stored.status, stored.gateway_order_id) == (OrderStatus.PAID, 5)


def test_without_an_answer_only_the_amount_ordered_fits() -> None:
    order = make_order(
        status=OrderStatus.PLACING, gateway_order_id=None, payable_fen=None, expires_at=None
    )

    payment = report(order, gateway_order_id=5, amount_fen=1249)

    stored = Order.objects.get(pk=order.pk)
    assert payment.verdict == Verdict.UNDERPAID
    assert (stored.status, stored.gateway_order_id) == (OrderStatus.PLACING, None)


class TestAStaleInstance:
    """Read before another process changed the row, and judged by."""

    def test_an_amount_that_was_right_before_the_gateway_answered_is_not_accepted(self) -> None:
        stale = make_order(
            status=OrderStatus.PLACING, gateway_order_id=None, payable_fen=None, expires_at=None
        )
        Order.objects.get().transition(
            OrderStatus.PENDING, gateway_order_id=5, payable_fen=1251, expires_at=timezone.now()
        )

        assert report(stale, amount_fen=1250, gateway_order_id=5).verdict == Verdict.UNDERPAID

    def test_a_number_that_the_gateway_did_not_give_is_a_conflict(self) -> None:
        stale = make_order(
            status=OrderStatus.PLACING, gateway_order_id=None, payable_fen=None, expires_at=None
        )
        Order.objects.get().transition(
            OrderStatus.PENDING, gateway_order_id=5, payable_fen=1250, expires_at=timezone.now()
        )

        with pytest.raises(PaymentConflict, match="the gateway's order 999"):
            report(stale, gateway_order_id=999)

        assert not Payment.objects.exists()

    def test_money_for_an_order_that_has_just_expired_is_late(self) -> None:
        stale = make_order()
        Order.objects.get().transition(OrderStatus.EXPIRED)

        payment = report(stale)

        assert (payment.verdict, payment.is_late) == (Verdict.ACCEPTED, True)


def test_the_gateways_order_number_cannot_be_another_orders() -> None:
    other = make_order()
    order = make_order(
        status=OrderStatus.PLACING, gateway_order_id=None, payable_fen=None, expires_at=None
    )

    with pytest.raises(IntegrityError):
        report(order, gateway_order_id=other.gateway_order_id)

    assert Order.objects.get(pk=order.pk).status == OrderStatus.PLACING
    assert not Payment.objects.exists()


@pytest.mark.parametrize("amount_fen", [1250, 1])
def test_a_payment_number_of_another_order_is_a_conflict(amount_fen: int) -> None:
    report(make_order(reference="first"))
    order = make_order(reference="second")

    with pytest.raises(PaymentConflict) as caught:
        report(order, amount_fen=amount_fen)

    assert caught.value.order == order
    assert order.status == Order.objects.get(pk=order.pk).status == OrderStatus.PENDING
    assert not order.payments.exists()


def test_a_payment_number_with_another_amount_is_a_conflict() -> None:
    order = make_order()
    report(order)

    with pytest.raises(PaymentConflict):
        report(order, amount_fen=1)

    assert order.payments.get().amount_fen == 1250


class TestAQuery:
    """A QueryOrder says "paid", and neither an amount nor a number."""

    @staticmethod
    def report(order: Order) -> Payment:
        return settle(order, source=PaymentSource.QUERY)

    def test_it_marks_the_order_paid(self) -> None:
        order = make_order()

        payment = self.report(order)

        assert (payment.verdict, payment.amount_fen, payment.gateway_payment_id) == (
            Verdict.ACCEPTED,
            None,
            None,
        )
        assert Order.objects.get(pk=order.pk).status == OrderStatus.PAID

    def test_it_adds_nothing_to_a_notification(self) -> None:
        order = make_order()

        assert report(order) == self.report(order)
        assert order.payments.count() == 1

    def test_it_does_not_accept_what_a_notification_said_was_too_little(self) -> None:
        order = make_order()
        underpaid = report(order, amount_fen=1)

        assert self.report(order) == underpaid
        assert Order.objects.get(pk=order.pk).status == OrderStatus.PENDING

    def test_a_cancelled_order_gets_one_unexpected_payment_however_often_asked(self) -> None:
        order = make_order()
        cancel_order(order)

        assert self.report(order) == self.report(order)
        assert order.payments.get().verdict == Verdict.UNEXPECTED

    def test_the_notification_gives_the_payment_its_number(self) -> None:
        order = make_order()
        payment = self.report(order)

        assert report(order) == payment

        payment.refresh_from_db()
        assert (payment.gateway_payment_id, payment.amount_fen) == (77, 1250)
        assert payment.verdict == Verdict.ACCEPTED
        assert kinds(order) == [EventKind.PAID, EventKind.IDENTIFIED]

    def test_the_notification_may_show_that_the_amount_was_wrong(self) -> None:
        order = make_order()
        payment = self.report(order)

        report(order, amount_fen=1)

        payment.refresh_from_db()
        assert payment.verdict == Verdict.UNDERPAID
        assert payment.needs_review
        assert Order.objects.get(pk=order.pk).status == OrderStatus.PAID

    def test_the_right_amount_is_accepted_after_a_wrong_one(self) -> None:
        order = make_order()
        self.report(order)
        report(order, amount_fen=1)

        payment = report(order, gateway_payment_id=78)

        assert payment.verdict == Verdict.ACCEPTED
        assert deliver(Order.objects.get())

    def test_a_cancelled_orders_payment_gets_its_number_too(self) -> None:
        order = make_order()
        cancel_order(order)
        payment = self.report(order)

        assert report(order) == payment

        payment.refresh_from_db()
        assert (payment.gateway_payment_id, payment.verdict) == (77, Verdict.UNEXPECTED)

    def test_a_second_notification_is_a_duplicate(self) -> None:
        order = make_order()
        self.report(order)
        report(order)

        assert report(order, gateway_payment_id=78).verdict == Verdict.DUPLICATE


def test_money_that_a_person_saw_twice_is_a_duplicate() -> None:
    order = make_order()
    report(order)

    second = settle(order, source=PaymentSource.MANUAL, amount_fen=1250)

    assert (second.verdict, second.gateway_payment_id) == (Verdict.DUPLICATE, None)
