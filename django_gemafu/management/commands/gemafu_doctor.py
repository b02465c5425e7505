"""Examine a deployment from inside, and say what to do."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django.core.management import BaseCommand, CommandParser

from django_gemafu.management.commands.gemafu_reconcile import (
    ALL_CLEAR,
    GATEWAY_IS_DOWN,
    NEEDS_A_PERSON,
)
from django_gemafu.operations.diagnose import GATEWAY_SILENT, Finding, diagnose

_MARKS = {"ok": "OK  ", "warning": "WARN", "problem": "FAIL"}
_STYLES = {"ok": "SUCCESS", "warning": "WARNING", "problem": "ERROR"}


class Command(BaseCommand):
    help = (
        "Examine this deployment: settings, gateway, notify address, clock, orders, database. "
        "Changes nothing. "
        "Exit code: 0 all clear, 1 something needs a person, 2 the gateway could not be asked."
    )
    # It reports what the checks say; they must not keep it from starting.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--offline", action="store_true", help="ask neither the gateway nor the shop's own site"
        )
        parser.add_argument("--json", action="store_true", help="print the findings as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        findings = diagnose(offline=options["offline"])
        code = exit_code(findings)
        if options["json"]:
            report = {"exit_code": code, "findings": [asdict(each) for each in findings]}
            self.stdout.write(json.dumps(report, ensure_ascii=False))
        else:
            self._report(findings)
        if code:
            sys.exit(code)

    def _report(self, findings: Sequence[Finding]) -> None:
        for finding in findings:
            mark = getattr(self.style, _STYLES[finding.level])(_MARKS[finding.level])
            self.stdout.write(f"{mark}  {finding.title}")
            for start, text in (("", finding.detail), ("-> ", finding.advice)):
                if text:
                    self.stdout.write(f"      {start}{text}")
        number = Counter(each.level for each in findings)
        self.stdout.write(
            f"Problems: {number['problem']}, warnings: {number['warning']}, ok: {number['ok']}."
        )


def exit_code(findings: Sequence[Finding]) -> int:
    if any(each.code == GATEWAY_SILENT for each in findings):
        return GATEWAY_IS_DOWN
    return NEEDS_A_PERSON if any(each.level != "ok" for each in findings) else ALL_CLEAR
