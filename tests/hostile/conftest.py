from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest

from tests.hostile import gateways


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Talk to the test's own server, whatever proxy this machine uses."""
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.setenv(name, "*")


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    """Thousands of refusals, each in the log, would be a report that nobody reads."""
    caplog.set_level(logging.CRITICAL, logger="django_gemafu.views")
    caplog.set_level(logging.CRITICAL, logger="django.request")
    caplog.set_level(logging.CRITICAL, logger="django.security.DisallowedHost")


@pytest.fixture(name="gateway")
def _gateway(settings: Any) -> Iterator[gateways.Gateway]:
    with gateways.gateway(settings) as running:
        yield running
