from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from django_gemafu.models import OrderEvent
from django_gemafu.operations.diagnosis import database
from django_gemafu.operations.diagnosis.database import examine_database
from tests.operations.diagnosis.findings import codes

pytestmark = pytest.mark.django_db


@pytest.fixture
def connect() -> Iterator[Any]:
    """Give a function that changes the settings of the connection to the database."""
    usual = connections["default"]
    opened: list[Any] = []

    def connect(**changes: Any) -> Any:
        other = connections["default"].copy()
        options = {**other.settings_dict["OPTIONS"], **changes.pop("OPTIONS", {})}
        other.settings_dict.update(changes, OPTIONS=options)
        connections["default"] = other
        opened.append(other)
        return other

    yield connect
    connections["default"] = usual
    for other in opened:
        other.close()


class Routing:
    def __init__(self, **databases: str) -> None:
        self.databases = databases

    def db_for_read(self, model: Any, **hints: Any) -> str | None:
        return self.databases.get("read")

    def db_for_write(self, model: Any, **hints: Any) -> str | None:
        return self.databases.get(model._meta.model_name)


GOOD_OPTIONS: Mapping[str, dict[str, str]] = {
    "sqlite": {"init_command": "PRAGMA journal_mode=WAL", "transaction_mode": "IMMEDIATE"},
    "postgresql": {},
    "mysql": {},
}


def of(vendor: str) -> None:
    if connection.vendor != vendor:
        pytest.skip(f"only of {vendor}")


@pytest.fixture(autouse=True)
def _good(connect: Any, tmp_path: Path) -> None:
    """A database as it should be. On SQLite it is a new file, which has no tables yet."""
    other = {"NAME": tmp_path / "shop"} if connection.vendor == "sqlite" else {}
    connect(CONN_MAX_AGE=60, OPTIONS=GOOD_OPTIONS[connection.vendor], **other)


def found() -> set[str]:
    found = set(codes(examine_database()))
    if connection.vendor == "sqlite":
        found.remove("database.migrations")
    return found


def test_migrations_that_are_not_applied() -> None:
    ((_, newest),) = MigrationLoader(connection).graph.leaf_nodes("django_gemafu")
    MigrationRecorder(connection).record_unapplied("django_gemafu", newest)
    try:
        assert "database.migrations" in codes(examine_database())
    finally:
        MigrationRecorder(connection).record_applied("django_gemafu", newest)


def test_a_good_one() -> None:
    assert found() == set()


@pytest.mark.parametrize(
    ("databases", "code"),
    [({"read": "replica"}, "database.replica"), ({"payment": "other"}, "database.apart")],
)
def test_routing(settings: Any, databases: dict[str, str], code: str) -> None:
    settings.DATABASE_ROUTERS = [Routing(**databases)]

    assert code in found()


def test_atomic_requests(connect: Any) -> None:
    connect(ATOMIC_REQUESTS=True)

    assert found() == {"database.atomic_requests"}


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"init_command": "PRAGMA journal_mode=DELETE"}, "journal"),
        ({"init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF"}, "durability"),
        ({"timeout": 5}, "timeout"),
        ({"transaction_mode": None}, "deferred"),
    ],
)
def test_sqlite(connect: Any, options: dict[str, Any], code: str) -> None:
    of("sqlite")
    connect(OPTIONS=options)

    assert found() == {f"database.{code}"}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"CONN_MAX_AGE": 0}, "conn_max_age"),
        ({"OPTIONS": {"isolation_level": 3}}, "isolation"),
        ({"OPTIONS": {"options": "-c synchronous_commit=off"}}, "durability"),
    ],
)
def test_postgresql(connect: Any, changes: Any, code: str) -> None:
    of("postgresql")
    connect(**changes)

    assert found() == {f"database.{code}"}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"CONN_MAX_AGE": 0}, "conn_max_age"),
        ({"OPTIONS": {"isolation_level": "repeatable read"}}, "isolation"),
        ({"OPTIONS": {"init_command": "SET sql_mode=''"}}, "strictness"),
    ],
)
def test_mysql(connect: Any, changes: Any, code: str) -> None:
    of("mysql")
    connect(**changes)

    assert found() == {f"database.{code}"}


def answering(**values: str) -> str:
    """Return a query that answers this, of what a test must not change on the whole server."""
    return " UNION ".join(f"SELECT '{name}', '{value}'" for name, value in values.items())


def test_postgresql_without_fsync(monkeypatch: pytest.MonkeyPatch) -> None:
    of("postgresql")
    query = answering(transaction_isolation="read committed", synchronous_commit="on", fsync="off")
    monkeypatch.setattr(database, "_POSTGRESQL_SETTINGS", query)

    assert found() == {"database.durability"}


def test_mysql_without_a_flush(monkeypatch: pytest.MonkeyPatch) -> None:
    of("mysql")
    query = answering(
        transaction_isolation="READ-COMMITTED",  # as MySQL and newer MariaDB call it
        innodb_flush_log_at_trx_commit="2",
        sql_mode="STRICT_ALL_TABLES",
    )
    monkeypatch.setattr(database, "_MYSQL_VARIABLES", query)

    assert found() == {"database.durability"}


def test_mysql_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    of("mysql")
    monkeypatch.setattr(OrderEvent._meta, "db_table", "scratch")
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE scratch (id int) ENGINE=MyISAM CHARSET=latin1")
        try:
            assert found() == {"database.engine", "database.charset"}
        finally:
            cursor.execute("DROP TABLE scratch")


def test_a_pool_keeps_connections(connect: Any) -> None:
    other = connect(CONN_MAX_AGE=0, OPTIONS={"pool": True})

    assert list(database._reconnecting(other)) == []
