"""``docs/checkout.md`` says what the page has, all of it, and nothing else."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

import django_gemafu
from django_gemafu.checkout import panel_context
from django_gemafu.enums import OrderStatus
from django_gemafu.testing import make_order
from tests.strict_policy import STRICT_POLICY

PACKAGE = Path(django_gemafu.__file__).parent
TEMPLATES = PACKAGE / "templates" / "django_gemafu"
DOCS = PACKAGE.parent / "docs"
TEXT = (DOCS / "checkout.md").read_text(encoding="utf-8")


def rows(*, head: str) -> list[str]:
    """Return the first cells of the table with this head."""
    table = re.search(rf"^\| {head} \|.*\n(?:\|.*\n)+", TEXT, re.MULTILINE)
    assert table, head
    return [line.split("|")[1] for line in table[0].splitlines()[2:]]


def codes(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


def test_the_custom_properties() -> None:
    style = (PACKAGE / "static" / "django_gemafu" / "checkout.css").read_text()
    documented = [name for row in rows(head="property") for name in codes(row)]

    assert sorted(documented) == sorted(set(re.findall(r"^\s+(--gemafu-[\w-]+):", style, re.M)))
    assert set(re.findall(r"var\((--[\w-]+)\)", style)) == set(documented)


def test_the_templates() -> None:
    documented = [name for row in rows(head="template") for name in codes(row)]

    assert sorted(documented) == sorted(path.name for path in (TEMPLATES / "checkout").iterdir())


def test_the_blocks() -> None:
    page = (TEMPLATES / "checkout.html").read_text()
    sentence = re.search(r"Its blocks: (.*?)\.$", TEXT, re.MULTILINE | re.DOTALL)

    assert sentence
    assert codes(sentence[1]) == re.findall(r"{% block (\w+) %}", page)


@pytest.mark.django_db
def test_what_the_templates_have() -> None:
    sentence = re.search(r"They have (.*?)\. The filter", TEXT, re.DOTALL)
    context = set(panel_context(make_order(status=OrderStatus.FAILED)))

    assert sentence
    documented = set(codes(sentence[1])) - {"h1", "h2"}
    assert documented == context - {"refresh_seconds"} | {"heading"}


@pytest.mark.django_db
def test_the_status(client: Client) -> None:
    status = client.get(reverse("gemafu:status", args=[make_order().token])).json()
    (example,) = blocks("json")

    assert (
        [codes(row)[0] for row in rows(head="field")] == list(status) == list(json.loads(example))
    )
    assert [name for name in OrderStatus.values if f"`{name}`" not in TEXT] == []


def test_the_devices() -> None:
    assert sorted(codes("".join(rows(head="device")))) == ["desktop", "iphone", "phone", "wechat"]


def test_the_policy() -> None:
    assert STRICT_POLICY in TEXT


def test_the_python_compiles() -> None:
    for source in blocks("python"):
        compile(source, "docs/checkout.md", "exec")


def test_what_is_linked_exists() -> None:
    linked = re.findall(r"\]\(([^)#]+)\)", TEXT)
    assert [name for name in linked if not (DOCS / name).is_file()] == []


def skeleton(text: str) -> tuple[list[str], list[str], list[list[str]]]:
    """Return what no translation changes: headings' depths, code, and the tables' first cells."""
    code = re.findall(r"^```\w+\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    return (
        re.findall(r"^(#+) ", prose, re.MULTILINE),
        [re.sub(r"#.*", "", block) for block in code],
        [codes(line.split("|")[1]) for line in prose.splitlines() if line.startswith("|")],
    )


def test_the_chinese_document_says_the_same() -> None:
    chinese = (DOCS / "checkout.zh-CN.md").read_text(encoding="utf-8")

    assert skeleton(chinese) == skeleton(TEXT)
    assert STRICT_POLICY in chinese
    assert (DOCS / "checkout-states.zh-CN.png").is_file()
