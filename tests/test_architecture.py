"""Rules of the house that import-linter cannot say. Its own contracts are in pyproject.toml."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

import django_gemafu

PACKAGE = Path(django_gemafu.__file__).parent
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "migrations" not in path.parts)


def calls(path: Path, method: str) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Call(func=ast.Attribute(attr=name)) if name == method:
                yield node


def test_nothing_but_settle_marks_an_order_paid() -> None:
    guilty = {
        path.name
        for path in MODULES
        for call in calls(path, "transition")
        if call.args and ast.unparse(call.args[0]) == "OrderStatus.PAID"
    }
    assert guilty == {"settle.py"}


def test_only_the_operations_move_orders() -> None:
    guilty = {path.parent.name for path in MODULES if list(calls(path, "transition"))}
    assert guilty == {"operations"}


def test_only_conf_reads_settings_and_environment() -> None:
    readers = {
        str(path.relative_to(PACKAGE))
        for path in MODULES
        if any(word in path.read_text() for word in ("GEMAFU_", "os.environ", "settings.GEMAFU"))
    }
    assert readers <= {"conf.py", "testing/plugin.py"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_modules_are_short(path: Path) -> None:
    code = [line for line in path.read_text().splitlines() if line.strip()]
    assert len(code) <= 280


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", check=True, dry_run=True, stdout=StringIO())
