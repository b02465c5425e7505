"""A program written for the real gateway, in whatever language, works with the sandbox as it is."""

from __future__ import annotations

import json
import re
import time
from typing import Any

import pytest
import requests
from django.urls import reverse

from django_gemafu.sandbox import notifier
from tests.sandbox.foreign import (
    Shop,
    place_order_data,
    post,
    query_order_data,
    signature_of,
)

pytestmark = pytest.mark.usefixtures("background_db")


@pytest.fixture
def gateway_url(live_server: Any) -> str:
    return str(live_server.url + "/sandbox/pay")


def pay_in_wallet(url: str) -> str:
    """Do what the customer does: open the code's page, and press the button."""
    with requests.Session() as browser:
        page = browser.get(url, timeout=10).text
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        assert token
        return browser.post(url, {"csrfmiddlewaretoken": token[1]}, timeout=10).text


def test_endpoint_has_no_trailing_slash() -> None:
    assert reverse("gemafu_sandbox:gateway") == "/sandbox/pay"


def test_order_payment_and_notification(gateway_url: str, live_server: Any, shop: Shop) -> None:
    data = place_order_data(
        m_oid="订单-1",
        userid="客户甲",
        appname="小店😀",
        f_url="https://shop.example/ok/",
        body="随便",
        b_url=shop.url + "?proof=1",
    )
    before = int(time.time())
    answer = post(gateway_url, data)

    number = answer["orderid"]
    assert type(number) is int
    assert answer == {
        "code": "200",
        "orderid": number,
        "m_oid": "订单-1",
        "m_money": 1250,
        "userid": "客户甲",
        "appname": "小店😀",
        "f_url": "https://shop.example/ok/",
        "money": 1250,
        "qr_content": f"{live_server.url}/sandbox/wallet/{number}/",
        "freecode": 0,
        "expiration": answer["expiration"],
    }
    assert before + 299 <= answer["expiration"] <= time.time() + 300

    query = query_order_data(number)
    assert post(gateway_url, query) == {"code": "200", "status": 0}
    assert post(gateway_url, query, sign="nosign") == {"code": "200", "status": 0}

    page = pay_in_wallet(answer["qr_content"])
    assert "Paid" in page
    assert 'href="https://shop.example/ok/"' in page
    notifier.wait_until_idle()

    assert post(gateway_url, query) == {"code": "200", "status": 2}
    [notification] = shop.received
    told = notification["data"]
    assert told == {
        "orderid": number,
        "payid": told["payid"],
        "pubtime": told["pubtime"],
        "m_oid": "订单-1",
        "userid": "客户甲",
        "appname": "小店😀",
        "money": 1250,
        "f_url": "https://shop.example/ok/",
        "body": "随便",
    }
    assert notification["sign"] == signature_of(told)
    assert type(told["payid"]) is int
    assert before <= told["pubtime"] <= time.time()
    assert shop.paths == ["/notify?proof=1"]


def test_optional_fields_stay_away_when_they_were_not_sent(gateway_url: str, shop: Shop) -> None:
    answer = post(gateway_url, place_order_data(b_url=shop.url))
    pay_in_wallet(answer["qr_content"])
    notifier.wait_until_idle()

    [notification] = shop.received
    assert set(notification["data"]) == {
        "orderid",
        "payid",
        "pubtime",
        "m_oid",
        "userid",
        "appname",
        "money",
    }


def test_retries_until_they_are_used_up(gateway_url: str, shop: Shop) -> None:
    shop.answers = [(200, b"out of stock")]
    answer = post(gateway_url, place_order_data(b_url=shop.url))
    query = query_order_data(answer["orderid"])
    statuses = []
    shop.on_request = lambda: statuses.append(post(gateway_url, query)["status"])

    pay_in_wallet(answer["qr_content"])
    notifier.wait_until_idle()

    assert statuses == [4, 4, 4]
    assert post(gateway_url, query)["status"] == 3
    assert len({json.dumps(each) for each in shop.received}) == 1


@pytest.mark.parametrize("content_type", ["text/plain", "application/json", "nonsense", ""])
def test_content_type_does_not_matter(gateway_url: str, content_type: str) -> None:
    data = place_order_data()
    body = json.dumps({"data": data, "sign": signature_of(data)}, ensure_ascii=False).encode()
    headers = {"Content-Type": content_type}
    answer = requests.post(gateway_url, data=body, headers=headers, timeout=10)
    assert answer.json()["code"] == "200"


def test_numbers_as_strings_as_php_programs_send_them(gateway_url: str) -> None:
    answer = post(
        gateway_url, place_order_data(m_money="1250", m_id="9999", timestamp="1555000000")
    )
    assert (answer["code"], answer["m_money"]) == ("200", 1250)
