"""``python -m benchmarks``: what the app costs, as ratios to the least that would do."""

from __future__ import annotations

import os
import resource
import secrets
import time
from collections.abc import Callable
from datetime import timedelta
from statistics import median
from urllib.parse import urlsplit

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.settings")
django.setup()

import requests  # noqa: E402
from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from benchmarks import bare  # noqa: E402
from benchmarks.gateway import LATENCY_SECONDS  # noqa: E402
from benchmarks.requests import cpu_seconds, ratio, send  # noqa: E402
from benchmarks.servers import cpu_of, gunicorn, slow_gateway  # noqa: E402
from django_gemafu.models import Order, OrderEvent, Payment  # noqa: E402
from django_gemafu.operations import reconcile  # noqa: E402
from django_gemafu.operations.notify_address import notify_url  # noqa: E402
from django_gemafu.protocol.messages import Envelope  # noqa: E402
from django_gemafu.qr import png  # noqa: E402
from django_gemafu.signals import payment_succeeded  # noqa: E402
from django_gemafu.testing import make_order, notification  # noqa: E402

Calls = list[Callable[[], object]]
Message = tuple[str, bytes]

RECONCILED, WORKERS = 10_000, 32


def main() -> None:
    call_command("migrate", verbosity=0)
    empty()
    payment_succeeded.connect(receive)
    bare.bare_payment.connect(receive)
    print(f"{'':30} {'floor':>10} {'ours':>10} {'floor/ours':>10}   {connection.vendor}")
    show("notify, in process", *ratio(calls_of(bare_messages), calls_of(messages), 100, 15))
    with gunicorn() as (url, worker):
        show("notify, under gunicorn", *served(url, worker, 200, 9))
    show("status, in process", *ratio(bare_status, status, 200, 15))
    show("QR image", *ratio(bare_qr, qr, 5, 9))
    show("QR image, loaded again", *ratio(bare_qr, qr_again, 5, 9))
    reconciliation()
    if connection.vendor == "postgresql":
        growth()
    empty()


def show(what: str, floor: float, ours: float, share: float) -> None:
    print(f"{what:30} {floor * 1e3:7.2f} ms {ours * 1e3:7.2f} ms {share:10.2f}", flush=True)


def empty() -> None:
    for model in (OrderEvent, Payment, Order):
        model.objects.all()._raw_delete(using="default")  # type: ignore[attr-defined]


def receive(**kwargs: object) -> None:
    """Stand for the shop's own code."""


def bare_messages(size: int) -> list[Message]:
    return [_message(order, f"/bare/{order.token}/notify/") for order in _orders(size)]


def messages(size: int) -> list[Message]:
    return [_message(order, urlsplit(notify_url(order.token)).path) for order in _orders(size)]


def calls_of(make: Callable[[int], list[Message]]) -> Callable[[int], Calls]:
    def calls(size: int) -> Calls:
        return [lambda path=path, body=body: send("POST", path, body) for path, body in make(size)]

    return calls


def served(url: str, worker: int, size: int, rounds: int) -> tuple[float, float, float]:
    """Compare the processor's time of the server's worker, to which the requests go over HTTP."""
    session = requests.Session()

    def cost(batch: list[Message]) -> float:
        before = cpu_of(worker)
        for path, body in batch:
            assert session.post(url + path, data=body, timeout=10).content == b"200"
        return (cpu_of(worker) - before) / len(batch)

    pairs = [(cost(bare_messages(size)), cost(messages(size))) for _ in range(rounds)]
    floors, ours = zip(*pairs, strict=True)
    return median(floors), median(ours), median(a / b for a, b in pairs)


def bare_status(size: int) -> Calls:
    return [lambda path=f"/bare/{o.token}/status/": send("GET", path) for o in _orders(size)]


def status(size: int) -> Calls:
    return [lambda path=f"/pay/{o.token}/status/": send("GET", path) for o in _orders(size)]


def bare_qr(size: int) -> Calls:
    return [lambda: bare.qr(f"wxp://{secrets.token_hex(16)}") for _ in range(size)]


def qr(size: int) -> Calls:
    return [lambda: png(f"wxp://{secrets.token_hex(16)}") for _ in range(size)]


def qr_again(size: int) -> Calls:
    png("wxp://the same as before")
    return [lambda: png("wxp://the same as before") for _ in range(size)]


def reconciliation() -> None:
    """Ask a gateway that takes 50 ms about ten thousand orders."""
    empty()
    long_ago = timezone.now() - timedelta(minutes=1)
    for _ in range(RECONCILED // 1000):
        orders = [_unsaved(checked_at=long_ago) for _ in range(1000)]
        Order.objects.bulk_create(orders)
    with slow_gateway() as url:
        settings.GEMAFU["GATEWAY_URL"] = url
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


def growth() -> None:
    """Compare notify with a thousand, a hundred thousand and a million orders in the table."""
    costs = []
    for size in (1_000, 100_000, 1_000_000):
        _fill(size)
        batches = [calls_of(messages)(100) for _ in range(9)]
        costs.append(median(cpu_seconds(batch) for batch in batches))
        show(f"notify, {size:,} orders", costs[0], costs[-1], costs[0] / costs[-1])
    for name, queryset in (
        ("overdue", Order.objects.overdue(timezone.now())),
        ("undelivered", Order.objects.undelivered()),
        ("unresolved", Payment.objects.unresolved()),
    ):
        print(f"\n{name}:\n{queryset.explain()}")


def _fill(size: int) -> None:
    """Add paid and delivered orders up to so many, each with its payment."""
    missing = size - Order.objects.count()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO django_gemafu_order (token, merchant_id, reference, gateway_order_id,
                app_name, customer_id, amount_fen, payable_fen, qr_content, is_free_input,
                return_url, body, status, needs_review, created_at, expires_at, paid_at,
                delivered_at)
            SELECT gen_random_uuid(), 9999, 'old-' || %s + n, %s + n, 'BENCHMARK', 'customer',
                1250, 1250, 'wxp://', false, '', '', 'paid', false, now(), now(), now(),
                now()
            FROM generate_series(1, %s) AS n
            """,
            [size, size * 10, max(0, missing)],
        )
        cursor.execute(
            """
            INSERT INTO django_gemafu_payment (order_id, gateway_payment_id, amount_fen, paid_at,
                source, verdict, is_late, created_at, resolution_note)
            SELECT o.id, o.gateway_order_id, 1250, now(), 'notification', 'accepted', false,
                now(), ''
            FROM django_gemafu_order o LEFT JOIN django_gemafu_payment p ON p.order_id = o.id
            WHERE p.id IS NULL AND o.reference LIKE 'old-%%'
            """
        )
        cursor.execute("ANALYZE")


def _unsaved(**fields: object) -> Order:
    now = timezone.now()
    return Order(
        merchant_id=9999,
        app_name="BENCHMARK",
        reference=secrets.token_hex(8),
        customer_id="customer",
        amount_fen=1250,
        payable_fen=1250,
        gateway_order_id=secrets.randbelow(10**15),
        qr_content="wxp://",
        status="pending",
        expires_at=now + timedelta(minutes=5),
        **fields,
    )


def _orders(size: int) -> list[Order]:
    return [make_order(reference=secrets.token_hex(8)) for _ in range(size)]


def _message(order: Order, path: str) -> Message:
    """Make the order's notification; its body tells the bare view the row, which ours finds."""
    Order.objects.filter(pk=order.pk).update(body=str(order.pk))
    order.body = str(order.pk)
    return path, Envelope.seal(notification(order), settings.GEMAFU["SECRET_KEY"]).to_json()


if __name__ == "__main__":
    main()
