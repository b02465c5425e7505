"""The shop of the races. What it does for a payment can be counted in the database."""

from __future__ import annotations

import random
from typing import Any
from uuid import uuid4

from django.contrib.auth.models import Group

from django_gemafu.models import Order

#: For this customer's orders every other delivery fails, after the shop has written its row.
UNLUCKY = "unlucky"


class OutOfStock(Exception):
    """Raised by a receiver that fails for some of the racers."""


def ship(order: Order, **kwargs: Any) -> None:
    """Send the goods: one row more each time, which nothing but the transaction prevents."""
    Group.objects.create(name=f"{order.reference} {uuid4()}")
    if order.customer_id == UNLUCKY and random.random() < 0.5:
        raise OutOfStock


def shipments(order: Order) -> int:
    return Group.objects.filter(name__startswith=f"{order.reference} ").count()
