from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from django_gemafu.conf import conf
from django_gemafu.management.commands import gemafu_doctor
from django_gemafu.management.commands.gemafu_doctor import Command, exit_code
from django_gemafu.operations import place_order
from django_gemafu.operations.diagnose import GATEWAY_SILENT, Finding
from django_gemafu.testing.plugin import Sandbox
from tests.conftest import Receiver

FINE = Finding("clock", "ok", "The clock agrees")
ODD = Finding("orders.stuck", "warning", "Orders are stuck: 2", "The oldest ...", "Run ...")
BAD = Finding("notify.key", "problem", "The site refuses", "Another key", "Give every process ...")
SILENT = Finding(GATEWAY_SILENT, "problem", "The gateway could not be asked")


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.setenv(name, "*")


def run(*arguments: str) -> tuple[int, str]:
    """Run the command, and return its exit code and what it printed."""
    out = StringIO()
    try:
        call_command("gemafu_doctor", *arguments, stdout=out)
    except SystemExit as exit_:
        return int(exit_.code or 0), out.getvalue()
    return 0, out.getvalue()


@pytest.mark.parametrize(
    ("findings", "code"),
    [
        ([], 0),
        ([FINE], 0),
        ([FINE, ODD], 1),
        ([FINE, BAD], 1),
        ([SILENT, BAD, FINE], 2),
    ],
)
def test_exit_code(findings: list[Finding], code: int) -> None:
    assert exit_code(findings) == code


def test_for_people(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gemafu_doctor, "diagnose", lambda **_: [FINE, ODD, BAD])

    assert run() == (
        1,
        "OK    The clock agrees\n"
        "WARN  Orders are stuck: 2\n"
        "      The oldest ...\n"
        "      -> Run ...\n"
        "FAIL  The site refuses\n"
        "      Another key\n"
        "      -> Give every process ...\n"
        "Problems: 1, warnings: 1, ok: 1.\n",
    )


def test_all_clear(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gemafu_doctor, "diagnose", lambda **_: [FINE])

    assert run() == (0, "OK    The clock agrees\nProblems: 0, warnings: 0, ok: 1.\n")


@pytest.mark.django_db(transaction=True)
def test_a_deployment(gemafu_sandbox: Sandbox, receiver: Receiver, settings: Any) -> None:
    order = place_order(amount_fen=1250, customer_id="42", reference="A-1001")

    code, out = run()

    assert code == 1  # the shop of the tests is on this machine alone
    assert f"order {order.gateway_order_id}" in out
    assert "OK    The notify address leads to django-gemafu" in out
    assert conf.secret_key not in out
    assert settings.SECRET_KEY not in out
    assert "not-a-proof" not in out


@pytest.mark.django_db
def test_as_json_without_a_gateway() -> None:
    code, out = run("--json")

    report = json.loads(out)
    assert code == report["exit_code"] == 2
    (silent,) = [each for each in report["findings"] if each["code"] == GATEWAY_SILENT]
    assert silent["level"] == "problem"
    assert silent["advice"]


@pytest.mark.django_db
def test_offline() -> None:
    code, out = run("--offline")

    assert code == 1
    assert "gateway at" not in out


@pytest.mark.django_db(transaction=True)  # the command closes its connections
def test_it_runs_although_the_system_checks_fail(settings: Any, capsys: Any) -> None:
    settings.GEMAFU = {}

    with pytest.raises(SystemExit) as exit_:
        Command().run_from_argv(["manage.py", "gemafu_doctor", "--offline"])

    assert exit_.value.code == 1
    assert "FAIL  GEMAFU['MERCHANT_ID'] is missing." in capsys.readouterr().out
