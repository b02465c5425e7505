from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as django_settings

from django_gemafu.sandbox import notifier
from tests.sandbox.foreign import Shop


@pytest.fixture(autouse=True)
def _quick_retries(settings: Any) -> None:
    settings.GEMAFU = {**django_settings.GEMAFU, "SANDBOX_RETRY_DELAYS_SECONDS": [0.05, 0.05]}


@pytest.fixture(autouse=True)
def _nothing_left_behind() -> Iterator[None]:
    yield
    notifier.abandon_retries()


@pytest.fixture
def background_db(_nothing_left_behind: None, transactional_db: Any) -> None:
    """A database that threads see too. Work in the background ends before it is emptied."""


@pytest.fixture
def shop() -> Iterator[Shop]:
    shop = Shop()
    shop.start()
    yield shop
    shop.stop()
