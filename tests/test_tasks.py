"""The tasks on a real worker, with each of the brokers that Celery recommends."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.utils import timezone

from django_gemafu.enums import OrderStatus, PaymentSource
from django_gemafu.models import Order, Payment
from django_gemafu.operations import place_order
from django_gemafu.testing.plugin import Sandbox
from tests.races.shop import shipments

pytest.importorskip("celery")

BROKERS = ["redis://127.0.0.1:6379/9", "amqp://guest:guest@127.0.0.1:5672//"]
_PATIENCE_SECONDS = 30


def celery(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "celery", "-A", "tests.celery_app", *arguments]


def is_listening(url: str) -> bool:
    parts = urlsplit(url)
    try:
        socket.create_connection((str(parts.hostname), int(parts.port or 0)), timeout=2).close()
    except OSError:
        return False
    return True


class Worker:
    """Celery's processes on the tests' database, which lead a process group of their own."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = environment
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(
            celery("worker", "--concurrency=2", "--loglevel=WARNING"),
            env=self._environment,
            start_new_session=True,
        )

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(timeout=_PATIENCE_SECONDS)

    def kill(self) -> None:
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def send(self, task: str, **arguments: Any) -> None:
        command = celery("call", task, "--kwargs", json.dumps(arguments))
        subprocess.run(command, env=self._environment, check=True, stdout=subprocess.DEVNULL)


@pytest.fixture(params=BROKERS, ids=["redis", "rabbitmq"])
def worker(request: pytest.FixtureRequest, gemafu_sandbox: Sandbox) -> Iterator[Worker]:
    if not is_listening(request.param):
        if request.config.getoption("--require-services"):
            pytest.fail(f"nothing listens at {request.param}")
        pytest.skip(f"nothing listens at {request.param}")
    connected = {name: connection.settings_dict[name] for name in ("ENGINE", "NAME")}
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings_of_a_worker",
        "TEST_BROKER_URL": request.param,
        "TEST_QUEUE": f"gemafu-{uuid4()}",
        "TEST_DATABASE": json.dumps(connected),
        "TEST_GEMAFU": json.dumps(django_settings.GEMAFU),
    }
    running = Worker(environment)
    yield running
    running.stop()


def wait_until(is_done: Any) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not is_done():
        assert time.monotonic() < deadline, "the worker did not do it in time"
        time.sleep(0.1)


@pytest.mark.django_db(transaction=True)
def test_a_chunk_tells_what_came_of_it(gemafu_sandbox: Sandbox) -> None:
    from celery import current_app

    from django_gemafu import tasks

    order = place_order(amount_fen=1000, customer_id="42", reference="A-1")
    gemafu_sandbox.pay(order, notifies=False)

    assert tasks.reconcile_chunk("check", [order.pk])["paid"] == 1
    Order.objects.update(delivered_at=None, checked_at=timezone.now() - timedelta(minutes=1))
    current_app.conf.task_always_eager = True  # in this process, with no broker
    assert tasks.reconcile() == 1
    assert Order.objects.get().delivered_at is not None


def place_orders(gateway: Sandbox, *, paid: int, unpaid: int) -> list[Order]:
    """Place orders that nobody has asked about for a while; return those that are paid unseen."""
    orders = [
        place_order(amount_fen=1000 + number, customer_id="42", reference=f"A-{number}")
        for number in range(paid + unpaid)
    ]
    for order in orders[:paid]:
        gateway.pay(order, notifies=False)
    let_claims_run_out()
    return orders[:paid]


def let_claims_run_out() -> None:
    Order.objects.update(checked_at=timezone.now() - timedelta(minutes=1))


def count_delivered() -> int:
    return Order.objects.exclude(delivered_at=None).count()


@pytest.mark.django_db(transaction=True)
def test_a_worker_finds_what_was_paid_unseen(gemafu_sandbox: Sandbox, worker: Worker) -> None:
    place_orders(gemafu_sandbox, paid=3, unpaid=3)
    before = timezone.now()

    worker.send("django_gemafu.tasks.reconcile", chunk_size=2)

    wait_until(lambda: not Order.objects.filter(checked_at__lt=before).exists())
    wait_until(lambda: count_delivered() == 3)
    assert set(Payment.objects.values_list("source", flat=True)) == {PaymentSource.QUERY}
    assert Order.objects.filter(status=OrderStatus.PENDING).count() == 3


@pytest.mark.django_db(transaction=True)
def test_what_a_killed_worker_left_is_taken_up_by_another(
    gemafu_sandbox: Sandbox, worker: Worker
) -> None:
    paid = place_orders(gemafu_sandbox, paid=12, unpaid=0)
    gemafu_sandbox.behave(delay_seconds=0.1)

    worker.send("django_gemafu.tasks.reconcile", chunk_size=3)
    wait_until(lambda: count_delivered() > 0)
    worker.kill()
    left = len(paid) - count_delivered()
    gemafu_sandbox.behave(delay_seconds=0)
    let_claims_run_out()
    worker.start()
    worker.send("django_gemafu.tasks.reconcile", chunk_size=3)

    wait_until(lambda: count_delivered() == len(paid))
    assert left > 0
    assert Payment.objects.count() == len(paid)
    assert [shipments(order) for order in paid] == [1] * len(paid)
