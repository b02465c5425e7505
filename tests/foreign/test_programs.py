"""Programs of others, which know the documented wire and nothing of this package, work with it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from django_gemafu.conf import conf
from django_gemafu.enums import OrderStatus, Verdict
from django_gemafu.models import Order
from django_gemafu.operations import check_order, place_order
from django_gemafu.testing.plugin import Sandbox
from tests.conftest import Receiver

Program = subprocess.Popen[str]


@pytest.fixture
def start() -> Iterator[Callable[..., Program]]:
    programs: list[Program] = []

    def start_program(name: str, *arguments: str) -> Program:
        program = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name(name)), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        programs.append(program)
        return program

    yield start_program
    for program in programs:
        program.kill()
        program.communicate()


def line_of(program: Program) -> str:
    assert program.stdout is not None
    return program.stdout.readline().strip()


def pay_in_wallet(url: str) -> None:
    with requests.Session() as browser:
        page = browser.get(url, timeout=10).text
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        assert token is not None
        browser.post(url, {"csrfmiddlewaretoken": token[1]}, timeout=10)


def test_a_merchants_program_is_paid_through_the_sandbox(
    gemafu_sandbox: Sandbox, start: Callable[..., Program]
) -> None:
    program = start("merchant.py", gemafu_sandbox.url, str(conf.merchant_id), conf.secret_key)

    order = json.loads(line_of(program))
    assert (order["code"], order["m_oid"], order["money"]) == ("200", "foreign-1", 1250)
    assert json.loads(line_of(program))["status"] in (0, 1)
    pay_in_wallet(order["qr_content"])

    notification = json.loads(line_of(program))
    assert notification["orderid"] == order["orderid"]
    assert (notification["userid"], notification["appname"]) == ("客户甲", "小店")
    assert (notification["money"], notification["body"]) == (1250, "备注 ✓")
    assert json.loads(line_of(program))["status"] == 2
    assert program.wait(timeout=10) == 0


class TestAGatewaysProgram:
    @pytest.fixture
    def gateway(self, start: Callable[..., Program], live_server: Any, settings: Any) -> Program:
        program = start("gateway.py", conf.secret_key)
        settings.GEMAFU = {
            **settings.GEMAFU,
            "SITE_URL": live_server.url,
            "GATEWAY_URL": f"http://127.0.0.1:{line_of(program)}/pay",
        }
        return program

    @staticmethod
    def income(gateway: Program, order: Order, payid: int, money: int) -> str:
        assert gateway.stdin is not None
        gateway.stdin.write(f"{order.gateway_order_id} {payid} {money}\n")
        gateway.stdin.flush()
        return line_of(gateway)

    def test_it_pays_an_order(self, gateway: Program, receiver: Receiver) -> None:
        order = place_order(
            amount_fen=1250,
            customer_id="客户甲",
            reference="A-1001",
            return_url="https://shop.example/done?a=1&b=%E4%B8%AD",
            body='备注 ✓ {"sku":7}',
        )
        assert (order.payable_fen, order.is_free_input) == (1249, False)
        assert not check_order(order)

        assert self.income(gateway, order, 77, 1249) == "200"
        assert self.income(gateway, order, 77, 1249) == "200"

        order.refresh_from_db()
        assert order.status == OrderStatus.PAID
        assert len(receiver.received) == 1

    def test_it_is_told_why_a_payment_does_not_fit(self, gateway: Program) -> None:
        order = place_order(amount_fen=1250, customer_id="42", reference="A-1001")

        reason = self.income(gateway, order, 77, 1250)

        assert reason.startswith("recorded as overpaid: 1250 fen for an order of 1249 fen")
        assert order.payments.get().verdict == Verdict.OVERPAID
