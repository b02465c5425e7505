"""The reconciliation for Celery, spread over its workers. Needs the extra ``celery``.

Let beat send ``django_gemafu.tasks.reconcile`` every minute or two: it claims what is due, and
sends it on in chunks. See the README for the schedule.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from celery import shared_task

from django_gemafu.operations.reconcile import WATCH, chunks_to_reconcile
from django_gemafu.operations.reconcile import reconcile_chunk as reconcile_chunk_now
from django_gemafu.operations.reconciliation import Action


@shared_task(name="django_gemafu.tasks.reconcile", ignore_result=True)
def reconcile(watch_seconds: float = WATCH.total_seconds(), chunk_size: int = 50) -> int:
    """Send what is due to the workers in chunks of so many orders; return how many chunks.

    Two of them at the same time share the work. A chunk that gets lost comes up again later.
    """
    count = 0
    watch = timedelta(seconds=watch_seconds)
    for action, ids in chunks_to_reconcile(watch=watch, chunk_size=chunk_size):
        reconcile_chunk.delay(action.value, ids)
        count += 1
    return count


@shared_task(name="django_gemafu.tasks.reconcile_chunk")
def reconcile_chunk(action: str, ids: list[int]) -> dict[str, Any]:
    """Do one chunk; return the summary, which is worth keeping where results are kept."""
    return reconcile_chunk_now(Action(action), ids).to_dict()
