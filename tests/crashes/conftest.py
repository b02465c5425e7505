from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from django.db import connection

from django_gemafu.testing.plugin import Sandbox
from tests.crashes import receiver
from tests.crashes.shop import Shop, database_of_the_tests, running_shop

#: What is commonly recommended for SQLite in production.
WAL: dict[str, Any] = {
    "transaction_mode": "IMMEDIATE",
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL",
}

RunShop = Callable[..., Shop]


@pytest.fixture(scope="session")
def shops(
    tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, live_server: Any
) -> Iterator[RunShop]:
    """Start a shop, or return the one that was started with the same database settings.

    Its gateway is the sandbox, which the tests' own process serves. The workers are gone before the
    database is.
    """
    running: dict[str, Shop] = {}
    with ExitStack() as stack:

        def shop_with(**options: Any) -> Shop:
            name = repr(options)
            if name not in running:
                folder = tmp_path_factory.mktemp("shop")
                database = database_of_the_tests(**options)
                gateway_url = f"{live_server.url}/sandbox/pay"
                running[name] = stack.enter_context(running_shop(folder, database, gateway_url))
            running[name].notes.clear()
            return running[name]

        yield shop_with


@pytest.fixture
def table(transactional_db: None) -> Iterator[None]:
    receiver.create_table()
    yield
    receiver.drop_table()


@pytest.fixture
def shop(shops: RunShop, table: None) -> Shop:
    """A shop with Django's default options for its database."""
    return shops(OPTIONS={}) if connection.vendor == "sqlite" else shops()


@pytest.fixture
def shop_with_wal(shops: RunShop, table: None) -> Iterator[Shop]:
    if connection.vendor != "sqlite":
        pytest.skip("only SQLite has journal modes")
    _set_journal_mode("wal")
    shop = shops(OPTIONS=WAL)
    yield shop
    shop.kill()  # whoever has the file open keeps the mode
    _set_journal_mode("delete")


def _set_journal_mode(mode: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA journal_mode={mode}")
        assert cursor.fetchone() == (mode,)


@pytest.fixture
def gateway(shop: Shop, gemafu_sandbox: Sandbox, settings: Any) -> Sandbox:
    """The sandbox, and this process as another worker of the shop: with the same addresses."""
    settings.GEMAFU = {**settings.GEMAFU, "SITE_URL": shop.url}
    return gemafu_sandbox
