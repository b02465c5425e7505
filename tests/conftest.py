from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from django_gemafu.signals import payment_succeeded

pytest_plugins = ["django_gemafu.testing.plugin"]


class Receiver:
    """A host's receiver: notes what it was sent, and raises what it is told to."""

    def __init__(self) -> None:
        self.received: list[tuple[Any, Any]] = []
        self.raises: Exception | None = None

    def __call__(self, sender: Any, order: Any, payment: Any, **kwargs: Any) -> None:
        if self.raises is not None:
            raise self.raises
        self.received.append((order, payment))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--require-browser",
        action="store_true",
        help="fail instead of skipping when there is no browser for the tests that need one",
    )
    parser.addoption(
        "--require-services",
        action="store_true",
        help="fail instead of skipping when a server that a test needs is not running",
    )


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    payment_succeeded.connect(receiver)
    yield receiver
    payment_succeeded.disconnect(receiver)
