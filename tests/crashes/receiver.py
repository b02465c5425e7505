"""The shop's own part: each delivery adds a row to a table that forbids nothing."""

from __future__ import annotations

import time
from typing import Any

from django.db import connection

from tests.crashes.notes import Notes

_HANG_NAPS = 1200


def create_table() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS crashes_shipment")
        cursor.execute("CREATE TABLE crashes_shipment (reference varchar(64) NOT NULL)")


def drop_table() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE crashes_shipment")


def ship(order: Any, **kwargs: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO crashes_shipment (reference) VALUES (%s)", [order.reference])


def shipments(reference: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM crashes_shipment WHERE reference = %s", [reference])
        count: int = cursor.fetchone()[0]
    return count


def misbehave(notes: Notes) -> None:
    """Do what the note says: ``raise``, ``raise 3`` for the next three times, or ``hang`` once."""
    match (notes.read("receiver") or "").split():
        case ["raise"]:
            raise RuntimeError("the shop's own code failed")
        case ["raise", times]:
            left = int(times) - 1
            notes.leave("receiver", f"raise {left}" if left else "")
            raise RuntimeError("the shop's own code failed")
        case ["hang"]:
            notes.leave("receiver", "hanging")
            # In naps: a signal that comes just before a sleep does not wake from it.
            for _ in range(_HANG_NAPS):
                time.sleep(0.05)
