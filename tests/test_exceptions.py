from __future__ import annotations

import re
from typing import Any

import pytest

from django_gemafu import exceptions
from django_gemafu.exceptions import (
    GatewayAnswered,
    GatewayHTTPError,
    GemafuError,
    NotificationRefused,
)

DRAWN_LINE = re.compile(r"^    ([ │├└─]*)(\w+)(?:  |$)", re.MULTILINE)


def drawn_parents() -> dict[str, str]:
    """Return each class of the tree in the module's docstring, with the one above it."""
    drawing = (exceptions.__doc__ or "").partition("::")[2].partition("All of them")[0]
    parents = {}
    path: list[str] = []
    for indent, name in DRAWN_LINE.findall(drawing):
        del path[len(indent) // 4 :]
        parents[name] = path[-1] if path else "Exception"
        path.append(name)
    return parents


def all_errors() -> list[type[GemafuError]]:
    values = vars(exceptions).values()
    return [each for each in values if isinstance(each, type) and issubclass(each, GemafuError)]


def new(error: type[GemafuError], **options: Any) -> GemafuError:
    if issubclass(error, GatewayAnswered):
        return error("words", code=500, reason="why")
    if issubclass(error, GatewayHTTPError):
        return error("words", status=500)
    return error("words", **options)


def test_the_tree_is_as_drawn() -> None:
    assert drawn_parents() == {each.__name__: each.__bases__[0].__name__ for each in all_errors()}
    assert all(len(each.__bases__) == 1 for each in all_errors())


@pytest.mark.parametrize("error", all_errors())
def test_each_says_its_words_and_has_room_for_the_order(error: type[GemafuError]) -> None:
    raised = new(error)
    assert isinstance(raised, GemafuError)
    assert str(raised) == "words"
    assert raised.order is None
    order: Any = object()
    raised.order = order
    assert raised.order is order


@pytest.mark.parametrize(
    "error",
    [each for each in all_errors() if not issubclass(each, (GatewayAnswered, GatewayHTTPError))],
)
def test_the_order_can_be_given(error: type[GemafuError]) -> None:
    order = object()
    assert new(error, order=order).order is order


@pytest.mark.parametrize(
    "error", [each for each in all_errors() if issubclass(each, NotificationRefused)]
)
def test_a_refused_notification_has_an_http_status_of_its_own(
    error: type[NotificationRefused],
) -> None:
    assert 400 <= error.http_status < 500
