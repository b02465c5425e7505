"""A clock that is set by hand, so that a month can be lived through in a minute."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

from django.db.models.signals import pre_save

from django_gemafu.models import Order, OrderEvent, Payment, Refund


class StillToCome(Exception):
    """What should happen next would happen after the month's end."""


class Clock:
    def __init__(self, *, end: datetime) -> None:
        self.now = self.end = end

    def set(self, moment: datetime) -> None:
        """Raises :class:`StillToCome` for a moment after the end."""
        if moment > self.end:
            raise StillToCome
        self.now = moment

    def forward(self, seconds: float) -> None:
        self.set(self.now + timedelta(seconds=seconds))

    @contextmanager
    def in_force(self) -> Iterator[None]:
        """Let Django and the app go by this clock."""
        models = (Order, OrderEvent, Payment, Refund)
        with patch("django.utils.timezone.now", lambda: self.now):
            for model in models:
                pre_save.connect(self._date, sender=model)
            try:
                yield
            finally:
                for model in models:
                    pre_save.disconnect(self._date, sender=model)

    def _date(self, instance: Any, **kwargs: Any) -> None:
        # The fields' default is the real function, which they took when they were declared.
        if instance._state.adding:
            instance.created_at = self.now
