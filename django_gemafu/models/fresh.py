"""Reading what was only just written."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db import models, router

_M = TypeVar("_M", bound=models.Model)
_Q = TypeVar("_Q", bound="models.QuerySet[Any]")


class FreshQuerySet(models.QuerySet[_M]):
    def fresh(self: _Q) -> _Q:
        """Read from the database that is written to: a replica may not know yet."""
        return self.using(router.db_for_write(self.model))
