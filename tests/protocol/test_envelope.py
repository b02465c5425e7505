from __future__ import annotations

import dataclasses
import json

import pytest

from django_gemafu.exceptions import MessageError, UnsignableValue
from django_gemafu.protocol.messages import MAX_MESSAGE_BYTES, Envelope, parse_answer
from django_gemafu.protocol.signing import sign, verify
from tests.protocol.examples import PLACE_ORDER, SECRET, place_order_request


def envelope_with(data: str, signature: str = '"0"') -> bytes:
    return f'{{"data": {data}, "sign": {signature}}}'.encode()


def test_an_envelope_is_read_as_php_and_others_write_it() -> None:
    raw = rb' { "sign":"ab", "data":{"m_oid":"\u5ba2\/\ud83d\ude00","money":"1"}, "more":[1]}'
    assert Envelope.parse(raw) == Envelope(data={"m_oid": "客/😀", "money": "1"}, sign="ab")


def test_a_sealed_message_is_json_that_verifies() -> None:
    sealed = json.loads(Envelope.seal(place_order_request(), SECRET).to_json())
    assert sealed == {"data": PLACE_ORDER, "sign": sign(PLACE_ORDER, SECRET)}
    assert verify(sealed["data"], sealed["sign"], SECRET)


def test_an_envelope_is_frozen() -> None:
    envelope = Envelope(data={}, sign="")
    with pytest.raises(dataclasses.FrozenInstanceError):
        envelope.sign = "x"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "not a JSON text"),
        (b"<html>", "not a JSON text"),
        (b'{"data": {}', "not a JSON text"),
        ("客".encode("gbk"), "not a JSON text in UTF-8"),
        (b"[]", "a JSON object"),
        (b"null", "a JSON object"),
        (b'"text"', "a JSON object"),
        (b"{}", '"sign" must be a string'),
        (envelope_with("{}", "1"), '"sign" must be a string'),
        (envelope_with("{}", "null"), '"sign" must be a string'),
        (envelope_with("[]"), '"data" must be a JSON object'),
        (envelope_with("null"), '"data" must be a JSON object'),
        (b'{"sign": "0"}', '"data" must be a JSON object'),
        (envelope_with('{"a": 1, "a": 2}'), "twice"),
        (b'{"data": {}, "sign": "0", "sign": "1"}', "twice"),
        (envelope_with('{"a": NaN}'), "NaN"),
        (envelope_with('{"a": Infinity}'), "Infinity"),
        (envelope_with('{"a": -Infinity}'), "-Infinity"),
        (envelope_with(r'{"a": "\ud800"}'), "half surrogate"),
        (envelope_with(r'{"\udfff": 1}'), "half surrogate"),
        (envelope_with(r'{"a": "\u0000"}'), "NUL"),
        (envelope_with(r'{"\u0000": 1}'), "NUL"),
    ],
)
def test_anything_else_is_refused_in_words(raw: bytes, words: str) -> None:
    with pytest.raises(MessageError, match=words):
        Envelope.parse(raw)


@pytest.mark.parametrize("value", ["{}", "[]", '{"b": 1}', "[1]", "1e999", "-1e999"])
def test_nested_and_endless_values_cannot_be_signed_so_are_refused(value: str) -> None:
    with pytest.raises(UnsignableValue):
        Envelope.parse(envelope_with(f'{{"a": {value}}}'))
    with pytest.raises(UnsignableValue):
        parse_answer(f'{{"a": {value}}}'.encode())


@pytest.mark.parametrize(
    "bomb",
    [
        pytest.param("[" * 60_000, id="deep arrays"),
        pytest.param('{"a":' * 12_000, id="deep objects"),
        pytest.param('{"a": ' + "9" * 5_000 + "}", id="huge number"),
    ],
)
def test_bombs_are_refused_like_any_other_fault(bomb: str) -> None:
    with pytest.raises(MessageError, match="not a JSON text"):
        Envelope.parse(envelope_with(bomb))
    with pytest.raises(MessageError, match="not a JSON text"):
        parse_answer(bomb.encode())


def test_the_size_is_bounded_before_anything_is_read() -> None:
    envelope = envelope_with("{}")
    assert Envelope.parse(envelope.ljust(MAX_MESSAGE_BYTES)).data == {}
    with pytest.raises(MessageError, match="longer than 65536 bytes"):
        Envelope.parse(envelope.ljust(MAX_MESSAGE_BYTES + 1))


def test_an_answer_is_one_flat_object() -> None:
    assert parse_answer(b'{"code": "200", "status": 2}') == {"code": "200", "status": 2}
    for raw in (b"[]", b"null", b"200"):
        with pytest.raises(MessageError, match="the answer must be a JSON object"):
            parse_answer(raw)
