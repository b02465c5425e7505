from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Talk to the test's own servers, whatever proxy this machine uses."""
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.setenv(name, "*")
