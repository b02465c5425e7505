"""Transactions on the database that holds the orders."""

from __future__ import annotations

from collections.abc import Callable

from django.db import router, transaction

from django_gemafu.exceptions import TransactionOpen
from django_gemafu.models import Order


def atomic(*, durable: bool = False) -> transaction.Atomic:
    return transaction.atomic(using=router.db_for_write(Order), durable=durable)


def require_no_transaction() -> None:
    """Raise :class:`TransactionOpen` if the caller could roll back what is about to be done."""
    if not transaction.get_connection(router.db_for_write(Order)).in_atomic_block:
        return
    try:  # Django knows which of them belong to a test case, and lets those pass
        with atomic(durable=True):
            pass
    except RuntimeError as error:
        raise TransactionOpen(
            "The gateway must not be asked from within a transaction: if it were rolled back, an "
            "order that can be paid would be gone. Call it outside of transaction.atomic(), and "
            "with ATOMIC_REQUESTS decorate the view with transaction.non_atomic_requests."
        ) from error


def on_commit(function: Callable[[], object]) -> None:
    """Call the function once the outermost transaction is committed."""
    transaction.on_commit(function, using=router.db_for_write(Order))
