"""Fill the shop with a month of orders."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management import BaseCommand, CommandError, CommandParser, call_command
from django.utils import timezone, translation
from django.utils.dateparse import parse_datetime

from django_gemafu.models import Order
from example_project.shop.month.month import live_through

_FEWEST_ORDERS = 60


class Command(BaseCommand):
    help = "Fill the empty shop with a month of orders, good and bad, up to now."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--orders", type=int, default=900, help="how many (900)")
        parser.add_argument("--seed", type=int, default=1, help="another one makes another month")
        parser.add_argument(
            "--end", type=_moment, help="when the month ends, as 2026-10-31T20:15 (now)"
        )
        parser.add_argument("--language", default="en", help="of the operator's notes (en)")

    def handle(self, *, orders: int, seed: int, end: Any, language: str, **options: Any) -> None:
        if orders < _FEWEST_ORDERS:
            raise CommandError(f"A month has at least {_FEWEST_ORDERS} orders: --orders.")
        call_command("migrate", verbosity=0)
        if Order.objects.exists():
            raise CommandError("The shop has orders already. Give it another DATABASE_URL.")
        operator, _is_new = get_user_model().objects.get_or_create(
            username="mei", defaults={"is_staff": True}
        )
        logging.disable()  # what goes wrong is meant to, and is in the stories
        try:
            with translation.override(language):
                live_through(orders=orders, seed=seed, end=end or timezone.now(), operator=operator)
        finally:
            logging.disable(logging.NOTSET)
        self.stdout.write(f"{Order.objects.count()} orders in thirty days.")


def _moment(text: str) -> datetime:
    moment = parse_datetime(text)
    if moment is None:
        raise ValueError(text)
    return timezone.make_aware(moment) if timezone.is_naive(moment) else moment
