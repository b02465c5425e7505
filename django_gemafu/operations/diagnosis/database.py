"""Settings of the database that weaken what we guarantee, or cost time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from django.db import connections, router, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor

from django_gemafu.models import Order, OrderEvent, Payment, Refund
from django_gemafu.operations.diagnosis.finding import Catalogue, Finding

_MODELS = (Order, Payment, Refund, OrderEvent)
_SQLITE_TIMEOUT_MS = 10_000

_FAULTS: Catalogue = {
    "database.apart": (
        "problem",
        "Orders, payments and events are written to different databases",
        "One transaction has to hold them all: nothing is certain otherwise.",
        "Let DATABASE_ROUTERS send every model of django_gemafu to one database.",
    ),
    "database.replica": (
        "ok",
        "Orders are also read from a replica",
        "What decides about money reads the database that is written to; customers' pages read the "
        "replica, and lag as it does.",
        "If pages are behind, or 404 at first, let the routers read django_gemafu's models from "
        "the database that is written to.",
    ),
    "database.migrations": (
        "problem",
        "Migrations of django_gemafu are not applied",
        "The tables are not those that the code expects.",
        "Run manage.py migrate.",
    ),
    "database.atomic_requests": (
        "ok",
        "ATOMIC_REQUESTS is on",
        "Our own views are exempt. place_order() refuses to run inside of a transaction.",
        "Decorate the views that call it with transaction.non_atomic_requests.",
    ),
    "database.conn_max_age": (
        "warning",
        "Every request connects to the database anew (CONN_MAX_AGE is 0)",
        "A notification takes several times as long this way, by the clock.",
        "Set CONN_MAX_AGE to 60 or more, with CONN_HEALTH_CHECKS; under ASGI use a pool instead.",
    ),
    "database.isolation": (
        "warning",
        "Transactions are not at READ COMMITTED",
        "A lower level shows what may yet be rolled back. At a higher one transactions wait for "
        "each other and fail more often, so that notifications have to come again.",
        "Take the isolation level out of the database's OPTIONS (PostgreSQL: and of the server's "
        "settings).",
    ),
    "database.durability": (
        "warning",
        "The database answers before a commit is safe on the disk",
        "When its machine crashes, payments can be forgotten that the gateway takes for delivered, "
        "until gemafu_reconcile asks about them.",
        "PostgreSQL: synchronous_commit = on, fsync = on. MySQL, MariaDB: "
        "innodb_flush_log_at_trx_commit = 1. SQLite: PRAGMA synchronous = NORMAL or FULL.",
    ),
    "database.strictness": (
        "problem",
        "The database cuts what does not fit instead of refusing it (sql_mode)",
        "Amounts and texts could be stored changed, and nobody would know.",
        "Add STRICT_TRANS_TABLES to sql_mode.",
    ),
    "database.engine": (
        "problem",
        "Tables of django_gemafu are not InnoDB",
        "Their engine knows no transactions: payments can be half recorded, or delivered twice.",
        "ALTER TABLE ... ENGINE = InnoDB. The same for tables that your receivers write to.",
    ),
    "database.charset": (
        "warning",
        "Tables of django_gemafu are not utf8mb4",
        "Emoji and rare Chinese characters cannot be stored: such orders fail.",
        "ALTER TABLE ... CONVERT TO CHARACTER SET utf8mb4.",
    ),
    "database.journal": (
        "warning",
        "SQLite is not in WAL mode",
        "Readers and writers lock each other out.",
        'Add "init_command": "PRAGMA journal_mode=WAL" to the database\'s OPTIONS.',
    ),
    "database.timeout": (
        "warning",
        "SQLite gives up on a lock in less than 10 seconds",
        "With several workers, notifications fail while others write, and have to come again.",
        'Add "timeout": 20 to the database\'s OPTIONS.',
    ),
    "database.deferred": (
        "warning",
        "SQLite's transactions begin as DEFERRED",
        "Of two that read before they write, one fails at once, whatever the timeout.",
        'Add "transaction_mode": "IMMEDIATE" to the database\'s OPTIONS.',
    ),
}

_POSTGRESQL_SETTINGS = """
    SELECT name, setting FROM pg_settings
    WHERE name IN ('transaction_isolation', 'synchronous_commit', 'fsync')
"""
_MYSQL_VARIABLES = """
    SHOW VARIABLES WHERE Variable_name IN
    ('tx_isolation', 'transaction_isolation', 'innodb_flush_log_at_trx_commit', 'sql_mode')
"""
_MYSQL_TABLES = """
    SELECT engine, table_collation FROM information_schema.tables
    WHERE table_schema = DATABASE() AND table_name IN %s
"""


def examine_database() -> Iterator[Finding]:
    connection = connections[router.db_for_write(Order)]
    for code in (*_routing(), *_any(connection), *_OF_VENDOR[connection.vendor](connection)):
        yield Finding(code, *_FAULTS[code])


def _routing() -> Iterator[str]:
    if len({router.db_for_write(model) for model in _MODELS}) > 1:
        yield "database.apart"
    if any(router.db_for_read(model) != router.db_for_write(model) for model in _MODELS):
        yield "database.replica"


def _any(connection: BaseDatabaseWrapper) -> Iterator[str]:
    executor = MigrationExecutor(connection)
    newest = executor.loader.graph.leaf_nodes(Order._meta.app_label)
    if executor.migration_plan(newest):
        yield "database.migrations"
    if connection.settings_dict["ATOMIC_REQUESTS"]:
        yield "database.atomic_requests"


def _sqlite(connection: BaseDatabaseWrapper) -> Iterator[str]:
    if _pragma(connection, "journal_mode") != "wal":
        yield "database.journal"
    if int(_pragma(connection, "busy_timeout")) < _SQLITE_TIMEOUT_MS:
        yield "database.timeout"
    if _pragma(connection, "synchronous") == "0":
        yield "database.durability"
    mode = connection.settings_dict["OPTIONS"].get("transaction_mode") or "DEFERRED"
    if mode.upper() == "DEFERRED":
        yield "database.deferred"


def _pragma(connection: BaseDatabaseWrapper, name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA {name}")
        return str(cursor.fetchone()[0])


def _postgresql(connection: BaseDatabaseWrapper) -> Iterator[str]:
    yield from _reconnecting(connection)
    values = _values(connection, _POSTGRESQL_SETTINGS)
    if values["transaction_isolation"] != "READ COMMITTED":
        yield "database.isolation"
    if "OFF" in (values["synchronous_commit"], values["fsync"]):
        yield "database.durability"


def _mysql(connection: BaseDatabaseWrapper) -> Iterator[str]:
    yield from _reconnecting(connection)
    values = _values(connection, _MYSQL_VARIABLES)
    isolation = values.get("transaction_isolation") or values["tx_isolation"]  # MariaDB below 11.1
    if isolation != "READ COMMITTED":
        yield "database.isolation"
    if values["innodb_flush_log_at_trx_commit"] != "1":
        yield "database.durability"
    if not {"STRICT_TRANS_TABLES", "STRICT_ALL_TABLES"} & set(values["sql_mode"].split(",")):
        yield "database.strictness"
    with connection.cursor() as cursor:
        cursor.execute(_MYSQL_TABLES, [tuple(model._meta.db_table for model in _MODELS)])
        tables = cursor.fetchall()
    if any(engine.lower() != "innodb" for engine, _collation in tables):
        yield "database.engine"
    if not all(collation.startswith("utf8mb4") for _engine, collation in tables):
        yield "database.charset"


def _reconnecting(connection: BaseDatabaseWrapper) -> Iterator[str]:
    options = connection.settings_dict
    if options["CONN_MAX_AGE"] == 0 and not options["OPTIONS"].get("pool"):
        yield "database.conn_max_age"


def _values(connection: BaseDatabaseWrapper, query: str) -> Mapping[str, str]:
    # In a transaction, because that is where Django's isolation level holds.
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute(query)
        return {name: value.upper().replace("-", " ") for name, value in cursor.fetchall()}


_OF_VENDOR: Mapping[str, Callable[[BaseDatabaseWrapper], Iterator[str]]] = {
    "sqlite": _sqlite,
    "postgresql": _postgresql,
    "mysql": _mysql,
}
