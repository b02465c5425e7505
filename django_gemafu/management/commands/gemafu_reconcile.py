"""Ask the gateway about every order that could have been paid unseen. For a cron job."""

from __future__ import annotations

import json
import re
import signal
import sys
from argparse import ArgumentTypeError
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event
from typing import Any

from django.core.management import BaseCommand, CommandParser

from django_gemafu.operations import reconcile
from django_gemafu.operations.reconcile import WATCH
from django_gemafu.operations.reconciliation import Reconciliation

_UNITS = {"m": "minutes", "h": "hours", "d": "days"}

ALL_CLEAR, NEEDS_A_PERSON, GATEWAY_IS_DOWN = 0, 1, 2


class Command(BaseCommand):
    help = (
        "Settle what was paid unseen, expire what is overdue, deliver what is undelivered. "
        "Exit code: 0 all clear, 1 something needs a person, 2 the gateway could not be asked."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--since",
            type=duration,
            default=WATCH,
            metavar="AGE",
            help="how long an order is asked about after its time was over: 90m, 24h (the "
            "default), 7d",
        )
        parser.add_argument("--limit", type=count, help="take up at most so many orders")
        parser.add_argument("--workers", type=count, default=8, help="threads (default: 8)")
        parser.add_argument("--dry-run", action="store_true", help="only count the candidates")
        parser.add_argument("--json", action="store_true", help="print the summary as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        with stopped_by_signals() as stop, progress_bar() as progress:
            result = reconcile(
                watch=options["since"],
                limit=options["limit"],
                workers=options["workers"],
                dry_run=options["dry_run"],
                stop=stop,
                progress=progress,
            )
        if options["json"]:
            self.stdout.write(json.dumps(result.to_dict(), ensure_ascii=False))
        else:
            self._summarise(result, dry_run=options["dry_run"])
        if code := exit_code(result):
            sys.exit(code)

    def _summarise(self, result: Reconciliation, *, dry_run: bool) -> None:
        if dry_run:
            self.stdout.write(f"{result.candidates} orders would be taken up.")
        else:
            self.stdout.write(
                f"{result.candidates} orders taken up: {result.asked} asked about, "
                f"{result.paid} found paid, {result.expired} expired, {result.resumed} placed "
                f"again, {result.delivered} delivered, {result.failed} failed."
            )
        for problem in result.problems:
            self.stderr.write(f"- {problem}")
        if not result.is_complete:
            self.stderr.write("The run was ended early; the next one goes on.")
        if result.gateway_is_down:
            self.stderr.write("The gateway could not be asked.")
        if result.undelivered or result.unresolved:
            self.stderr.write(
                f"Waiting for a person: {result.undelivered} paid orders that are undelivered, "
                f"{result.unresolved} payments that did not fit."
            )


def exit_code(result: Reconciliation) -> int:
    if result.gateway_is_down:
        return GATEWAY_IS_DOWN
    return NEEDS_A_PERSON if result.needs_a_person else ALL_CLEAR


def duration(text: str) -> timedelta:
    """Read "90m", "24h" or "7d"."""
    match = re.fullmatch(r"([1-9][0-9]{0,4})([mhd])", text)
    if match is None:
        raise ArgumentTypeError('write minutes, hours or days as in "90m", "24h", "7d"')
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def count(text: str) -> int:
    if not re.fullmatch(r"[1-9][0-9]{0,8}", text):
        raise ArgumentTypeError("must be a whole number above 0")
    return int(text)


@contextmanager
def stopped_by_signals() -> Iterator[Event]:
    """Give an event that Ctrl-C and a service manager's stop set, instead of ending the process."""
    stop = Event()
    names = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(name, lambda *_args: stop.set()) for name in names]
    try:
        yield stop
    finally:
        for name, handler in zip(names, before, strict=True):
            signal.signal(name, handler)


@contextmanager
def progress_bar() -> Iterator[Callable[[], object]]:
    """Give a function that counts one order, shown on a terminal where tqdm is installed."""
    try:
        from tqdm import tqdm  # noqa: PLC0415
    except ImportError:
        yield lambda: None
        return
    with tqdm(unit=" orders", disable=None) as bar:  # None: only on a terminal
        yield bar.update
