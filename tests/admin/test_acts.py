"""Acts, from the button to the trace that they leave."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.utils import timezone, translation

from django_gemafu.admin import act_view
from django_gemafu.admin.act import Skipped, Target
from django_gemafu.admin.acts import ACTS
from django_gemafu.enums import EventKind, OrderStatus, Verdict
from django_gemafu.models import Order, Payment, Refund
from django_gemafu.operations import cancel_order, place_order, record_refund
from django_gemafu.signals import refund_recorded
from django_gemafu.testing import make_order, notification, notify, pay
from django_gemafu.testing.plugin import Sandbox
from tests.admin.acting import INBOX, LIST, address, confirm, look, now, page_of, select
from tests.conftest import Receiver

pytestmark = pytest.mark.django_db

SETTLING: dict[str, Any] = {"evidence": "WeChat bill, 12:01", "note": "screenshot"}


def surprise(order: Order, amount_fen: int = 1200) -> Payment:
    message = notification(order, amount_fen=amount_fen)
    notify(order, message)
    return Payment.objects.get(gateway_payment_id=message.gateway_payment_id)


def undelivered(receiver: Receiver, **fields: Any) -> Order:
    order = make_order(**fields)
    receiver.raises = RuntimeError("no stock")
    notify(order)
    receiver.raises = None
    return order


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each request begin one order and no other."""
    monkeypatch.setattr(act_view, "SECONDS_PER_STEP", 0)


class TestSettlingByHand:
    def test_three_clicks_and_a_trace(self, admin_client: Client, receiver: Receiver) -> None:
        order = make_order()
        assert (
            f'href="{address("settle", order)}"'
            in admin_client.get(page_of(order)).content.decode()
        )
        assert "¥12.50 is due. It is now: waiting for payment; it becomes: paid." in look(
            admin_client, "settle", order
        )

        page = confirm(admin_client, "settle", order, amount_fen="12.40", paid_at=now(), **SETTLING)

        assert "Done: Settle by hand." in page
        assert "by hand: ¥12.40 received. Evidence: WeChat bill, 12:01" in page
        payment = order.payments.get()
        assert (payment.amount_fen, payment.evidence) == (1240, "WeChat bill, 12:01")
        assert order.events.get(kind=EventKind.PAID).user == User.objects.get()
        assert len(receiver.received) == 1

    @pytest.mark.parametrize("status", [OrderStatus.EXPIRED, OrderStatus.CANCELLED])
    def test_an_order_that_has_ended(self, admin_client: Client, status: OrderStatus) -> None:
        order = make_order(status=status)

        confirm(admin_client, "settle", order, amount_fen="12.50", paid_at=now(), **SETTLING)

        assert Order.objects.get().status == OrderStatus.PAID

    @pytest.mark.parametrize(
        ("field", "value", "complaint"),
        [
            ("amount_fen", "", "This field is required."),
            ("amount_fen", "0", "greater than or equal to 0.01"),
            ("amount_fen", "12.345", "no more than 2 decimal places"),
            ("amount_fen", "many", "Enter a number."),
            ("paid_at", "2999-01-01T00:00:00", "This time is still to come."),
            ("evidence", " ", "This field is required."),
            ("note", "", "This field is required."),
        ],
    )
    def test_what_is_missing_is_said_and_what_was_typed_is_kept(
        self, admin_client: Client, field: str, value: str, complaint: str
    ) -> None:
        order = make_order()
        fields = {"amount_fen": "12.50", "paid_at": now(), **SETTLING, field: value}

        page = confirm(admin_client, "settle", order, **fields)

        assert complaint in page
        assert (SETTLING["evidence"] in page) is (field != "evidence")
        assert not order.payments.exists()

    def test_who_comes_second_is_told(self, admin_client: Client) -> None:
        order = make_order()
        pay(order)

        page = confirm(
            admin_client,
            "settle",
            order,
            ids=order.pk,
            confirmed="yes",
            amount_fen="12.50",
            paid_at=now(),
            **SETTLING,
        )

        assert "Nothing was done. It is paid already." in page
        assert order.payments.count() == 1

    def test_a_receiver_that_fails_is_told(self, admin_client: Client, receiver: Receiver) -> None:
        order = make_order()
        receiver.raises = RuntimeError("no stock")

        page = confirm(admin_client, "settle", order, amount_fen="12.50", paid_at=now(), **SETTLING)

        assert "It failed. It is paid, but the shop&#x27;s own code failed." in page
        assert Order.objects.get().is_undelivered

    def test_several_are_settled_with_what_is_due(self, admin_client: Client) -> None:
        orders = [make_order(), make_order(amount_fen=300)]

        page = confirm(admin_client, "settle", *orders, paid_at=now(), **SETTLING)

        assert "Done: 2" in page
        assert [order.payments.get().amount_fen for order in orders] == [1250, 300]


class TestDecidingAboutAPayment:
    def test_accepting_it_settles_the_order(self, admin_client: Client) -> None:
        order = make_order()
        payment = surprise(order)
        assert "too little: ¥12.00, and ¥12.50 was due. It becomes paid." in look(
            admin_client, "accept", order
        )

        page = confirm(admin_client, "accept", order, payment=payment, note="near enough")

        assert "Done: Accept the payment." in page
        order.refresh_from_db()
        assert (order.status, order.needs_review) == (OrderStatus.PAID, False)
        payment.refresh_from_db()
        assert payment.resolution_note == "near enough"

    def test_dismissing_it_leaves_the_order(self, admin_client: Client) -> None:
        order = make_order()
        payment = surprise(order)

        page = confirm(admin_client, "dismiss", order, payment=payment, note="given back")

        assert "admin · given back" in page
        order.refresh_from_db()
        assert (order.status, order.needs_review) == (OrderStatus.PENDING, False)

    def test_one_of_several_payments(self, admin_client: Client) -> None:
        order = make_order()
        first, second = surprise(order), surprise(order)
        assert "Several payments wait" in look(admin_client, "accept", order)
        link = f'href="{LIST}act/dismiss/?ids={order.pk}&amp;payment={first.pk}"'
        assert link in admin_client.get(page_of(order)).content.decode()

        confirm(admin_client, "dismiss", order, payment=first, note="given back")

        assert list(Payment.objects.unresolved()) == [second]

    def test_the_payments_of_several_orders_are_dismissed_at_once(
        self, admin_client: Client
    ) -> None:
        orders = [make_order(), make_order()]
        for order in orders:
            surprise(order)
            surprise(order)

        page = confirm(admin_client, "dismiss", *orders, note="given back")

        assert "Done: 2" in page
        assert not Payment.objects.unresolved().exists()

    def test_a_duplicate_cannot_settle_it_again(self, admin_client: Client) -> None:
        order = pay(make_order())
        payment = surprise(order)

        page = look(admin_client, "accept", order, payment=payment)

        assert "Dismiss this one, and give the money back." in page
        assert "There is nothing to do." in page

    def test_of_two_operators_the_second_is_told(
        self, admin_client: Client, client_of: Callable[..., Client]
    ) -> None:
        order = make_order()
        payment = surprise(order)
        colleague = client_of("view_order", "resolve_payment")
        fields = {"confirmed": "yes", "ids": order.pk, "payment": payment.pk}
        path = f"{LIST}act/dismiss/"

        colleague.post(path, {**fields, "note": "mine"})
        page = admin_client.post(path, {**fields, "note": "no, mine"}, follow=True)

        assert "Nothing was done. No payment of it waits for a decision." in page.content.decode()
        payment.refresh_from_db()
        assert payment.resolution_note == "mine"

    def test_a_reason_is_required(self, admin_client: Client) -> None:
        order = make_order()
        payment = surprise(order)

        confirm(admin_client, "accept", order, payment=payment, note="  ")

        assert Payment.objects.get().verdict == Verdict.UNDERPAID


class TestRecordingARefund:
    def test_a_part_of_it(self, admin_client: Client) -> None:
        order = pay(make_order())
        assert "¥12.50 received, ¥0.00 given back, ¥12.50 left." in look(
            admin_client, "refund", order
        )

        page = confirm(
            admin_client, "refund", order, amount_fen="2.50", made_at=now(), note="stale tea"
        )

        assert "Done: Record a refund." in page
        assert "¥2.50 was given back, of ¥12.50 received; ¥10.00 is left. stale tea" in page
        refund = Refund.objects.get()
        assert (refund.amount_fen, refund.recorded_by) == (250, User.objects.get())

    def test_never_more_than_was_received(self, admin_client: Client) -> None:
        order = pay(make_order())

        page = confirm(
            admin_client, "refund", order, amount_fen="12.51", made_at=now(), note="stale tea"
        )

        assert "It failed. That is more than is left of what was received." in page
        assert not Refund.objects.exists()

    def test_a_second_click_records_nothing(self, admin_client: Client) -> None:
        order = pay(make_order())
        fields = {
            "confirmed": "yes",
            "ids": order.pk,
            "refunded_before_fen": 0,
            "amount_fen": "2.50",
            "made_at": now(),
            "note": "stale tea",
        }

        admin_client.post(f"{LIST}act/refund/", fields)
        page = admin_client.post(f"{LIST}act/refund/", fields, follow=True).content.decode()

        assert "Nothing was done. A refund was recorded since you looked." in page
        assert Refund.objects.count() == 1

    def test_several_orders_get_all_of_it_back(self, admin_client: Client) -> None:
        orders = [pay(make_order()), pay(make_order())]
        record_refund(orders[0], amount_fen=1000, note="some", user=User.objects.get())

        page = confirm(admin_client, "refund", *orders, made_at=now(), note="closed for good")

        assert "Done: 2" in page
        assert [order.refundable_fen() for order in orders] == [0, 0]

    def test_a_receiver_that_fails_is_told(self, admin_client: Client) -> None:
        def fail(**kwargs: Any) -> None:
            raise RuntimeError("books closed")

        refund_recorded.connect(fail)
        order = pay(make_order())
        try:
            page = confirm(
                admin_client, "refund", order, amount_fen="1", made_at=now(), note="stale tea"
            )
        finally:
            refund_recorded.disconnect(fail)

        assert "own code failed, so nothing was recorded." in page
        assert "RuntimeError: books closed" in page


class TestCheckingAtTheGateway:
    def test_it_finds_a_payment(self, gemafu_sandbox: Sandbox, admin_client: Client) -> None:
        order = place_order(amount_fen=1250, customer_id="42", reference="A-1001")
        gemafu_sandbox.pay(order, notifies=False)

        page = confirm(admin_client, "check", order)

        assert "Done: Check at the gateway." in page
        assert Order.objects.get().status == OrderStatus.PAID
        assert order.events.get(kind=EventKind.CHECKED).user == User.objects.get()

    def test_a_failure_is_told_and_does_not_stop_the_others(self, admin_client: Client) -> None:
        first = make_order(reference="first", gateway_order_id=None, status=OrderStatus.PLACING)
        second = make_order(reference="second")

        page = confirm(admin_client, "check", first, second)

        assert "Skipped: 1" in page
        assert "first: The gateway has no number for it yet." in page
        assert "Failed: 1" in page
        assert "second: the gateway could not be reached" in page

    def test_each_order_commits_by_itself(
        self, gemafu_sandbox: Sandbox, admin_client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Asking the gateway inside of a transaction would be refused."""
        order = place_order(amount_fen=1250, customer_id="42", reference="A-1001")
        gemafu_sandbox.pay(order, notifies=False)
        monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)

        assert "Done: Check at the gateway." in confirm(admin_client, "check", order)


class TestDeliveringAgain:
    def test_it_tells_the_shop(self, admin_client: Client, receiver: Receiver) -> None:
        order = undelivered(receiver)

        page = confirm(admin_client, "deliver", order)

        assert "Done: Deliver again." in page
        assert len(receiver.received) == 1

    def test_a_failure_is_told(self, admin_client: Client, receiver: Receiver) -> None:
        order = undelivered(receiver)
        receiver.raises = RuntimeError("no stock")

        assert "It failed. It is paid" in confirm(admin_client, "deliver", order)

    def test_what_is_not_paid_or_told_already_is_skipped(self, admin_client: Client) -> None:
        waiting = make_order(reference="waiting")
        told = pay(make_order(reference="told"))

        page = look(admin_client, "deliver", waiting, told)

        assert "It is not paid." in page
        assert "The shop was told already." in page
        assert "There is nothing to do." in page

    def test_a_payment_in_question_is_not_delivered(self, admin_client: Client) -> None:
        order = make_order(status=OrderStatus.PAID, paid_at=timezone.now())

        page = confirm(admin_client, "deliver", order)

        assert "its payment is in question" in page


class TestEnding:
    @pytest.mark.parametrize(
        ("act", "status"),
        [("cancel", OrderStatus.CANCELLED), ("expire", OrderStatus.EXPIRED)],
    )
    def test_it_says_who_and_why(self, admin_client: Client, act: str, status: OrderStatus) -> None:
        order = make_order()

        page = confirm(admin_client, act, order, note="customer left")

        order.refresh_from_db()
        assert order.status == status
        assert "customer left" in page
        assert order.events.get().user == User.objects.get()

    @pytest.mark.parametrize("act", ["cancel", "expire"])
    def test_what_ends_between_the_look_and_the_act_is_skipped(self, act: str) -> None:
        order = make_order()
        seen = Target(Order.objects.get())
        pay(order)

        (chosen,) = (each for each in ACTS if each.name == act)
        with pytest.raises(Skipped, match="It has ended meanwhile"):
            chosen.perform(seen, User.objects.create_user("clerk"), {"note": "customer left"})

    @pytest.mark.parametrize("act", ["cancel", "expire"])
    def test_what_has_ended_is_skipped(self, admin_client: Client, act: str) -> None:
        assert "It does not wait for a payment: paid." in look(admin_client, act, pay(make_order()))


class TestSeveralAtOnce:
    def test_the_list_leads_to_the_same_page(self, admin_client: Client) -> None:
        orders = [make_order(reference="A-1"), pay(make_order(reference="A-2"))]

        page = select(admin_client, "cancel", *orders)

        assert "It becomes cancelled." in page
        assert "Will be skipped." in page
        assert f'name="ids" value="{orders[1].pk},{orders[0].pk}"' in page
        assert Order.objects.filter(status=OrderStatus.PENDING).exists(), "nothing is done yet"

    def test_all_that_is_filtered_can_be_taken(self, admin_client: Client) -> None:
        orders = [make_order() for _ in range(60)]

        page = select(admin_client, "cancel", orders[0], select_across="1")

        assert "60 orders" in page
        assert "… and 10 more." in page

    def test_a_thousand_at_a_time(
        self, admin_client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(act_view, "AT_MOST", 2)
        orders = [make_order() for _ in range(3)]

        page = select(admin_client, "cancel", *orders)

        assert "At most 2 orders at a time." in page

    @pytest.mark.usefixtures("impatient")
    def test_a_long_one_goes_on_step_by_step(self, admin_client: Client) -> None:
        orders = [
            make_order(reference="first"),
            pay(make_order(reference="second")),
            make_order(reference="third"),
        ]
        path = f"{LIST}act/cancel/"
        fields: dict[str, Any] = {
            "confirmed": "yes",
            "ids": ",".join(str(order.pk) for order in orders),
            "note": "closed for good",
        }
        seen = []
        for _ in orders:
            response = admin_client.post(path, fields)
            seen.append(response)
            context = response.context
            fields |= {"ids": context.get("remaining"), "report": context["report"].seal()}

        assert [
            response.template_name.rpartition("_")[2]  # type: ignore[attr-defined]
            for response in seen
        ] == ["progress.html", "progress.html", "result.html"]
        assert 'value="1" max="3"' in seen[0].content.decode()
        assert "closed for good" in seen[0].content.decode()
        page = seen[-1].content.decode()
        assert "Done: 2" in page
        assert "second: It does not wait for a payment: paid." in page
        assert Order.objects.filter(status=OrderStatus.CANCELLED).count() == 2

    @pytest.mark.usefixtures("impatient")
    def test_a_report_that_was_tampered_with_counts_nothing(self, admin_client: Client) -> None:
        orders = [make_order(), make_order()]

        page = confirm(admin_client, "cancel", *orders, note="closed", report="made up")

        assert 'value="1" max="2"' in page

    def test_an_order_that_is_gone_or_no_number_is_left_out(self, admin_client: Client) -> None:
        order = make_order()

        page = admin_client.get(f"{LIST}act/cancel/?ids={order.pk},999999,x,1e3,{order.pk}")

        assert "2 orders" in page.content.decode()
        assert admin_client.get(f"{LIST}act/cancel/?ids=x").status_code == 404
        assert admin_client.get(f"{LIST}act/unheard-of/?ids={order.pk}").status_code == 404

    def test_the_page_costs_the_same_for_fifty(
        self, admin_client: Client, django_assert_max_num_queries: Any
    ) -> None:
        orders = [pay(make_order()) for _ in range(10)]
        with django_assert_max_num_queries(9):
            look(admin_client, "refund", *orders)


def test_who_came_from_the_inbox_goes_back_there(admin_client: Client) -> None:
    order = make_order()
    payment = surprise(order)
    fields = {"confirmed": "yes", "ids": order.pk, "payment": payment.pk, "from": "inbox"}

    response = admin_client.post(f"{LIST}act/dismiss/", {**fields, "note": "given back"})

    assert response["Location"] == INBOX


def test_an_operator_is_spoken_to_in_chinese(admin_client: Client) -> None:
    order = make_order()
    with translation.override("zh-hans"):
        cancel_order(order)
    response = admin_client.get(address("cancel", order), headers={"accept-language": "zh-hans"})

    page = response.content.decode()
    assert "取消" in page
    assert "It does not wait" not in page
