from __future__ import annotations

import json
import time
from typing import Any

import pytest
from django.test import Client

from django_gemafu.sandbox import notifier
from django_gemafu.sandbox.models import Behaviour, SandboxOrder
from tests.sandbox.browser import BEHAVIOUR, behave, page, press
from tests.sandbox.foreign import Shop, envelope, place_order_data, query_order_data
from tests.sandbox.orders import placed

pytestmark = pytest.mark.usefixtures("background_db")


def ask(data: dict[str, Any] | None = None) -> Any:
    body = envelope(data or place_order_data())
    return Client().post("/sandbox/pay", body, "text/plain")


def test_refusal() -> None:
    behave(refusal="balance")
    assert json.loads(ask().content)["code"] == "402"
    assert "refuses orders: the merchant&#x27;s fee balance is used up" in page()


def test_html() -> None:
    behave(answer_style="html")
    response = ask()
    assert response.status_code == 200
    assert b"<html>" in response.content
    assert SandboxOrder.objects.exists()  # it was taken all the same


def test_http_500() -> None:
    behave(answer_style="http_500")
    assert ask().status_code == 500


def test_cut_json() -> None:
    behave(answer_style="cut")
    response = ask()
    assert response.content.startswith(b'{"code": "200"')
    with pytest.raises(ValueError, match=r"delimiter|Unterminated|Expecting"):
        json.loads(response.content)


def test_slow() -> None:
    number = json.loads(ask().content)["orderid"]
    behave(delay_seconds="0.3")
    before = time.monotonic()
    assert json.loads(ask(query_order_data(number)).content)["status"] == 0
    assert time.monotonic() - before >= 0.3
    assert "waits 0.3 s" in page()


def test_free_input_codes() -> None:
    behave(gives_free_input_codes="on")
    assert json.loads(ask().content)["freecode"] == 1


def test_holding_and_releasing(shop: Shop) -> None:
    behave(holds_notifications="on")
    order = placed(notify_url=shop.url)
    press(order, "pay")
    assert not shop.received
    assert "holds notifications" in page()
    behave()
    notifier.wait_until_idle()
    assert len(shop.received) == 1


def test_behave_well_again(shop: Shop) -> None:
    behave(answer_style="cut", holds_notifications="on")
    press(placed(notify_url=shop.url), "pay")
    Client().post(BEHAVIOUR, {"reset": "1"})
    notifier.wait_until_idle()
    assert Behaviour.current().is_good
    assert len(shop.received) == 1


@pytest.mark.parametrize("delay_seconds", ["-1", "61", "nan", "x", ""])
def test_what_cannot_be(delay_seconds: str) -> None:
    fields = {"answer_style": "normal", "delay_seconds": delay_seconds}
    response = Client().post(BEHAVIOUR, fields)
    assert response.status_code == 422
    assert b"<details open>" in response.content
    assert Behaviour.current().is_good


def test_only_one_row() -> None:
    behave(refusal="balance")
    behave(refusal="missing")
    assert Behaviour.objects.get().refusal == "missing"
