"""The documents say what the code does."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection
from datetime import timedelta
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth import get_permission_codename
from django.test import Client
from django.urls import reverse

import django_gemafu
from django_gemafu import checks, exceptions, operations, testing, urls
from django_gemafu.conf import KEYS, conf
from django_gemafu.enums import TRANSITIONS, OrderStatus, Verdict
from django_gemafu.exceptions import ConfigurationError
from django_gemafu.testing import make_order

ROOT = Path(__file__).resolve().parent.parent
ENGLISH, CHINESE = "README.md", "README.zh-CN.md"
READMES = (ENGLISH, CHINESE)
DOCUMENTS = (
    *READMES,
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "docs/exactly-once.md",
    "docs/exactly-once.zh-CN.md",
)

#: The documents promise these, word for word.
COMMANDS = (
    'pip install -e ".[demo]" && python manage.py demo\n',
    'pip install -e ".[test]" && pytest\n',
)

Row = list[str]

in_each_readme = pytest.mark.parametrize("readme", READMES)
in_each_document = pytest.mark.parametrize("document", DOCUMENTS)


def read(document: str) -> str:
    return (ROOT / document).read_text(encoding="utf-8")


def blocks(document: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", read(document), re.MULTILINE | re.DOTALL)


def without_blocks(document: str) -> str:
    return re.sub(r"^```.*?^```$", "", read(document), flags=re.MULTILINE | re.DOTALL)


def headings(document: str) -> list[str]:
    """Return the heading's marks alone: how deep each is."""
    return re.findall(r"^(#+) ", without_blocks(document), re.MULTILINE)


def tables(document: str) -> list[list[Row]]:
    """Return the tables' rows, without their heads."""
    found = re.findall(r"(?:^\|.*\n)+", without_blocks(document), re.MULTILINE)
    return [[cells(line) for line in table.splitlines()[2:]] for table in found]


def cells(line: str) -> Row:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def code_in(text: str) -> str:
    """Return what the first pair of backticks holds, or nothing."""
    found = re.match(r"`([^`]+)`", text)
    return found[1] if found else ""


def table_of(document: str, names: Collection[str]) -> list[Row]:
    """Return the table whose first column speaks of most of these names."""
    return max(tables(document), key=lambda table: len(set(names) & set(named_in(table))))


def named_in(table: list[Row]) -> list[str]:
    return [code_in(row[0]) for row in table]


def names_in(document: str) -> set[str]:
    """Return what the text mentions by its full name."""
    check_ids = re.compile(r"django_gemafu\.[EW]\d{3}")
    mentioned = re.findall(r"`(django_gemafu(?:\.\w+)+)`", without_blocks(document))
    return {name for name in mentioned if not check_ids.fullmatch(name)} - permissions()


def permissions() -> set[str]:
    """Return the app's permissions, named as Django names them."""
    return {
        f"{model._meta.app_label}.{codename}"
        for model in apps.get_app_config("django_gemafu").get_models()
        for codename in (
            *(codename for codename, _name in model._meta.permissions),
            *(
                get_permission_codename(each, model._meta)
                for each in model._meta.default_permissions
            ),
        )
    }


def imported_in(source: str) -> list[str]:
    return [
        f"{node.module}:{alias.name}"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ImportFrom) and node.module is not None
        for alias in node.names
        if node.module.split(".")[0] == django_gemafu.__name__
    ]


@in_each_readme
def test_the_two_commands_have_a_block_each(readme: str) -> None:
    assert blocks(readme, "bash")[:2] == list(COMMANDS)


@in_each_readme
def test_every_setting_is_in_the_table(readme: str) -> None:
    assert sorted(named_in(table_of(readme, KEYS))) == sorted(KEYS)


@in_each_readme
def test_the_defaults_are_those_of_the_code(
    readme: str, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.GEMAFU = {}
    for key in KEYS:
        monkeypatch.delenv(f"GEMAFU_{key}", raising=False)
        monkeypatch.delenv(f"GEMAFU_{key}_FILE", raising=False)

    for row in table_of(readme, KEYS):
        assert code_in(row[2]) == default_of(code_in(row[0])), row


def default_of(key: str) -> str:
    """Return a setting's default as the table writes it, or nothing for one that is required."""
    name = key.lower()
    name = name if hasattr(type(conf), name) else name.removesuffix("_seconds")
    try:
        value = getattr(conf, name)
    except ConfigurationError:
        return ""
    if isinstance(value, timedelta):
        value = value.total_seconds()
    return repr(value).replace("'", '"')


@in_each_readme
def test_every_system_check_is_in_the_table(readme: str) -> None:
    ids = re.findall(r'id="(\w+\.\w+)"', read(f"django_gemafu/{Path(checks.__file__).name}"))
    assert sorted(named_in(table_of(readme, ids))) == sorted(set(ids))


@in_each_readme
def test_every_status_is_in_the_table(readme: str) -> None:
    assert named_in(table_of(readme, OrderStatus.values)) == list(OrderStatus.values)


@in_each_readme
def test_the_diagram_has_every_transition(readme: str) -> None:
    (diagram,) = blocks(readme, "mermaid")
    drawn = re.findall(r"(\w+) --> (\w+):", diagram)
    assert sorted(drawn) == sorted(
        (str(origin), str(target)) for origin, targets in TRANSITIONS.items() for target in targets
    )


@in_each_readme
def test_every_verdict_is_in_the_table(readme: str) -> None:
    assert named_in(table_of(readme, Verdict.values)) == list(Verdict.values)


@in_each_readme
def test_every_url_name_is_in_the_table(readme: str) -> None:
    names = [f"{urls.app_name}:{pattern.name}" for pattern in urls.urlpatterns]
    assert [name for name in named_in(table_of(readme, names)) if name] == names


@in_each_readme
@pytest.mark.django_db
def test_every_field_of_the_status_is_in_the_table(readme: str, client: Client) -> None:
    fields = client.get(reverse("gemafu:status", args=[make_order().token])).json()
    assert named_in(table_of(readme, fields)) == list(fields)


@in_each_readme
def test_the_errors_and_operations_in_tables_exist(readme: str) -> None:
    first_cells = [name for table in tables(readme) for name in named_in(table)]
    errors = [name for name in first_cells if re.fullmatch(r"([A-Z]+[a-z]+)+", name)]
    calls = [name.partition("(")[0] for name in first_cells if "(" in name]
    assert errors
    assert all(issubclass(getattr(exceptions, name), exceptions.GemafuError) for name in errors)
    assert calls
    assert set(calls) <= set(operations.__all__)


@in_each_readme
def test_the_testing_kit_is_shown(readme: str) -> None:
    imported = {name for source in blocks(readme, "python") for name in imported_in(source)}
    assert {f"{testing.__name__}:{name}" for name in testing.__all__} <= imported


@in_each_document
def test_every_name_that_is_mentioned_exists(document: str) -> None:
    imported = [name for source in blocks(document, "python") for name in imported_in(source)]
    for name in (*imported, *names_in(document)):
        resolve_name(name)


@in_each_document
def test_python_blocks_compile(document: str) -> None:
    for number, source in enumerate(blocks(document, "python"), start=1):
        compile(source, f"{document}, Python block {number}", "exec")


@in_each_document
def test_files_that_are_linked_exist(document: str) -> None:
    text = without_blocks(document)
    targets = re.findall(r"\]\(([^)]+)\)", text) + re.findall(r'<img src="([^"]+)"', text)
    files = [target.partition("#")[0] for target in targets if "://" not in target]
    folder = (ROOT / document).parent
    missing = [file for file in files if file and not (folder / file).is_file()]
    assert missing == []


@in_each_readme
def test_pictures_have_an_alternative_text(readme: str) -> None:
    text = without_blocks(readme)
    pictures = re.findall(r"!\[[^\]]*\]\(|<img ", text)
    assert len(re.findall(r'!\[[^\]]+\]\(|<img [^>]*alt="[^"]+"', text)) == len(pictures) > 0


def test_the_readmes_have_the_same_parts() -> None:
    assert headings(CHINESE) == headings(ENGLISH)
    assert [len(table) for table in tables(CHINESE)] == [len(table) for table in tables(ENGLISH)]
    assert [named_in(table) for table in tables(CHINESE)] == [
        named_in(table) for table in tables(ENGLISH)
    ]


def test_the_readmes_have_the_same_code() -> None:
    assert blocks(CHINESE, "bash") == blocks(ENGLISH, "bash")
    # Their comments alone are translated.
    assert [ast.dump(ast.parse(source)) for source in blocks(CHINESE, "python")] == [
        ast.dump(ast.parse(source)) for source in blocks(ENGLISH, "python")
    ]
