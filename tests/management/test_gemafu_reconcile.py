from __future__ import annotations

import json
import os
import signal
import threading
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from django_gemafu.management.commands.gemafu_reconcile import (
    duration,
    progress_bar,
    stopped_by_signals,
)
from django_gemafu.models import Order
from django_gemafu.operations import place_order
from django_gemafu.testing import make_order, notification, notify
from django_gemafu.testing.plugin import Sandbox

pytestmark = pytest.mark.django_db(transaction=True)


def run(*arguments: str) -> tuple[int, str, str]:
    """Run the command, and return its exit code and what it printed."""
    out, err = StringIO(), StringIO()
    try:
        call_command("gemafu_reconcile", *arguments, stdout=out, stderr=err)
    except SystemExit as exit_:
        return int(exit_.code or 0), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def place_and_pay(sandbox: Sandbox) -> None:
    order = place_order(amount_fen=1250, customer_id="42", reference="A-1001")
    sandbox.pay(order, notifies=False)
    Order.objects.update(checked_at=timezone.now() - timedelta(minutes=1))


def test_all_clear(gemafu_sandbox: Sandbox) -> None:
    place_and_pay(gemafu_sandbox)

    code, out, err = run()

    assert code == 0
    assert out.startswith("1 orders taken up: 1 asked about, 1 found paid,")
    assert err == ""


def test_something_needs_a_person() -> None:
    order = make_order()
    notify(order, notification(order, amount_fen=1))

    code, _out, err = run()

    assert code == 1
    assert "Waiting for a person: 0 paid orders that are undelivered, 1 payments" in err


def test_the_gateway_could_not_be_asked() -> None:
    for _ in range(30):
        make_order(checked_at=None)

    code, _out, err = run("--workers", "1")

    assert code == 2
    assert "The gateway could not be asked." in err
    assert "the next one goes on" in err
    assert "could not be reached" in err


def test_as_json(gemafu_sandbox: Sandbox) -> None:
    place_and_pay(gemafu_sandbox)

    summary = json.loads(run("--json")[1])

    assert (summary["asked"], summary["paid"], summary["needs_a_person"]) == (1, 1, False)


def test_a_dry_run() -> None:
    make_order(checked_at=None)

    assert run("--dry-run") == (0, "1 orders would be taken up.\n", "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("90m", timedelta(minutes=90)),
        ("24h", timedelta(hours=24)),
        ("7d", timedelta(days=7)),
    ],
)
def test_an_age(text: str, expected: timedelta) -> None:
    assert duration(text) == expected


@pytest.mark.parametrize("arguments", [["--since=0h"], ["--since=x"], ["--workers=0"]])
def test_an_argument_that_makes_no_sense(arguments: list[str]) -> None:
    with pytest.raises(CommandError):
        run(*arguments)


@pytest.mark.parametrize("name", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_it_and_is_given_back_afterwards(name: signal.Signals) -> None:
    before = signal.getsignal(name)

    with stopped_by_signals() as stop:
        os.kill(os.getpid(), name)
        assert stop.wait(5)

    assert signal.getsignal(name) == before


def test_it_works_where_there_is_no_progress_bar(monkeypatch: Any) -> None:
    monkeypatch.setitem(__import__("sys").modules, "tqdm", None)

    with progress_bar() as progress:
        progress()


def test_no_progress_is_shown_where_there_is_no_terminal(capsys: Any) -> None:
    pytest.importorskip("tqdm")

    with progress_bar() as progress:
        progress()

    assert capsys.readouterr().err == ""
    assert threading.active_count() >= 1
