"""Reconciling: asking the gateway about every order that could have been paid unseen."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from itertools import groupby, islice
from operator import itemgetter
from threading import Event

from django_gemafu.models import Order
from django_gemafu.operations.gateway import gateway_client
from django_gemafu.operations.reconciliation import Action, Reconciliation, Run
from django_gemafu.operations.transactions import require_no_transaction
from django_gemafu.operations.workers import run_workers

#: For how long an order is asked about after its time was over.
WATCH = timedelta(days=1)


def reconcile(
    *,
    watch: timedelta = WATCH,
    limit: int | None = None,
    workers: int = 8,
    dry_run: bool = False,
    stop: Event | None = None,
    progress: Callable[[], object] = lambda: None,
) -> Reconciliation:
    """Ask about every order that waits, or has expired within ``watch``, and finish what is open.

    What was paid is settled and delivered; what is overdue and unpaid expires; orders that the
    gateway has not answered are placed again; paid orders that are undelivered are delivered.
    At most ``limit`` orders are taken up, by ``workers`` threads, each with a connection to the
    gateway of its own. Runs at the same time share the work. One order's failure is noted and
    stops no other; when nothing but silence comes from the gateway, the run ends early.

    Set ``stop`` from elsewhere to end the run after the calls that are under way. ``progress`` is
    called after each order. With ``dry_run`` nothing is asked and nothing changed: look at
    ``candidates``. Raises :class:`TransactionOpen` when called inside of a transaction.
    """
    require_no_transaction()
    run = Run(watch, stop, progress)
    if dry_run:
        run.result.candidates = run.count_candidates()
    else:
        run_workers(workers, islice(run.work(), limit), gateway_client, run.do)
    return run.finished()


def chunks_to_reconcile(
    *, watch: timedelta = WATCH, chunk_size: int = 50
) -> Iterator[tuple[Action, list[int]]]:
    """Yield what a run would take up, as primary keys, for :func:`reconcile_chunk` elsewhere.

    The orders to be asked about are claimed: should a chunk get lost, they come up again later.
    """
    require_no_transaction()
    for action, works in groupby(Run(watch).work(), key=itemgetter(0)):
        while ids := [order.pk for _action, order in islice(works, chunk_size)]:
            yield action, ids


def reconcile_chunk(action: Action, ids: Sequence[int]) -> Reconciliation:
    """Do to these orders what is due, one after the other. What went wrong is in the result."""
    require_no_transaction()
    run = Run(WATCH)
    with gateway_client() as client:
        for order in Order.objects.fresh().filter(pk__in=ids):
            if not run.stop.is_set():
                run.do((action, order), client)
    return run.finished()
