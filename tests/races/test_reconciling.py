"""Several runs of the command at once, each a process; and some that are killed."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.conf import settings as django_settings
from django.db import connection
from django.utils import timezone

from django_gemafu.enums import OrderStatus, PaymentSource
from django_gemafu.models import Order
from django_gemafu.operations import place_order, settle
from django_gemafu.testing.plugin import Sandbox
from tests.races.conftest import post_in_this_process
from tests.races.racing import ROUNDS, Gateway, assert_money_is_safe
from tests.races.shop import shipments

Process = subprocess.Popen[str]

_PAID, _UNPAID, _UNDELIVERED = 8, 8, 4


@contextmanager
def runs(count: int, *arguments: str) -> Iterator[list[Process]]:
    """Give so many runs of the command, begun at the same moment."""
    database = {name: connection.settings_dict[name] for name in ("ENGINE", "NAME")}
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings_of_a_worker",
        "TEST_DATABASE": json.dumps(database),
        "TEST_GEMAFU": json.dumps(django_settings.GEMAFU),
    }
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.races.reconciler", *arguments],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(count)
    ]
    try:
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        yield processes
    finally:
        for process in processes:
            process.kill()
            process.communicate()


def make_work(gateway: Sandbox) -> list[Order]:
    """Place orders; some are paid unseen, and some were settled by a process that died then."""
    orders = [
        place_order(amount_fen=1000 + number, customer_id="42", reference=f"A-{number}")
        for number in range(_PAID + _UNPAID + _UNDELIVERED)
    ]
    for order in orders[:_PAID]:
        gateway.pay(order, notifies=False)
    for order in orders[-_UNDELIVERED:]:
        settle(order, source=PaymentSource.QUERY)
    let_claims_run_out()
    return orders


def let_claims_run_out() -> None:
    Order.objects.update(checked_at=timezone.now() - timedelta(minutes=1))


def assert_all_is_well(orders: list[Order]) -> None:
    nothing_sent = Gateway(post_in_this_process)
    for order in orders:
        assert_money_is_safe(order, nothing_sent)
    unpaid = [order for order in orders if order.status == OrderStatus.PENDING]
    assert len(unpaid) == _UNPAID
    assert sum(shipments(order) for order in orders) == _PAID + _UNDELIVERED


def test_runs_at_once_share_the_work(gemafu_sandbox: Sandbox) -> None:
    orders = make_work(gemafu_sandbox)

    with runs(3, "--workers=2") as processes:
        results = [json.loads(process.communicate()[0]) for process in processes]

    assert_all_is_well(orders)
    # 1: what another run was still delivering when this one ended counts as undelivered.
    assert {process.returncode for process in processes} <= {0, 1}
    totals = {name: sum(result[name] for result in results) for name in ("asked", "paid")}
    assert totals == {"asked": _PAID + _UNPAID, "paid": _PAID}
    assert sum(result["delivered"] for result in results) == _UNDELIVERED
    assert all(result["failed"] == 0 for result in results)


def test_runs_that_are_killed_leave_nothing_behind(gemafu_sandbox: Sandbox) -> None:
    orders = make_work(gemafu_sandbox)

    for _ in range(2 * ROUNDS):
        with runs(2, "--workers=2"):
            time.sleep(random.uniform(0, 0.3))
        let_claims_run_out()
    with runs(2) as processes:
        for process in processes:
            process.communicate()

    assert_all_is_well(orders)
