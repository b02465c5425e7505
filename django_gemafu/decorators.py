"""Decorators for views."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.db import connections, transaction

V = TypeVar("V", bound=Callable[..., Any])


def non_atomic(view: V) -> V:
    """Exempt a view from ``ATOMIC_REQUESTS``, whichever database the orders are in.

    The operations commit by themselves: what was learnt about money must not go down with a later
    error, and no row may stay locked while the gateway is asked.
    """
    for alias in connections:
        view = transaction.non_atomic_requests(using=alias)(view)
    return view
