"""Diagnosing: what is wrong with a deployment, and what to do about it. Changes nothing."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from django.apps import apps
from django.conf import settings
from django.core import checks
from django.db import DatabaseError

from django_gemafu.exceptions import GemafuError
from django_gemafu.models import Order
from django_gemafu.operations.diagnosis.database import examine_database
from django_gemafu.operations.diagnosis.finding import Finding, Level
from django_gemafu.operations.diagnosis.gateway import (
    GATEWAY_SILENT,
    examine_clock,
    examine_credentials,
)
from django_gemafu.operations.diagnosis.orders import examine_notifications, examine_orders
from django_gemafu.operations.diagnosis.site import examine_host, examine_notify_address
from django_gemafu.signals import payment_succeeded

__all__ = ["GATEWAY_SILENT", "Finding", "Level", "diagnose"]

logger = logging.getLogger(__name__)


def diagnose(*, offline: bool = False) -> list[Finding]:
    """Examine the deployment that this process belongs to, and return what was found.

    Asks the gateway about one order, and sends two empty messages to the shop's own address for
    notifications; with ``offline`` it asks nobody. An examination that fails is itself a finding.
    """
    due = [each for each in _EXAMINATIONS if not (offline and each.asks)]
    return [finding for examination in due for finding in examination.findings()]


def _examine_settings() -> Iterator[Finding]:
    for message in checks.run_checks(tags=["gemafu"], include_deployment_checks=True):
        level: Level = "problem" if message.level >= checks.ERROR else "warning"
        if not message.is_silenced():
            yield Finding(str(message.id), level, message.msg, advice=message.hint or "")
    if settings.DEBUG:
        has_sandbox = apps.is_installed("django_gemafu.sandbox")
        yield Finding(
            "settings.debug",
            "warning",
            "DEBUG is on, and the sandbox is installed" if has_sandbox else "DEBUG is on",
            "The checks that matter in production alone are silent meanwhile.",
            "Where real money is taken, turn it off, and take the sandbox out.",
        )


def _examine_receivers() -> Iterator[Finding]:
    if payment_succeeded.has_listeners(Order):  # else a system check has said so
        yield Finding("receivers", "ok", "A receiver of payment_succeeded is connected")


class _Examination(NamedTuple):
    name: str
    examine: Callable[[], Iterable[Finding]]
    #: What to say when nothing is wrong, where the examination says nothing itself.
    all_well: str = ""
    asks: bool = False

    def findings(self) -> list[Finding]:
        found: list[Finding] = []
        try:
            found.extend(self.examine())
        except Exception as error:
            found.append(self._failure(error))
        if self.all_well and all(each.level == "ok" for each in found):
            found.insert(0, Finding(self.name, "ok", self.all_well))
        return found

    def _failure(self, error: Exception) -> Finding:
        if isinstance(error, (GemafuError, DatabaseError)):
            reason = str(error).strip()
        else:  # its words may hold anything
            logger.exception("Examining the %s failed", self.name)
            reason = f"{type(error).__name__}; the traceback is in the log."
        return Finding(
            f"{self.name}.unexamined",
            "problem",
            f"Could not be examined: {self.name}",
            reason,
            "Mend that, and come again. (A table that does not exist: manage.py migrate.)",
        )


_EXAMINATIONS = (
    _Examination("settings", _examine_settings, "The system checks have nothing to say"),
    _Examination("receivers", _examine_receivers),
    _Examination("gateway", examine_credentials, asks=True),
    _Examination("clock", examine_clock, asks=True),
    _Examination("site", examine_host, asks=True),
    _Examination("notify", examine_notify_address, asks=True),
    _Examination("notifications", examine_notifications),
    _Examination("orders", examine_orders, "No order and no payment waits for anybody"),
    _Examination("database", examine_database, "The database's settings keep the guarantees"),
)
