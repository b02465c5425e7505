"""The notify view against messages that are nearly, or not any more, what the gateway sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from django_gemafu.conf import conf
from django_gemafu.enums import OrderStatus
from django_gemafu.exceptions import MessageError
from django_gemafu.models import Order, OrderEvent, Payment
from django_gemafu.protocol.messages import Envelope, Notification
from django_gemafu.protocol.signing import sign
from django_gemafu.testing import make_order
from tests.hostile.messages import json_bytes, mutations
from tests.hostile.world import (
    address,
    examples,
    genuine,
    harmless,
    send,
    signed,
    snapshot,
    undone,
)

pytestmark = pytest.mark.django_db

#: More than a notification that is taken, delivered and answered needs.
A_HANDFUL = 12
BINDING = ["m_oid", "userid", "appname", "orderid", "body", "f_url"]


def new_order() -> Order:
    return make_order(body="table 7", return_url="https://shop.example/thanks/")


def same_text(one: Mapping[str, Any], other: Mapping[str, Any], names: list[str]) -> bool:
    """Whether the fields are spelt alike, and of the types that the protocol has for them."""
    return all(
        str(one.get(name)) == str(other[name]) and type(one[name]) in (type(other[name]), str)
        for name in names
    )


@given(st.data())
@examples(100)
def test_a_changed_message_with_the_old_signature_is_not_taken(data: st.DataObject) -> None:
    order = new_order()
    original = genuine(order)
    changed = data.draw(mutations(original))
    body = json_bytes({"data": changed, "sign": sign(original, conf.secret_key)})
    with undone():
        before = snapshot()
        answer = send(address(order), body, statements=A_HANDFUL)
        if snapshot() != before:
            assert answer.content == b"200"
            assert same_text(changed, original, sorted(original))
    order.delete()


@given(st.data())
@examples(100)
def test_a_changed_message_that_the_gateway_signed_counts_only_where_it_is_bound(
    data: st.DataObject,
) -> None:
    """A gateway with a fault, or someone with the secret: no 500, and no order is mixed up."""
    order = new_order()
    original = genuine(order)
    changed = data.draw(mutations(original))
    try:
        signature = sign(changed, conf.secret_key)
    except MessageError:
        assume(False)
    with undone():
        before = snapshot()
        body = json_bytes({"data": changed, "sign": signature})
        answer = send(address(order), body, statements=A_HANDFUL)
        if snapshot() != before:
            assert same_text(changed, original, BINDING)
            order.refresh_from_db()
            assert (order.status == OrderStatus.PAID) == (str(changed["money"]) == "1250")
            assert (answer.content == b"200") == (order.status == OrderStatus.PAID)
            assert order.payments.get().amount_fen == int(changed["money"])
        else:
            assert 400 <= answer.status_code < 500
    order.delete()


@pytest.mark.parametrize("name", BINDING)
def test_each_field_that_binds_does(name: str) -> None:
    order = new_order()
    data = genuine(order)
    data[name] = 4711 if name == "orderid" else "another"
    with harmless():
        assert send(address(order), signed(data), statements=1).status_code == 409


@pytest.mark.parametrize("name", ["orderid", "payid", "pubtime", "money"])
@pytest.mark.parametrize(
    "kind", [float, bool, "0{}".format, " {}".format, "{}.0".format, "-{}".format]
)
def test_a_number_has_one_spelling(name: str, kind: Callable[[Any], Any]) -> None:
    order = new_order()
    data = genuine(order)
    data[name] = kind(data[name])
    with harmless():
        assert send(address(order), signed(data)).status_code == 400


@given(st.data())
@examples(30)
def test_no_two_messages_make_a_third(data: st.DataObject) -> None:
    """Fields of one order's message and fields of another's, with either signature."""
    one, other = new_order(), make_order(customer_id="customer-2")
    first, second = genuine(one), genuine(other)
    chosen = data.draw(st.sets(st.sampled_from(sorted({*first, *second})), min_size=1))
    mixed = {**first, **{name: second[name] for name in chosen if name in second}}
    assume(mixed not in (first, second))
    with harmless():
        for original in (first, second):
            for order in (one, other):
                answer = send(address(order), signed(mixed, sign(original, conf.secret_key)))
                assert answer.status_code == 403
    one.delete()
    other.delete()


def test_another_orders_message_is_refused_in_both_directions() -> None:
    one, other = make_order(), make_order(customer_id="customer-2")
    with harmless():
        assert send(address(one), signed(genuine(other)), statements=1).status_code == 409
        assert send(address(other), signed(genuine(one)), statements=1).status_code == 409


@pytest.mark.parametrize("status", OrderStatus.values)
def test_another_orders_message_is_refused_whatever_the_status(status: str) -> None:
    fields: dict[str, Any] = {"status": status, "payable_fen": None, "gateway_order_id": None}
    if status == OrderStatus.PAID:
        fields["paid_at"] = make_order().created_at
    order, other = make_order(**fields), make_order()
    message = genuine(other, reference=order.reference)
    with harmless():
        assert send(address(order), signed(message), statements=2).status_code == 409


@given(times=st.integers(1, 4), extra=st.dictionaries(st.text(max_size=5), st.text(max_size=5)))
@examples(25)
def test_a_replay_is_answered_alike_and_changes_nothing(times: int, extra: dict[str, str]) -> None:
    order = new_order()
    try:
        body = signed({**extra, **genuine(order)})
        Notification.parse(Envelope.parse(body).data)
    except MessageError:
        assume(False)
    with undone():
        assert send(address(order), body, statements=A_HANDFUL).content == b"200"
        with harmless():
            for _ in range(times):
                assert send(address(order), body, statements=A_HANDFUL).content == b"200"
    order.delete()


def test_a_payment_that_was_used_pays_no_second_order() -> None:
    one, other = make_order(), make_order()
    message = genuine(one)
    assert send(address(one), signed(message), statements=A_HANDFUL).content == b"200"
    again = genuine(other, gateway_payment_id=message["payid"])
    with harmless():
        answer = send(address(other), signed(again), statements=A_HANDFUL)
        assert answer.status_code == 409


@pytest.mark.parametrize("fen", [1, 1249, 1251, 2**63 - 1])
def test_another_amount_is_recorded_and_never_a_success(fen: int) -> None:
    order = make_order()
    answer = send(address(order), signed(genuine(order, amount_fen=fen)), statements=A_HANDFUL)

    order.refresh_from_db()
    assert (answer.status_code, order.status) == (409, OrderStatus.PENDING)
    assert (Payment.objects.count(), OrderEvent.objects.count()) == (1, 1)


@given(fields=st.dictionaries(st.text(max_size=10), st.integers() | st.floats() | st.text()))
@examples(30)
def test_whatever_further_fields_the_gateway_signs_are_kept_or_refused(
    fields: dict[str, Any],
) -> None:
    order = new_order()
    with undone():
        try:
            body = signed({**fields, **genuine(order)})
        except MessageError:
            assume(False)
        answer = send(address(order), body, statements=A_HANDFUL)
        assert (answer.content == b"200") == Payment.objects.exists()
        if answer.content == b"200":
            kept = OrderEvent.objects.order_by("pk")[0].facts["message"]
            for name in fields.keys() - genuine(order).keys():
                # PostgreSQL gives a float without a fraction back with all its digits.
                kind = type(fields[name])
                assert kind(kept[name]) == fields[name]
    order.delete()
