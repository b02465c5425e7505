from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, connections

from django_gemafu.models import Order
from django_gemafu.protocol.messages import Notification
from django_gemafu.signals import payment_succeeded
from django_gemafu.testing import notify
from tests.races.happenings import operator
from tests.races.racing import TALLY, Answer, Gateway
from tests.races.shop import ship


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if TALLY:
        counts = ", ".join(f"{count} x {answer}" for answer, count in sorted(TALLY.items()))
        terminalreporter.write_line(f"Answers in the races: {counts}")


def post_in_this_process(order: Order, message: Notification) -> Answer:
    response = notify(order, message)
    return response.status_code, response.content.decode()


@pytest.fixture(params=["as configured", "Django's defaults"])
def options(request: pytest.FixtureRequest) -> Iterator[None]:
    """The database's options, and on SQLite also those of a shop that set none at all."""
    if request.param == "as configured":
        yield
        return
    if connection.vendor != "sqlite":
        pytest.skip("only SQLite needs options")
    configured = connections.settings["default"]["OPTIONS"]
    connections.settings["default"]["OPTIONS"] = {}  # for connections to come: each racer's own
    yield
    connections.settings["default"]["OPTIONS"] = configured


@pytest.fixture
def shop(transactional_db: None) -> Iterator[None]:
    operator()  # before the races, which would all create it
    payment_succeeded.connect(ship)
    yield
    payment_succeeded.disconnect(ship)


@pytest.fixture
def gateway(transactional_db: None, shop: None) -> Gateway:
    return Gateway(post_in_this_process)
