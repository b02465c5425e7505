"""Settings of the shop whose worker dies: a shop in production, on the database of the tests."""

from __future__ import annotations

import json
import os

from tests.settings import *  # noqa: F403
from tests.settings import GEMAFU as GEMAFU_OF_TESTS
from tests.settings import INSTALLED_APPS as ALL_APPS

DEBUG = False
ROOT_URLCONF = "tests.crashes.urls"
INSTALLED_APPS = [app for app in ALL_APPS if app != "django_gemafu.sandbox"]
DATABASES = {"default": json.loads(os.environ["CRASHES_DATABASE"])}

# SITE_URL and GATEWAY_URL come from the environment.
GEMAFU = {
    **{name: GEMAFU_OF_TESTS[name] for name in ("MERCHANT_ID", "SECRET_KEY", "APP_NAME")},
    "CHECK_INTERVAL_SECONDS": 0.001,
    "CONNECT_TIMEOUT_SECONDS": 5,
    "READ_TIMEOUT_SECONDS": 10,
    "POLL_TIMEOUT_SECONDS": 10,
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"stderr": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}
