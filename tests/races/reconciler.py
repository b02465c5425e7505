"""``gemafu_reconcile`` in a process of its own, which waits for the start gun: a line on stdin."""

from __future__ import annotations

import sys

import django

django.setup()

from django.core.management import call_command  # noqa: E402

from django_gemafu.signals import payment_succeeded  # noqa: E402
from tests.races.shop import ship  # noqa: E402

payment_succeeded.connect(ship)
print("ready", flush=True)  # noqa: T201
sys.stdin.readline()
call_command("gemafu_reconcile", "--json", *sys.argv[1:])
