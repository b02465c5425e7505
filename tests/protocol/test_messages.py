from __future__ import annotations

import dataclasses
from collections.abc import Collection
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from django_gemafu.exceptions import MessageError
from django_gemafu.protocol.messages import (
    BODY_MAX_LENGTH,
    NAME_MAX_LENGTH,
    QR_CONTENT_MAX_LENGTH,
    REFERENCE_MAX_LENGTH,
    URL_MAX_LENGTH,
    Message,
    Notification,
    PlaceOrderAnswer,
    PlaceOrderRequest,
    QueryOrderAnswer,
    QueryOrderRequest,
    utc_now,
)
from django_gemafu.protocol.signing import Scalar
from tests.protocol.examples import (
    EXAMPLES,
    PLACE_ORDER,
    PLACE_ORDER_ANSWER,
    place_order_request,
)

MAY_BE_MISSING = {"f_url", "body", "freecode"}
MAX_LENGTHS = {
    "m_oid": REFERENCE_MAX_LENGTH,
    "userid": NAME_MAX_LENGTH,
    "appname": NAME_MAX_LENGTH,
    "b_url": URL_MAX_LENGTH,
    "f_url": URL_MAX_LENGTH,
    "body": BODY_MAX_LENGTH,
    "qr_content": QR_CONTENT_MAX_LENGTH,
}
NO_NUMBERS = [1.0, 12.5, True, False, -1, "", " 1", "1 ", "007", "1e3", "1.0", "-1", "١", "1_0"]
NO_TEXTS = [1, 1.0, True, False, "a\x00b", "\ud800", "\udfff\ud83d"]

all_messages = pytest.mark.parametrize("kind", EXAMPLES, ids=lambda kind: kind.__name__)


def fields_of(*types: type, but: Collection[str] = ()) -> pytest.MarkDecorator:
    """Parametrise with the wire fields whose example is of one of these types."""
    return pytest.mark.parametrize(
        ("kind", "name"),
        [
            pytest.param(kind, name, id=f"{kind.__name__}-{name}")
            for kind, example in EXAMPLES.items()
            for name, value in example.items()
            if isinstance(value, types) and name not in but
        ],
    )


all_required = fields_of(int, str, but=MAY_BE_MISSING)
all_numbers = fields_of(int, but={"freecode"})
all_texts = fields_of(str)


@all_messages
def test_reads_every_field_and_writes_it_again(kind: type[Message]) -> None:
    message = kind.parse(EXAMPLES[kind])
    assert message.to_data() == EXAMPLES[kind]
    assert message.extra == {}


@all_required
@pytest.mark.parametrize("given_as_null", [True, False])
def test_a_required_field_must_be_there(
    kind: type[Message], name: str, given_as_null: bool
) -> None:
    data = {**EXAMPLES[kind], name: None}
    if not given_as_null:
        del data[name]
    with pytest.raises(MessageError, match=f'"{name}" (is missing|must be)'):
        kind.parse(data)


@all_numbers
def test_a_number_may_come_as_digits(kind: type[Message], name: str) -> None:
    data = EXAMPLES[kind]
    assert kind.parse({**data, name: str(data[name])}) == kind.parse(data)


@all_numbers
@pytest.mark.parametrize("value", [*NO_NUMBERS, 2**63, str(2**63)])
def test_anything_but_a_canonical_number_is_refused(
    kind: type[Message], name: str, value: Scalar
) -> None:
    with pytest.raises(MessageError, match=f'^"{name}" must '):
        kind.parse({**EXAMPLES[kind], name: value})


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (PlaceOrderRequest, "m_money"),
        (PlaceOrderRequest, "m_id"),
        (PlaceOrderAnswer, "money"),
        (PlaceOrderAnswer, "orderid"),
        (Notification, "money"),
        (Notification, "payid"),
    ],
)
@pytest.mark.parametrize("value", [0, "0"])
def test_amounts_and_numbers_of_things_start_at_one(
    kind: type[Message], name: str, value: Scalar
) -> None:
    with pytest.raises(MessageError, match=f'"{name}" must lie between 1 '):
        kind.parse({**EXAMPLES[kind], name: value})


@all_texts
@pytest.mark.parametrize("value", NO_TEXTS)
def test_anything_but_a_clean_text_is_refused(
    kind: type[Message], name: str, value: Scalar
) -> None:
    with pytest.raises(MessageError, match=f'^"{name}" must '):
        kind.parse({**EXAMPLES[kind], name: value})


@fields_of(str, but={"method"})
def test_a_text_has_a_limit_in_characters(kind: type[Message], name: str) -> None:
    longest = "字" * MAX_LENGTHS[name]
    assert kind.parse({**EXAMPLES[kind], name: longest}).to_data()[name] == longest
    with pytest.raises(MessageError, match=f'"{name}" must have at most'):
        kind.parse({**EXAMPLES[kind], name: longest + "x"})


@pytest.mark.parametrize("kind", [PlaceOrderRequest, Notification])
@pytest.mark.parametrize("nothing", [None, "", "missing"])
def test_return_url_and_body_may_be_missing_null_or_empty(
    kind: type[Message], nothing: str | None
) -> None:
    data = {**EXAMPLES[kind], "f_url": nothing, "body": nothing}
    if nothing == "missing":
        del data["f_url"], data["body"]
    message: Any = kind.parse(data)
    assert (message.return_url, message.body) == ("", "")
    assert not {"f_url", "body"} & set(message.to_data())


@pytest.mark.parametrize("value", [None, 0, "0", "", False])
def test_a_code_that_carries_the_amount_is_no_free_input(value: Scalar) -> None:
    assert PlaceOrderAnswer.parse({**PLACE_ORDER_ANSWER, "freecode": value}).is_free_input is False


@pytest.mark.parametrize("value", [True, 1, "1", "yes"])
def test_a_code_without_amount_is_free_input(value: Scalar) -> None:
    assert PlaceOrderAnswer.parse({**PLACE_ORDER_ANSWER, "freecode": value}).is_free_input is True


@pytest.mark.parametrize(
    ("status", "is_paid"), [(0, False), (1, False), (2, True), (3, True), (4, True), ("4", True)]
)
def test_statuses_from_two_on_mean_paid(status: Scalar, is_paid: bool) -> None:
    assert QueryOrderAnswer.parse({"status": status}).is_paid is is_paid


def test_an_unknown_status_is_refused() -> None:
    with pytest.raises(MessageError, match='"status" must lie between 0 and 4'):
        QueryOrderAnswer.parse({"status": 5})


@all_messages
def test_unknown_plain_fields_are_kept_as_received(kind: type[Message]) -> None:
    extra: dict[str, Scalar] = {"new": "x", "zero": 0, "no": False, "none": None, "half": 0.5}
    message = kind.parse({**EXAMPLES[kind], **extra})
    assert message.extra == extra
    assert message.to_data() == {**EXAMPLES[kind], **extra}


@pytest.mark.parametrize("kind", [PlaceOrderRequest, QueryOrderRequest])
@pytest.mark.parametrize("method", [None, "", "placeorder", "Refund", 1])
def test_a_request_must_be_of_its_own_method(kind: type[Message], method: Scalar) -> None:
    with pytest.raises(MessageError, match='"method" must be "'):
        kind.parse({**EXAMPLES[kind], "method": method})


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"amount_fen": 0}, "must lie between 1 and"),
        ({"amount_fen": 12.5}, "must be a whole number"),
        ({"amount_fen": True}, "must be a whole number"),
        ({"reference": ""}, "must not be empty"),
        ({"reference": "x" * 65}, "must have at most 64 characters"),
        ({"customer_id": None}, "must be a string"),
        ({"sent_at": datetime(2019, 4, 11, 16, 26, 40)}, "must be an aware time"),  # noqa: DTZ001
        ({"sent_at": datetime(1969, 12, 31, tzinfo=timezone.utc)}, "must lie between 0 and"),
    ],
)
def test_a_message_built_in_python_keeps_the_same_rules(
    changes: dict[str, Any], words: str
) -> None:
    [name] = changes
    with pytest.raises(MessageError, match=f'^"{name}" {words}'):
        place_order_request(**changes)


def test_a_message_built_in_python_equals_the_one_received() -> None:
    assert place_order_request() == PlaceOrderRequest.parse(PLACE_ORDER)


@all_messages
def test_messages_are_frozen(kind: type[Message]) -> None:
    message = kind.parse(EXAMPLES[kind])
    for each in dataclasses.fields(message):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(message, each.name, None)


def test_now_is_aware_and_in_whole_seconds() -> None:
    now = utc_now()
    assert now.utcoffset() == timedelta(0)
    assert now.microsecond == 0
    assert abs(datetime.now(timezone.utc) - now) < timedelta(seconds=5)
