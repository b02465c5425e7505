from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from django_gemafu.conf import conf
from django_gemafu.enums import OrderStatus, Verdict
from django_gemafu.exceptions import (
    DeliveryFailed,
    ForgedNotification,
    MalformedNotification,
    NotificationRefused,
    PaymentNotAccepted,
    UnboundNotification,
    UnknownOrder,
)
from django_gemafu.models import Order, OrderEvent, Payment
from django_gemafu.operations import receive_notification
from django_gemafu.operations.notify_address import notify_url
from django_gemafu.protocol.messages import Envelope, Notification
from django_gemafu.protocol.signing import sign
from django_gemafu.testing import make_order, notification
from tests.conftest import Receiver

pytestmark = pytest.mark.django_db


def proof_of(order: Order) -> str:
    return notify_url(order.token).rstrip("/").rpartition("/")[2]


def receive(order: Order, message: Notification | None = None, **changes: Any) -> None:
    body = Envelope.seal(message or notification(order), conf.secret_key).to_json()
    values: dict[str, Any] = {"token": order.token, "proof": proof_of(order), "body": body}
    receive_notification(**(values | changes))


def snapshot() -> list[Any]:
    return [list(model.objects.order_by("pk").values()) for model in (Order, Payment, OrderEvent)]


def test_a_genuine_notification_is_recorded_and_delivered(receiver: Receiver) -> None:
    order = make_order(body="table 7")

    receive(order, notification(order, extra={"new_field": 1}))

    order.refresh_from_db()
    assert order.status == OrderStatus.PAID
    assert order.delivered_at is not None
    assert len(receiver.received) == 1
    assert order.events.first().facts["message"]["new_field"] == 1  # type: ignore[union-attr]


def test_repeated_it_does_nothing_and_raises_nothing(receiver: Receiver) -> None:
    order = make_order()
    message = notification(order)
    receive(order, message)
    before = snapshot()

    receive(order, message)

    assert snapshot() == before
    assert len(receiver.received) == 1


def test_repeated_it_delivers_what_failed_before(receiver: Receiver) -> None:
    order = make_order()
    message = notification(order)
    receiver.raises = RuntimeError("not yet")
    with pytest.raises(DeliveryFailed):
        receive(order, message)
    receiver.raises = None

    receive(order, message)

    assert len(receiver.received) == 1
    assert Payment.objects.count() == 1


def test_an_older_secret_is_good_while_it_is_listed(settings: Any) -> None:
    order = make_order()
    body = Envelope.seal(notification(order), "an older secret").to_json()
    with pytest.raises(ForgedNotification):
        receive(order, body=body)
    settings.GEMAFU = {**settings.GEMAFU, "SECRET_KEY": ["the newest secret", "an older secret"]}

    receive(order, body=body)


def test_the_proof_survives_a_rotation_of_djangos_own_key(settings: Any) -> None:
    order = make_order()
    proof = proof_of(order)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "a new one"

    receive(order, proof=proof)


@pytest.mark.parametrize("field", ["m_oid", "userid", "appname", "orderid", "body"])
def test_it_is_bound_to_the_order_by_every_field_that_can(field: str) -> None:
    order = make_order(body="table 7")
    data = dict(notification(order).to_data())
    data[field] = 1 if field == "orderid" else "another"
    before = snapshot()

    with pytest.raises(UnboundNotification, match=field) as caught:
        receive(order, Notification.parse(data))

    assert caught.value.order == order
    assert snapshot() == before


def test_a_body_that_was_not_sent_need_not_come_back() -> None:
    order = make_order(body="")

    receive(order, notification(order, body="the gateway's own"))


def test_another_orders_notification_is_refused() -> None:
    first, second = make_order(reference="first"), make_order(reference="second")

    with pytest.raises(UnboundNotification):
        receive(first, notification(second))


def test_a_payment_number_that_is_known_elsewhere_is_refused() -> None:
    first, second = make_order(reference="first"), make_order(reference="second")
    message = notification(first)
    receive(first, message)
    before = snapshot()

    with pytest.raises(UnboundNotification, match="recorded with another order"):
        receive(second, notification(second, gateway_payment_id=message.gateway_payment_id))

    assert snapshot() == before


def test_an_order_without_a_number_does_not_take_another_orders() -> None:
    other = make_order()
    order = make_order(
        status=OrderStatus.PLACING, gateway_order_id=None, payable_fen=None, expires_at=None
    )

    with pytest.raises(UnboundNotification, match="orderid belongs to another order"):
        receive(order, notification(order, gateway_order_id=other.gateway_order_id))


def test_an_order_without_a_number_learns_it() -> None:
    order = make_order(
        status=OrderStatus.PLACING, gateway_order_id=None, payable_fen=None, expires_at=None
    )

    receive(order, notification(order, gateway_order_id=4711))

    order.refresh_from_db()
    assert (order.status, order.gateway_order_id) == (OrderStatus.PAID, 4711)


@pytest.mark.parametrize("proof", ["", "x", "é", "a:b", "\ud800"])
def test_the_address_needs_its_proof(proof: str) -> None:
    with pytest.raises(ForgedNotification):
        receive(make_order(), proof=proof)


def test_the_proof_of_another_order_proves_nothing() -> None:
    with pytest.raises(ForgedNotification):
        receive(make_order(), proof=proof_of(make_order(reference="another")))


def test_an_order_that_does_not_exist_is_unknown() -> None:
    order = make_order()
    order.token = uuid4()

    with pytest.raises(UnknownOrder):
        receive(order)


def resplit(order: Order) -> bytes:
    """Move the end of a value into the next key: the text that is signed stays the same."""
    data = dict(notification(order).to_data())
    signature = sign(data, conf.secret_key)
    del data["userid"]
    data["useridc"] = order.customer_id.removeprefix("c")
    assert sign(data, conf.secret_key) == signature
    return Envelope(data=data, sign=signature).to_json()


def test_a_message_split_anew_is_refused_although_its_signature_is_good() -> None:
    order = make_order(customer_id="customer-1")

    with pytest.raises(MalformedNotification, match="userid"):
        receive(order, body=resplit(order))


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[]", b"\xff", b'{"data": {}, "sign": 1}', b'{"data": 1, "sign": "x"}']
)
def test_what_is_no_message_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedNotification):
        receive(make_order(), body=body)


@pytest.mark.parametrize("signature", ["", "nosign", "é", "0" * 32])
def test_a_wrong_signature_is_forged(signature: str) -> None:
    order = make_order()
    before = snapshot()
    body = Envelope(data=notification(order).to_data(), sign=signature).to_json()

    with pytest.raises(ForgedNotification, match="signature"):
        receive(order, body=body)

    assert snapshot() == before


class TestAPaymentThatDoesNotFit:
    def test_it_is_recorded_not_delivered_and_says_why(self, receiver: Receiver) -> None:
        order = make_order()

        with pytest.raises(PaymentNotAccepted) as caught:
            receive(order, notification(order, amount_fen=1249))

        assert str(caught.value) == (
            "recorded as underpaid: 1249 fen for an order of 1250 fen that is pending; "
            "the shop has to look at it"
        )
        assert order.payments.get().verdict == Verdict.UNDERPAID
        assert receiver.received == []

    def test_repeated_it_says_the_same(self) -> None:
        order = make_order()
        message = notification(order, amount_fen=1249)
        for _ in range(2):
            with pytest.raises(PaymentNotAccepted):
                receive(order, message)

        assert order.payments.count() == 1

    def test_once_a_person_has_resolved_it_the_gateway_may_rest(self) -> None:
        order = make_order()
        message = notification(order, amount_fen=1249)
        with pytest.raises(PaymentNotAccepted):
            receive(order, message)
        order.payments.update(resolved_at=order.created_at)

        receive(order, message)

        order.refresh_from_db()
        assert order.status == OrderStatus.PENDING

    def test_a_second_payment_does_not_deliver_again(self, receiver: Receiver) -> None:
        order = make_order()
        receive(order)

        with pytest.raises(NotificationRefused, match="recorded as duplicate"):
            receive(order)

        assert len(receiver.received) == 1


def test_the_database_is_not_touched_before_the_sender_is_known(
    django_assert_num_queries: Any,
) -> None:
    order = make_order()
    body = Envelope(data=notification(order).to_data(), sign="0" * 32).to_json()
    with django_assert_num_queries(0):
        with pytest.raises(ForgedNotification):
            receive(order, proof="x")
        with pytest.raises(ForgedNotification):
            receive(order, body=body)
