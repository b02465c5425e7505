"""One command from a fresh clone to a shop that can be paid."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import BaseCommand, call_command

_WELCOME = """
  The tea house is open.      Buy something:         http://{address}/
  Pay without a phone:        the sandbox's panel    http://{address}/sandbox/
  See the order and its story: the admin             http://{address}/admin/
                              user "admin", password "admin"

  DEMO_ADDRESS=127.0.0.1:9000 moves it, Ctrl-C closes it.
"""


class Command(BaseCommand):
    help = "Serve the example shop, with the sandbox gateway and an admin user."

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0)
        users = get_user_model().objects
        if not users.filter(username="admin").exists():
            users.create_superuser("admin", "admin@example.com", "admin")
        self.stdout.write(_WELCOME.format(address=settings.DEMO_ADDRESS))
        # In one process: the reloader would start the shop twice.
        call_command("runserver", settings.DEMO_ADDRESS, use_reloader=False)
