"""``python -m benchmarks``: what the app costs, as ratios to the least that would do."""

from __future__ import annotations

import os
import resource
import secrets
import time
from collections.abc import Iterable
from functools import partial
from statistics import median

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.settings")
django.setup()

import requests  # noqa: E402
from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from benchmarks import bare, orders  # noqa: E402
from benchmarks.gateway import LATENCY_SECONDS  # noqa: E402
from benchmarks.growth import growth  # noqa: E402
from benchmarks.orders import Calls, Message, calls_of  # noqa: E402
from benchmarks.requests import ratio, send  # noqa: E402
from benchmarks.servers import cpu_of, gunicorn, slow_gateway  # noqa: E402
from django_gemafu.operations import reconcile  # noqa: E402
from django_gemafu.qr import png  # noqa: E402
from django_gemafu.signals import payment_succeeded  # noqa: E402

RECONCILED, WORKERS = 10_000, 32


def main() -> None:
    call_command("migrate", verbosity=0)
    orders.empty()
    payment_succeeded.connect(receive)
    bare.bare_payment.connect(receive)
    print(f"{'':30} {'floor':>10} {'ours':>10} {'floor/ours':>10}   {connection.vendor}")
    floor, ours = calls_of(orders.bare_messages), calls_of(orders.messages)
    show("notify, in process", *ratio(floor, ours, 100, 15))
    with gunicorn() as (url, worker):
        show("notify, under gunicorn", *served(url, worker, 200, 9))
    show("status, in process", *ratio(bare_status, status, 200, 15))
    show("QR image", *ratio(bare_qr, qr, 5, 9))
    show("QR image, loaded again", *ratio(bare_qr, qr_again, 5, 9))
    with slow_gateway() as url:
        settings.GEMAFU["GATEWAY_URL"] = url
        reconciliation()
        if connection.vendor == "postgresql":
            growth(lambda: reconcile(workers=WORKERS))
    orders.empty()


def show(what: str, floor: float, ours: float, share: float) -> None:
    print(f"{what:30} {floor * 1e3:7.2f} ms {ours * 1e3:7.2f} ms {share:10.2f}", flush=True)


def receive(**kwargs: object) -> None:
    """Stand for the shop's own code."""


def served(url: str, worker: int, size: int, rounds: int) -> tuple[float, float, float]:
    """Compare the processor's time of the server's worker, to which the requests go over HTTP."""
    session = requests.Session()

    def cost(batch: list[Message]) -> float:
        before = cpu_of(worker)
        for path, body in batch:
            assert session.post(url + path, data=body, timeout=10).content == b"200"
        return (cpu_of(worker) - before) / len(batch)

    pairs = [(cost(orders.bare_messages(size)), cost(orders.messages(size))) for _ in range(rounds)]
    floors, ours = zip(*pairs, strict=True)
    return median(floors), median(ours), median(a / b for a, b in pairs)


def bare_status(size: int) -> Calls:
    return _gets(f"/bare/{order.token}/status/" for order in orders.new_orders(size))


def status(size: int) -> Calls:
    return _gets(f"/pay/{order.token}/status/" for order in orders.new_orders(size))


def _gets(paths: Iterable[str]) -> Calls:
    return [partial(send, "GET", path) for path in paths]


def bare_qr(size: int) -> Calls:
    return [lambda: bare.qr(f"wxp://{secrets.token_hex(16)}") for _ in range(size)]


def qr(size: int) -> Calls:
    return [lambda: png(f"wxp://{secrets.token_hex(16)}") for _ in range(size)]


def qr_again(size: int) -> Calls:
    png("wxp://the same as before")
    return [lambda: png("wxp://the same as before") for _ in range(size)]


def reconciliation() -> None:
    """Ask a gateway that takes 50 ms about ten thousand orders."""
    orders.empty()
    orders.add_unasked_orders(RECONCILED)
    before = time.monotonic()
    result = reconcile(workers=WORKERS)
    seconds = time.monotonic() - before
    assert (result.asked, result.failed) == (RECONCILED, 0), result
    ideal = RECONCILED * LATENCY_SECONDS / WORKERS
    memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"{'reconcile 10,000 orders':30} {ideal:8.1f} s {seconds:8.1f} s {ideal / seconds:10.2f}"
        f"   {WORKERS} workers, the process at its largest {memory_mb} MB",
        flush=True,
    )


if __name__ == "__main__":
    main()
