"""One signature fits several messages. Only the one that was meant may count."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from django_gemafu.conf import conf
from django_gemafu.enums import OrderStatus
from django_gemafu.models import Order, Payment
from django_gemafu.protocol.messages import Notification
from django_gemafu.protocol.signing import Scalar, sign
from django_gemafu.testing import make_order
from tests.hostile.splits import (
    NAMES,
    Fields,
    any_forgery,
    any_split,
    forgeries,
    moved,
    retyped,
    text_of,
)
from tests.hostile.world import address, examples, genuine, send, signed, snapshot, undone

pytestmark = pytest.mark.django_db

#: Texts in which a forger finds the names he needs, were he free to choose them.
loaded_texts = st.lists(
    st.sampled_from([*NAMES, "1", "1250", "q", "z", "/", "customer-1", "A-1"]),
    min_size=1,
    max_size=8,
).map("".join)


def meaning(data: dict[str, Scalar]) -> tuple[Any, ...]:
    """Return what the shop acts upon."""
    message = Notification.parse(data)
    return (
        *(message.gateway_order_id, message.gateway_payment_id, message.amount_fen),
        *(message.paid_at, message.reference, message.customer_id, message.app_name),
    )


def try_it(order: Order, original: dict[str, Scalar], fields: Fields) -> None:
    """Send the fields under the signature of the original message."""
    data = retyped(fields)
    signature = sign(original, conf.secret_key)
    assert sign(data, conf.secret_key) == signature
    with undone():
        before = snapshot()
        answer = send(address(order), signed(data, signature), statements=12)
        if snapshot() == before:
            assert 400 <= answer.status_code < 500
        else:
            assert meaning(data) == meaning(original), data


def as_text(data: dict[str, Scalar]) -> Fields:
    return {name: str(value) for name, value in data.items()}


@pytest.mark.parametrize("body", ["", "table 7"])
@pytest.mark.parametrize("return_url", ["", "https://shop.example/?money1250"])
def test_no_single_boundary_can_be_moved(body: str, return_url: str) -> None:
    order = make_order(reference="A-1", body=body, return_url=return_url)
    original = genuine(order, amount_fen=1, gateway_payment_id=77)
    splits = list(moved(as_text(original)))
    assert len(splits) > 50
    for fields in splits:
        try_it(order, original, fields)


@given(st.data())
@examples(30)
def test_no_other_split_of_a_message_counts(data: st.DataObject) -> None:
    order = make_order(return_url="https://shop.example/?z", body="table 7")
    original = genuine(order, amount_fen=1)
    try_it(order, original, data.draw(any_split(text_of(original))))
    order.delete()


@given(data=st.data(), placing=st.booleans())
@examples(70)
def test_nor_does_one_that_hides_in_the_texts_of_the_order(
    data: st.DataObject, placing: bool
) -> None:
    texts: dict[str, Any] = {
        name: data.draw(loaded_texts, label=name)[:64]
        for name in ("reference", "customer_id", "body", "return_url")
    }
    if placing:
        texts |= {"status": OrderStatus.PLACING, "gateway_order_id": None, "payable_fen": None}
    with undone():
        order = make_order(**texts)
        original = genuine(order, gateway_order_id=5, gateway_payment_id=77, amount_fen=1)
        fields = data.draw(any_forgery(text_of(original)))
        assume(fields is not None)
        try_it(order, original, fields or {})


@pytest.mark.parametrize("name", ["return_url", "body", "reference", "customer_id"])
def test_a_customer_who_writes_the_message_into_a_text_gains_nothing(name: str) -> None:
    """One fen was paid; one text holds all that makes it ¥12.50, and hides the rest."""
    hidden = "?m_oidA-1money1250orderid5payid7pubtime1700000000q"
    texts = {"reference": "A-1", name: f"x{hidden}" if name != "reference" else "A-1money1250"}
    order = make_order(gateway_order_id=5, **texts)
    original = genuine(order, amount_fen=1, gateway_payment_id=77)
    tried = 0
    for fields in forgeries(text_of(original)):
        try_it(order, original, fields)
        tried += 1
    assert tried
    assert not Payment.objects.exists()


def test_that_such_a_message_was_possible() -> None:
    """The test above tries the very one that f_url allowed before it was bound to the order."""
    url = "https://shop.example/?m_oidA-1money1250orderid5payid7pubtime1700000000q"
    order = make_order(reference="A-1", gateway_order_id=5, return_url=url)
    original = genuine(order, amount_fen=1, gateway_payment_id=77)
    forged = [
        fields
        for fields in forgeries(text_of(original))
        if (fields["money"], fields["pubtime"]) == ("1250", "1700000000")
        and fields["userid"] == order.customer_id
    ]
    assert any(Notification.parse(retyped(fields)).gateway_payment_id == 7 for fields in forged)
    for fields in forged:
        try_it(order, original, fields)
    assert Order.objects.get().status == OrderStatus.PENDING
