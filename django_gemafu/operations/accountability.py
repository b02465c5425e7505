"""What a person's act has to bring, so that it can be explained a year later."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone

from django_gemafu.exceptions import ActIncomplete
from django_gemafu.models import Order
from django_gemafu.protocol.fields import MAX_INTEGER


def require_person(order: Order, user: Any, **reasons: str) -> None:
    """Raise :class:`ActIncomplete` unless somebody did it, and said why."""
    if user is None:
        raise ActIncomplete("Money is decided upon by a person: give the user.", order=order)
    for name, reason in reasons.items():
        if not reason.strip():
            raise ActIncomplete(f"Say what the {name} is: it must not be empty.", order=order)


def require_amount(order: Order, amount_fen: int) -> None:
    """Raise :class:`ActIncomplete` unless it is an amount of money, in whole fen."""
    if type(amount_fen) is not int or not 0 < amount_fen <= MAX_INTEGER:
        raise ActIncomplete(
            f"The amount must be a whole number of fen above zero, not {amount_fen!r}.", order=order
        )


def require_past(order: Order, moment: datetime) -> None:
    """Raise :class:`ActIncomplete` unless it is a point in time that has come."""
    if timezone.is_naive(moment):
        raise ActIncomplete("The time needs a time zone.", order=order)
    if moment > timezone.now():
        raise ActIncomplete("The time is still to come: compare the clocks.", order=order)
