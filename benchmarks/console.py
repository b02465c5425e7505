"""``python -m benchmarks.console``: the operator's pages over a million orders."""

from __future__ import annotations

import os
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.utils import timezone  # noqa: E402

from benchmarks.many_orders import fill  # noqa: E402
from django_gemafu.models import Order  # noqa: E402

ROUNDS, LONGEST_SECONDS = 11, 10
LIST = "/admin/django_gemafu/order/"
INBOX = "/admin/django_gemafu/inbox/"
TAKINGS = "/admin/django_gemafu/takings/"


@dataclass
class Page:
    """What one request cost, in milliseconds of the wall, and the statements that it made."""

    total: float
    statements: list[tuple[float, str, Any]] = field(default_factory=list)

    @property
    def database(self) -> float:
        return sum(took for took, _sql, _parameters in self.statements)


def main() -> None:
    parser = ArgumentParser(prog="python -m benchmarks.console", description=__doc__)
    parser.add_argument("--orders", type=int, default=1_000_000)
    parser.add_argument("--days", type=int, default=365, help="over which they are spread")
    parser.add_argument("--keep", action="store_true", help="measure what is there already")
    parser.add_argument("--plans", action="store_true", help="show the query plans, too")
    options = parser.parse_args()
    settings.ROOT_URLCONF = "benchmarks.console_urls"
    call_command("migrate", verbosity=0)
    operator, _is_new = User.objects.get_or_create(
        username="operator", defaults={"is_staff": True, "is_superuser": True}
    )
    if not options.keep:
        fill(options.orders, options.days, operator.pk)
    client = Client()
    client.force_login(operator)
    client.get("/admin/")  # what is loaded once is loaded now
    floor = bare()
    print(f"{Order.objects.count():,} orders, {connection.vendor}\n")
    print(f"| page | statements | database ms | times bare | all ms |\n{'|---' * 5}|")
    print(f"| bare ORDER BY ... LIMIT 100 | 1 | {floor:.1f} | 1.0 | |", flush=True)
    for what, path in paths():
        page = best(client, path)
        print(
            f"| {what} | {len(page.statements)} | {page.database:.1f} "
            f"| {page.database / floor:.1f} | {page.total:.1f} |",
            flush=True,
        )
    if options.plans:
        for what, path in paths():
            print(f"\n## {what}: {path}")
            show_plans(load(client, path))


def paths() -> Iterator[tuple[str, str]]:
    today = timezone.localdate()
    quarter, year = today - timedelta(days=90), today - timedelta(days=364)
    some = Order.objects.filter(status="paid").order_by("-pk")[1000]

    def asking(path: str, **query: object) -> str:
        return f"{path}?{urlencode(query)}"

    yield "list", LIST
    yield "list, page 50", asking(LIST, p=50)
    yield "list, of one status", asking(LIST, status__exact="expired")
    yield "list, of one month", asking(LIST, created_at__year=year.year, created_at__month=12)
    yield "list, with an open question", asking(LIST, attention="any")
    yield "list, undelivered", asking(LIST, delivered="no")
    yield "list, paid late", asking(LIST, late="yes")
    yield "list, learnt by asking", asking(LIST, source="query")
    yield "list, search by reference", asking(LIST, q=some.reference)
    yield "list, search by customer", asking(LIST, q=some.customer_id)
    yield "list, search by amount", asking(LIST, q="12.50")
    yield "an order", f"{LIST}{some.pk}/change/"
    yield "inbox", INBOX
    yield "takings, 30 days", TAKINGS
    yield "takings, today", asking(TAKINGS, first=today, last=today)
    yield "takings, 90 days by week", asking(TAKINGS, first=quarter, last=today, step="week")
    yield "takings, a year by month", asking(TAKINGS, first=year, last=today, step="month")


def bare() -> float:
    """Return the milliseconds that the least query of a list takes."""
    queryset = Order.objects.order_by("-created_at", "-pk")[:100]
    return min(_timed(lambda: list(queryset.all())) for _ in range(ROUNDS))


def best(client: Client, path: str) -> Page:
    """Load a page several times; return the time that other work on the machine disturbed least."""
    pages = [load(client, path)]
    rounds = min(ROUNDS, max(3, int(LONGEST_SECONDS * 1e3 / pages[0].total)))
    pages += [load(client, path) for _ in range(rounds - 1)]
    return min(pages, key=lambda page: page.database)


def load(client: Client, path: str) -> Page:
    page = Page(0)
    with timing(page):
        started = time.perf_counter()
        response = client.get(path, secure=True)
        page.total = (time.perf_counter() - started) * 1e3
    assert response.status_code == HTTPStatus.OK, (path, response.status_code)
    return page


@contextmanager
def timing(page: Page) -> Iterator[None]:
    def execute(run: Callable[..., Any], sql: str, parameters: Any, *further: Any) -> Any:
        started = time.perf_counter()
        try:
            return run(sql, parameters, *further)
        finally:
            page.statements.append(((time.perf_counter() - started) * 1e3, sql, parameters))

    with connection.execute_wrapper(execute):
        yield


def show_plans(page: Page) -> None:
    how = (
        "EXPLAIN (ANALYZE, BUFFERS)" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
    )
    for took, sql, parameters in page.statements:
        if "django_gemafu_" not in sql or not sql.startswith("SELECT"):
            continue
        print(f"\n{took:.1f} ms: {sql[:300]}")
        with connection.cursor() as cursor:
            cursor.execute(f"{how} {sql}", parameters)
            for row in cursor.fetchall():
                print("   ", row[-1])


def _timed(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return (time.perf_counter() - started) * 1e3


if __name__ == "__main__":
    main()
