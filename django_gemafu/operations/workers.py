"""Threads that share out work, each with a client and a database connection of its own."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from queue import Queue
from threading import Thread
from typing import TypeVar

from django.db import connections

from django_gemafu.protocol.client import GatewayClient

T = TypeVar("T")

logger = logging.getLogger(__name__)


def run_workers(
    count: int,
    items: Iterable[T],
    new_client: Callable[[], GatewayClient],
    do: Callable[[T, GatewayClient], None],
) -> None:
    """Do each of ``items`` in one of ``count`` threads; return when all is done.

    The items are drawn no faster than they are done: however many there are, few are in memory.
    """
    queue: Queue[T | None] = Queue(maxsize=2 * count)
    clients = [new_client() for _ in range(count)]
    threads = [Thread(target=_work, args=(queue, client, do)) for client in clients]
    for thread in threads:
        thread.start()
    try:
        for item in items:
            queue.put(item)
    finally:
        for _ in threads:
            queue.put(None)
        for thread in threads:
            thread.join()


def _work(
    queue: Queue[T | None], client: GatewayClient, do: Callable[[T, GatewayClient], None]
) -> None:
    try:
        with client:
            while (item := queue.get()) is not None:
                try:
                    do(item, client)
                except BaseException:  # a thread that ended early would leave the queue standing
                    logger.exception("A worker failed")
    finally:
        connections.close_all()
