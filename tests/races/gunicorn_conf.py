"""How gunicorn runs in the races. What an older gunicorn does not know, it ignores."""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import Any

wsgi_app = "tests.races.wsgi"
workers = 4
preload_app = True
control_socket_disable = True  # one for each user, in which two runs would meet


def when_ready(server: Any) -> None:
    """End with the test run, should that be killed: then the pipe to it ends."""

    def wait() -> None:
        sys.stdin.read()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, daemon=True).start()
