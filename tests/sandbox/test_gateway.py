from __future__ import annotations

import json
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client, override_settings

from django_gemafu.sandbox import paying
from django_gemafu.sandbox.models import Behaviour, SandboxOrder
from tests.sandbox.foreign import (
    SECRET,
    envelope,
    place_order_data,
    query_order_data,
    signature_of,
)
from tests.sandbox.orders import placed

pytestmark = pytest.mark.django_db

URL = "/sandbox/pay"


def send(body: bytes) -> dict[str, Any]:
    response = Client(enforce_csrf_checks=True).post(URL, body, "application/x-www-form-urlencoded")
    assert response.status_code == 200
    answer: dict[str, Any] = json.loads(response.content)
    return answer


def refused(body: bytes) -> tuple[str, str]:
    answer = send(body)
    assert set(answer) == {"code", "msg"}
    assert not SandboxOrder.objects.exists()
    return answer["code"], answer["msg"]


def test_any_of_the_secrets_verifies(settings: Any) -> None:
    settings.GEMAFU = {**django_settings.GEMAFU, "SECRET_KEY": ["new-secret", SECRET]}
    data = place_order_data()
    assert send(envelope(data))["code"] == "200"
    assert send(envelope(data, signature_of(data, "new-secret")))["code"] == "200"
    assert send(envelope(data, signature_of(data, "other-secret")))["code"] == "403"


def test_names_are_not_escaped_in_the_answer() -> None:
    response = Client().post(URL, envelope(place_order_data(appname="小店")), "text/plain")
    assert "小店".encode() in response.content


def test_unknown_fields_are_signed_and_ignored() -> None:
    assert send(envelope(place_order_data(channel="wx")))["code"] == "200"


@pytest.mark.parametrize(
    "name", ["m_id", "m_oid", "m_money", "timestamp", "b_url", "userid", "appname"]
)
@pytest.mark.parametrize("value", [None, ""])
def test_mandatory_field_missing(name: str, value: object) -> None:
    data = place_order_data(**{name: value})
    assert refused(envelope(data)) == ("400", f"mandatory field missing: {name}")


def test_method_missing() -> None:
    assert refused(envelope(place_order_data(method=None))) == (
        "400",
        "mandatory field missing: method",
    )


def test_unknown_method() -> None:
    code, reason = refused(envelope(place_order_data(method="Refund")))
    assert (code, reason) == ("400", "unknown method 'Refund'")


@pytest.mark.parametrize(
    "change",
    [
        {"m_money": "12.50"},
        {"m_money": 0},
        {"m_money": -5},
        {"m_money": True},
        {"m_oid": 1001},
        {"userid": 42},
        {"timestamp": "now"},
        {"b_url": "x" * 1025},
        {"f_url": 1},
    ],
)
def test_wrong_type_shows_as_bad_signature(change: dict[str, Any]) -> None:
    code, reason = refused(envelope(place_order_data(**change)))
    assert code == "403"
    assert reason.startswith('bad signature: "')


def test_wrong_merchant() -> None:
    code, reason = refused(envelope(place_order_data(m_id=1234)))
    assert (code, reason) == ("401", "wrong merchant number (m_id)")


@pytest.mark.parametrize("sign", ["0" * 32, "nosign", "ü", signature_of(place_order_data(), "x")])
def test_bad_signature(sign: str) -> None:
    code, reason = refused(envelope(place_order_data(), sign))
    assert code == "403"
    assert reason.startswith("bad signature")


def test_changed_after_signing() -> None:
    sign = signature_of(place_order_data())
    assert refused(envelope(place_order_data(m_money=1), sign))[0] == "403"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"garbage",
        b"\xff\xfe",
        b"[]",
        b"{}",
        b'{"data": {}}',
        b'{"data": [], "sign": "x"}',
        b'{"data": {"method": {}}, "sign": "x"}',
        b'{"data": {"method": "PlaceOrder", "m_oid": "\\ud800"}, "sign": "x"}',
        b"[" * 60_000,
        b'{"data": {"method": "PlaceOrder", "body": "' + b"x" * 70_000 + b'"}, "sign": "x"}',
    ],
)
def test_garbage(body: bytes) -> None:
    code, reason = refused(body)
    assert code == "400"
    assert reason.startswith("unreadable request: ")


def test_oversize_body_is_not_read_to_its_end() -> None:
    code, reason = refused(b" " * 4_000_000)
    assert (code, "longer than 65536 bytes" in reason) == ("400", True)


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_anything_but_post_is_not_allowed(method: str) -> None:
    assert getattr(Client(), method)(URL).status_code == 405


def test_login_middleware_lets_programs_through() -> None:
    login = "django.contrib.auth.middleware.LoginRequiredMiddleware"
    with override_settings(MIDDLEWARE=[*django_settings.MIDDLEWARE, login]):
        assert send(envelope(place_order_data()))["code"] == "200"
        assert Client().get("/sandbox/").status_code == 200


@pytest.mark.usefixtures("background_db")
def test_answering_slowly_keeps_no_transaction_open(monkeypatch: pytest.MonkeyPatch) -> None:
    is_in_transaction = []
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)
    monkeypatch.setattr(
        "django_gemafu.sandbox.views.time.sleep",
        lambda _seconds: is_in_transaction.append(connection.in_atomic_block),
    )
    assert send(envelope(place_order_data()))["code"] == "200"
    assert is_in_transaction == [False]


def test_query_takes_the_merchant_number_too() -> None:
    order = placed()
    assert send(envelope(query_order_data(order.number, m_id=9999)))["status"] == 0
    assert send(envelope(query_order_data(order.number, m_id=1)))["code"] == "401"


def test_query_with_a_bad_signature() -> None:
    order = placed()
    assert send(envelope(query_order_data(order.number), "0" * 32))["code"] == "403"


@pytest.mark.parametrize("number", [1, 2**63 - 1])
def test_query_of_an_unknown_order_is_understood_but_has_no_data(number: int) -> None:
    answer = send(envelope(query_order_data(number), "nosign"))
    assert answer == {"code": "204", "msg": "there is no such order"}


def test_query_without_a_number() -> None:
    data = query_order_data(1)
    del data["orderid"]
    assert send(envelope(data, "nosign"))["code"] == "400"


def test_query_of_an_expired_order() -> None:
    order = placed()
    paying.expire(order)
    assert send(envelope(query_order_data(order.number), "nosign"))["status"] == 1


@pytest.mark.parametrize(
    ("refusal", "code"),
    [("merchant", "401"), ("signature", "403"), ("balance", "402"), ("missing", "400")],
)
def test_refusal_on_purpose(refusal: str, code: str) -> None:
    Behaviour(pk=1, refusal=refusal).save()
    assert refused(envelope(place_order_data()))[0] == code


def test_refusal_on_purpose_leaves_queries_alone() -> None:
    order = placed()
    Behaviour(pk=1, refusal="balance").save()
    assert send(envelope(query_order_data(order.number)))["status"] == 0
