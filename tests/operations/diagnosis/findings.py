"""What the tests expect of every finding."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django_gemafu.conf import conf
from django_gemafu.operations.diagnosis.finding import Finding


def codes(findings: Iterable[Finding]) -> list[str]:
    return [finding.code for finding in findings]


def only(findings: Iterable[Finding]) -> Finding:
    """Return the one finding, which tells no secret and says what to do if something is wrong."""
    (finding,) = findings
    assert bool(finding.advice) == (finding.level != "ok")
    assert conf.secret_key not in str(finding)
    assert "not-a-proof" not in str(finding)
    return finding


def point(settings: Any, **changes: Any) -> None:
    """Let the settings point elsewhere."""
    settings.GEMAFU = {**settings.GEMAFU, **changes}
