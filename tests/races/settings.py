"""Settings of a shop's web server, on the database of the test run that starts it."""

from __future__ import annotations

import os

from tests.settings import *  # noqa: F403 # a settings module
from tests.settings import DATABASES

DEBUG = False
DATABASES["default"]["NAME"] = os.environ["GEMAFU_RACE_DATABASE"]
if "GEMAFU_RACE_OPTIONS_UNSET" in os.environ:
    DATABASES["default"].pop("OPTIONS", None)
