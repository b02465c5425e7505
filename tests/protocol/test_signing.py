from __future__ import annotations

import enum
import hmac
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from django_gemafu.exceptions import UnsignableValue
from django_gemafu.protocol.signing import Scalar, sign, verify

_RECORDED = json.loads((Path(__file__).parents[1] / "vectors" / "signing.json").read_text("utf-8"))
VECTORS = [(each["data_json"], each["sign"]) for each in _RECORDED["vectors"]]
SECRET: str = _RECORDED["secret"]
DATA: dict[str, Scalar] = {"orderid": 1, "m_oid": "A-1"}


class Fen(enum.IntEnum):
    ONE_YUAN = 100


@pytest.mark.parametrize(("data_json", "signature"), VECTORS)
def test_signs_as_the_reference_implementation_does(data_json: str, signature: str) -> None:
    assert sign(json.loads(data_json), SECRET) == signature
    assert verify(json.loads(data_json), signature, SECRET)


@pytest.mark.parametrize(
    ("value", "php_text"),
    [
        (1e25, "1.0E+25"),
        (1.5e25, "1.5E+25"),
        (1e-10, "1.0E-10"),
        (-1e-10, "-1.0E-10"),
        (0.0001, "0.0001"),
        (0.00001, "1.0E-5"),
        (1e13, "10000000000000"),
        (1e14, "1.0E+14"),
        (123456789012345.0, "1.2345678901234E+14"),
        (99.0, "99"),
        (99.99, "99.99"),
        (0.1 + 0.2, "0.3"),
        (-0.0, "-0"),
        (2**63 - 1, "9223372036854775807"),
        (-(2**63), "-9223372036854775808"),
        (2**63, "9.2233720368548E+18"),
        (-(2**63) - 1, "-9.2233720368548E+18"),
        (10**30, "1.0E+30"),
        (True, "1"),
        (False, ""),
        (None, ""),
        (Fen.ONE_YUAN, "100"),
    ],
)
def test_values_are_written_as_php_writes_them(value: Scalar, php_text: str) -> None:
    assert sign({"a": value}, SECRET) == sign({"a": php_text}, SECRET)


@pytest.mark.parametrize(
    "value",
    [
        [],
        {},
        (),
        b"bytes",
        object(),
        float("nan"),
        float("inf"),
        float("-inf"),
        10**400,
        "\ud800",
        "a\udfffb",
    ],
)
def test_refuses_what_has_no_text_and_never_verifies_it(value: Any) -> None:
    with pytest.raises(UnsignableValue):
        sign({"a": value}, SECRET)
    assert not verify({"a": value}, "0" * 32, SECRET)


@pytest.mark.parametrize(("data", "secret"), [({"\ud800": 1}, SECRET), (DATA, "\udc80")])
def test_refuses_half_surrogates_in_keys_and_secrets(data: dict[str, Scalar], secret: str) -> None:
    with pytest.raises(UnsignableValue):
        sign(data, secret)
    assert not verify(data, "0" * 32, secret)


@pytest.mark.parametrize(
    "signature",
    [
        None,
        0,
        True,
        [],
        sign(DATA, SECRET).encode(),
        sign(DATA, SECRET).upper(),
        sign(DATA, SECRET) + " ",
        sign(DATA, SECRET)[:-1],
        sign(DATA, "another secret"),
        "",
        "nosign",
        "签名",
        "\ud800",
        "\x00" * 32,
        pytest.param("x" * 100_000, id="very long"),
    ],
)
def test_whatever_is_sent_as_a_signature_is_merely_not_genuine(signature: object) -> None:
    assert verify(DATA, signature, SECRET) is False


@pytest.mark.parametrize(
    ("secrets", "genuine"),
    [
        ([SECRET, "older"], True),
        (["newer", SECRET], True),
        (("newer", "new", SECRET), True),
        (["newer", "older"], False),
        ([], False),
    ],
)
def test_any_of_several_secrets_verifies(secrets: Sequence[str], genuine: bool) -> None:
    assert verify(DATA, sign(DATA, SECRET), secrets) is genuine


def test_every_secret_is_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[object] = []
    compare = hmac.compare_digest

    def spy(received: bytes, expected: bytes) -> bool:
        compared.append(expected)
        return compare(received, expected)

    monkeypatch.setattr(hmac, "compare_digest", spy)
    assert verify(DATA, sign(DATA, SECRET), [SECRET, "older"])
    assert compared == [sign(DATA, SECRET).encode(), sign(DATA, "older").encode()]
