from __future__ import annotations

import gzip
import json
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

import django_gemafu
from django_gemafu.exceptions import (
    EchoMismatch,
    GatewayHasNoData,
    GatewayRejection,
    InvalidGatewayAnswer,
)
from django_gemafu.protocol.client import GATEWAY_URL, GatewayClient
from django_gemafu.protocol.messages import PlaceOrderAnswer
from django_gemafu.protocol.signing import verify
from tests.protocol.clients import failure, new_client
from tests.protocol.examples import (
    PLACE_ORDER,
    PLACE_ORDER_ANSWER,
    SECRET,
    place_order_request,
)
from tests.protocol.servers import http_answer, http_head, serving

PLACED: dict[str, Any] = {"code": "200", **PLACE_ORDER_ANSWER}
ORDER_ID = 1234567890


def query(client: GatewayClient) -> object:
    return client.query_order(ORDER_ID)


@pytest.mark.parametrize(
    "answer",
    [
        PLACED,
        PLACED | {"code": 200, "msg": "ok"},
        PLACED | {"m_money": "1250", "money": "1249", "orderid": str(ORDER_ID), "freecode": "1"},
    ],
)
def test_an_order_is_placed(answer: dict[str, Any]) -> None:
    with serving(http_answer(answer)) as server, new_client(server.url) as client:
        placed = client.place_order(place_order_request())
    assert placed == PlaceOrderAnswer.parse(PLACE_ORDER_ANSWER)
    assert (placed.gateway_order_id, placed.payable_fen, placed.extra) == (ORDER_ID, 1249, {})


def test_the_request_is_signed_json_from_a_named_and_versioned_program() -> None:
    with serving(http_answer(PLACED)) as server, new_client(server.url) as client:
        client.place_order(place_order_request())
    [request] = server.requests
    assert request.line.startswith("POST /pay ")
    assert request.headers["User-Agent"].startswith(f"django-gemafu/{django_gemafu.__version__} ")
    assert request.headers["Content-Type"] == "application/json"
    assert request.json["data"] == PLACE_ORDER
    assert verify(request.json["data"], request.json["sign"], SECRET)
    assert SECRET.encode() not in request.body


def test_passwords_kept_for_other_programs_are_not_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login operator password hunter2")
    monkeypatch.setenv("NETRC", str(netrc))
    with serving(http_answer(PLACED)) as server, new_client(server.url) as client:
        client.place_order(place_order_request())
    assert "Authorization" not in server.requests[0].headers


@pytest.mark.parametrize(
    "answer",
    [
        http_answer(json.dumps(PLACED, ensure_ascii=False).encode()),
        http_answer(json.dumps(PLACED).encode().replace(b"/", rb"\/")),
        http_answer(
            gzip.compress(json.dumps(PLACED).encode()), headers="Content-Encoding: gzip\r\n"
        ),
        http_answer(PLACED, headers="Content-Type: text/html; charset=gbk\r\n"),
        http_answer(PLACED, status="201 Created"),
        http_head() + json.dumps(PLACED).encode(),
        http_head("Transfer-Encoding: chunked\r\n")
        + b"".join(b"1\r\n%c\r\n" % byte for byte in json.dumps(PLACED).encode())
        + b"0\r\n\r\n",
    ],
    ids=["utf-8", "php", "gzip", "html", "201", "no length", "chunked"],
)
@pytest.mark.parametrize("piece_bytes", [64, 100_000])
def test_the_same_answer_may_come_in_many_clothes(answer: bytes, piece_bytes: int) -> None:
    pieces = [answer[at : at + piece_bytes] for at in range(0, len(answer), piece_bytes)]
    with serving(*pieces, pause_seconds=0.001) as server, new_client(server.url) as client:
        assert client.place_order(place_order_request()).payable_fen == 1249


def test_new_fields_of_the_gateway_are_kept() -> None:
    with serving(http_answer(PLACED | {"hint": "新"})) as server, new_client(server.url) as client:
        assert client.place_order(place_order_request()).extra == {"hint": "新"}


@pytest.mark.parametrize("code", ["204", 201, "299"])
def test_another_2xx_code_means_that_there_is_no_data(code: object) -> None:
    with serving(http_answer({"code": code, "msg": "订单\n不存在"})) as server:
        error = failure(server.url, GatewayHasNoData, query)
    assert (error.code, error.reason) == (int(str(code)), "订单 不存在")
    assert str(error) == f"no data ({code}): 订单 不存在"


@pytest.mark.parametrize("code", [500, "403", "0", 100, 300, -1, "-200"])
def test_any_other_code_is_a_refusal_in_the_gateways_words(code: object) -> None:
    with serving(http_answer({"code": code, "msg": "签名错误"})) as server:
        error = failure(server.url, GatewayRejection)
    assert (error.code, error.reason) == (int(str(code)), "签名错误")
    assert str(error) == f"refused ({code}): 签名错误"
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({}, "no reason given"),
        ({"msg": None}, "no reason given"),
        ({"msg": ""}, "no reason given"),
        ({"msg": 17}, "17"),
        ({"msg": f"wrong key {SECRET}!"}, "wrong key ***!"),
        ({"msg": "x" * 199 + SECRET}, "x" * 199 + "*"),
        ({"msg": "长" * 5000}, "长" * 200),
    ],
)
def test_the_reason_is_short_and_never_holds_the_secret(
    answer: dict[str, Any], reason: str
) -> None:
    with serving(http_answer({"code": 500} | answer)) as server:
        assert failure(server.url, GatewayRejection).reason == reason


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>502 Bad Gateway</html>",
        "客".encode("gbk"),
        [PLACED],
        None,
        200,
        PLACED | {"more": {"nested": 1}},
        PLACED | {"more": []},
        {**PLACE_ORDER_ANSWER},
        *(
            PLACED | {"code": code}
            for code in (None, "", "OK", True, 200.0, " 200", "2_00", "٢٠٠", "9" * 5000, SECRET)
        ),
        {"code": 200},
        *(
            PLACED | {name: None}
            for name in PLACE_ORDER_ANSWER
            if name not in ("f_url", "freecode")
        ),
        PLACED | {"money": 12.5},
        PLACED | {"money": "-1"},
        PLACED | {"qr_content": "x" * 513},
        SECRET.encode(),
        {"code": SECRET, "msg": SECRET},
    ],
)
def test_an_answer_of_another_shape_is_refused(content: object) -> None:
    with serving(http_answer(content)) as server:
        error = failure(server.url, InvalidGatewayAnswer)
    assert str(error).startswith("the gateway's answer ")


def test_an_unreadable_answer_is_quoted() -> None:
    with serving(http_answer(b"<h1>Under\n maintenance</h1>")) as server:
        error = failure(server.url, InvalidGatewayAnswer)
    assert str(error).endswith(": <h1>Under maintenance</h1>")
    assert error.__cause__ is not None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("m_oid", "A-1002"),
        ("m_money", 1249),
        ("userid", "客户乙"),
        ("appname", "小店 "),
        ("f_url", "https://evil.example/"),
        ("money", 1250 + 101),
        ("money", 1250 - 101),
    ],
)
def test_an_answer_about_something_else_is_refused(name: str, value: object) -> None:
    with serving(http_answer(PLACED | {name: value})) as server:
        failure(server.url, EchoMismatch)


@pytest.mark.parametrize(("shift_fen", "limit_fen"), [(100, 100), (-100, 100), (0, 0), (-9, 9)])
def test_the_amount_may_shift_up_to_the_limit(shift_fen: int, limit_fen: int) -> None:
    answer = PLACED | {"money": 1250 + shift_fen}
    options = {"max_amount_shift_fen": limit_fen}
    with serving(http_answer(answer)) as server, new_client(server.url, **options) as client:
        assert client.place_order(place_order_request()).payable_fen == 1250 + shift_fen


@pytest.mark.parametrize("echo", [None, ""])
def test_a_return_url_need_not_be_echoed(echo: str | None) -> None:
    with serving(http_answer(PLACED | {"f_url": echo})) as server, new_client(server.url) as client:
        assert client.place_order(place_order_request()).return_url == ""


@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize(
    "echo", [{}, {"orderid": ORDER_ID}, {"orderid": str(ORDER_ID)}, {"orderid": None}]
)
def test_a_query_is_signed_or_says_that_it_is_not(signed: bool, echo: dict[str, Any]) -> None:
    answer = {"code": "200", "status": "4"} | echo
    with serving(http_answer(answer)) as server, new_client(server.url) as client:
        assert client.query_order(ORDER_ID, signed=signed).status == 4
    data, sign = (server.requests[0].json[name] for name in ("data", "sign"))
    assert (data["method"], data["m_id"], data["orderid"]) == ("QueryOrder", 9999, ORDER_ID)
    assert abs(datetime.now(timezone.utc).timestamp() - data["timestamp"]) < 60
    assert verify(data, sign, SECRET) is signed
    assert signed or sign == "nosign"


@pytest.mark.parametrize(
    ("status", "is_paid"), [(0, False), (1, False), (2, True), (3, True), (4, True)]
)
def test_a_query_tells_whether_the_order_is_paid(status: int, is_paid: bool) -> None:
    answer = http_answer({"code": 200, "status": status})
    with serving(answer) as server, new_client(server.url) as client:
        assert client.query_order(ORDER_ID).is_paid is is_paid


@pytest.mark.parametrize("status", [5, -1, None, "paid", 2.0])
def test_a_query_refuses_an_unknown_status(status: object) -> None:
    with serving(http_answer({"code": 200, "status": status})) as server:
        failure(server.url, InvalidGatewayAnswer, query)


@pytest.mark.parametrize("other", [1, "1", "", f"0{ORDER_ID}", float(ORDER_ID)])
def test_a_query_refuses_an_answer_about_another_order(other: object) -> None:
    with serving(http_answer({"code": 200, "status": 2, "orderid": other})) as server:
        failure(server.url, EchoMismatch, query)


def test_the_endpoint_is_the_reference_implementations_unless_told() -> None:
    with GatewayClient(merchant_id=1, secret=SECRET) as client:
        assert client.gateway_url == GATEWAY_URL == "https://fcapi.flexmuse.com/pay"
        assert SECRET not in repr(client)
