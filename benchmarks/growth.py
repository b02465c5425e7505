"""What a table of a million orders costs, on PostgreSQL.

The sizes lie side by side in schemas of their own, so that they can be measured in turn.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from statistics import median

from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from benchmarks.orders import add_unasked_orders, calls_of, messages
from benchmarks.requests import cpu_seconds
from benchmarks.servers import cpu_of
from django_gemafu.models import Order, Payment
from django_gemafu.operations.reconcile import WATCH
from django_gemafu.operations.reconciliation import Run

SIZES = (1_000, 100_000, 1_000_000)

_CALLS, _ROUNDS = 200, 9
_CANDIDATES = 1_000


def growth(reconcile_all: Callable[[], object]) -> None:
    """Notify and reconcile among a thousand, a hundred thousand and a million settled orders.

    ``reconcile_all`` reconciles what there is.
    """
    for size in SIZES:
        _use_schema(size)
        call_command("migrate", verbosity=0)
        _fill(size)
    costs: dict[int, list[float]] = {size: [] for size in SIZES}
    for _ in range(_ROUNDS):
        for size in SIZES:
            _use_schema(size)
            costs[size].append(_notify_seconds())
    for size in SIZES:
        share = median(a / b for a, b in zip(costs[SIZES[0]], costs[size], strict=True))
        _show("notify", size, median(costs[size]) * 1e3, "ms", share)
    floor = 0.0
    for size in SIZES:
        _use_schema(size)
        add_unasked_orders(_CANDIDATES)
        before = time.monotonic()
        reconcile_all()
        seconds = time.monotonic() - before
        floor = floor or seconds
        _show(f"reconcile {_CANDIDATES:,}", size, seconds, "s ", floor / seconds)
        print(f"{'':30} the process at its largest {_largest_mb()} MB")
    _show_plans()


def _notify_seconds() -> float:
    """Return the processor's seconds of one notification, here and in the database's process."""
    calls = calls_of(messages)(_CALLS)
    backend = connection.connection.info.backend_pid
    before = cpu_of(backend)
    ours = cpu_seconds(calls)
    return ours + (cpu_of(backend) - before) / _CALLS


def _show(what: str, size: int, number: float, unit: str, share: float) -> None:
    print(f"{what}, among {size:,} orders".ljust(41) + f"{number:10.2f} {unit} {share:10.2f}")


def _largest_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _show_plans() -> None:
    """Print how the largest table is searched for what reconcile looks for."""
    add_unasked_orders(_CANDIDATES)
    run = Run(WATCH)
    for name, queryset in (
        ("due", run.due()[:500]),
        ("unanswered", run.unanswered()),
        ("undelivered", run.undelivered()),
        ("overdue", Order.objects.overdue(timezone.now())),
        ("unresolved", Payment.objects.unresolved()),
    ):
        print(f"\n{name}:\n{queryset.explain(analyze=True)}")


def _use_schema(size: int) -> None:
    """Let this and every new connection see the tables of one size."""
    connection.close()
    connection.settings_dict["OPTIONS"]["options"] = f"-c search_path=orders_{size}"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA IF NOT EXISTS orders_{size}")


def _fill(size: int) -> None:
    """Store a year's orders: three of four are paid and delivered, the others expired."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE django_gemafu_order CASCADE")
        cursor.execute(
            """
            INSERT INTO django_gemafu_order (token, merchant_id, reference, gateway_order_id,
                app_name, customer_id, amount_fen, payable_fen, qr_content, is_free_input,
                return_url, body, status, needs_review, created_at, expires_at, paid_at,
                delivered_at)
            SELECT gen_random_uuid(), 9999, 'old-' || n, n, 'BENCHMARK', 'customer', 1250, 1250,
                'wxp://', false, '', '', CASE WHEN is_paid THEN 'paid' ELSE 'expired' END, false,
                placed_at, placed_at + interval '5 minutes', paid_at, paid_at
            FROM generate_series(1, %s) AS n,
                LATERAL (SELECT n %% 4 > 0 AS is_paid,
                    now() - interval '2 days' - n * interval '1 year' / %s AS placed_at) AS a,
                LATERAL (SELECT CASE WHEN is_paid THEN placed_at + interval '1 minute' END
                    AS paid_at) AS b
            """,
            [size, size],
        )
        cursor.execute(
            """
            INSERT INTO django_gemafu_payment (order_id, gateway_payment_id, amount_fen, paid_at,
                source, verdict, is_late, created_at, resolution_note)
            SELECT id, gateway_order_id, 1250, paid_at, 'notification', 'accepted', false, paid_at,
                ''
            FROM django_gemafu_order WHERE status = 'paid'
            """
        )
        cursor.execute("ANALYZE")
