"""A host's Celery app, for the worker that the tests of the tasks start."""

from __future__ import annotations

import os

import django
from celery import Celery
from kombu import Queue

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings_of_a_worker")
django.setup()

from django_gemafu.signals import payment_succeeded  # noqa: E402
from tests.races.shop import ship  # noqa: E402

payment_succeeded.connect(ship)

app = Celery("tests", broker=os.environ["TEST_BROKER_URL"])
app.conf.task_default_queue = os.environ["TEST_QUEUE"]
# Gone by itself when nobody has used it for a minute.
app.conf.task_queues = [Queue(os.environ["TEST_QUEUE"], expires=60)]
app.autodiscover_tasks(["django_gemafu"])
