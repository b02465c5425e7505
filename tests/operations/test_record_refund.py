from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import transaction
from django.utils import timezone

from django_gemafu.enums import EventKind, OrderStatus
from django_gemafu.exceptions import (
    ActIncomplete,
    RefundedMeanwhile,
    RefundNotRecorded,
    RefundTooLarge,
)
from django_gemafu.models import Order, Refund
from django_gemafu.operations import record_refund
from django_gemafu.signals import refund_recorded
from django_gemafu.testing import make_order, notification, notify, pay

pytestmark = pytest.mark.django_db

NOTE = "sent back on WeChat: the tea was stale"


class Books:
    """A host's receiver: books what was given back, and fails when told to."""

    def __init__(self) -> None:
        self.booked: list[tuple[Any, Any]] = []
        self.raises: Exception | None = None
        self.raises_later: Exception | None = None

    def __call__(self, sender: Any, order: Any, refund: Any, **kwargs: Any) -> None:
        Group.objects.create(name=f"refund {refund.pk}")
        if self.raises:
            raise self.raises
        if self.raises_later:
            transaction.on_commit(self._fail)
        self.booked.append((order, refund))

    def _fail(self) -> None:
        assert self.raises_later
        raise self.raises_later


@pytest.fixture
def books() -> Iterator[Books]:
    books = Books()
    refund_recorded.connect(books, sender=Order)
    yield books
    refund_recorded.disconnect(books, sender=Order)


@pytest.fixture
def user() -> User:
    return User.objects.create_user("operator")


def refund(order: Order, amount_fen: int, user: Any, **changes: Any) -> Refund:
    return record_refund(order, **{"amount_fen": amount_fen, "note": NOTE, "user": user, **changes})


def test_a_part_and_the_rest_can_be_given_back(user: User, books: Books) -> None:
    order = pay(make_order())
    made_at = timezone.now() - timedelta(days=1)

    first = refund(order, 250, user, made_at=made_at)
    second = refund(order, 1000, user)

    assert (first.amount_fen, first.note, first.recorded_by) == (250, NOTE, user)
    assert first.made_at == made_at < second.made_at
    assert books.booked == [(order, first), (order, second)]
    assert order.refundable_fen() == 0
    assert Order.objects.get().status == OrderStatus.PAID


def test_the_story_says_who_when_why_before_and_after(user: User) -> None:
    order = pay(make_order())
    refund(order, 250, user)
    refund(order, 500, user)

    event = order.events.filter(kind=EventKind.REFUNDED).last()
    assert event is not None
    assert event.user == user
    assert event.facts["before"] == {"refunded_fen": 250}
    assert event.facts["after"] == {"refunded_fen": 750}
    assert event.sentence == f"¥5.00 was given back, of ¥12.50 received; ¥5.00 is left. {NOTE}"


def test_never_more_than_was_received(user: User, books: Books) -> None:
    order = pay(make_order())
    refund(order, 1000, user)

    with pytest.raises(RefundTooLarge, match=r"¥2\.51 is more than is left") as caught:
        refund(order, 251, user)

    assert caught.value.order == order
    assert order.refunded_fen() == 1000
    assert len(books.booked) == 1


def test_who_had_seen_less_given_back_is_told(user: User) -> None:
    order = pay(make_order())
    refund(order, 500, user, refunded_before_fen=0)

    with pytest.raises(RefundedMeanwhile, match="look again") as caught:
        refund(order, 500, user, refunded_before_fen=0)

    assert caught.value.order == order
    assert order.refunded_fen() == 500


def test_an_order_that_got_no_money_has_none_to_give_back(user: User) -> None:
    with pytest.raises(RefundTooLarge):
        refund(make_order(), 1, user)


def test_what_came_in_without_fitting_can_be_given_back(user: User) -> None:
    order = pay(make_order())
    notify(order, notification(order, amount_fen=1250))  # paid again
    cancelled = make_order(status=OrderStatus.CANCELLED)
    notify(cancelled, notification(cancelled, amount_fen=700))

    refund(order, 2500, user)
    refund(cancelled, 700, user)

    assert order.refundable_fen() == cancelled.refundable_fen() == 0


def test_a_receiver_that_fails_undoes_it_and_the_story_keeps_the_attempt(
    user: User, books: Books
) -> None:
    order = pay(make_order())
    books.raises = RuntimeError("books\x00 closed")

    with pytest.raises(RefundNotRecorded, match="RuntimeError") as caught:
        refund(order, 250, user)

    assert caught.value.order == order
    assert not Refund.objects.exists()
    assert not Group.objects.exists()
    assert not order.events.filter(kind=EventKind.REFUNDED).exists()
    event = order.events.get(kind=EventKind.REFUND_FAILED)
    assert (event.user, event.facts["note"]) == (user, NOTE)
    assert "¥2.50" in event.sentence
    assert "RuntimeError: books closed" in event.facts["traceback"]

    books.raises = None
    assert refund(order, 250, user)


@pytest.mark.django_db(transaction=True)
def test_what_a_receiver_put_off_until_later_cannot_undo_it(user: User, books: Books) -> None:
    order = pay(make_order())
    books.raises_later = RuntimeError("mail server down")

    assert refund(order, 250, user)

    assert Refund.objects.get().amount_fen == 250
    assert order.events.get(kind=EventKind.AFTERMATH_FAILED).user == user


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"user": None}, "user"),
        ({"note": "\n"}, "note"),
        ({"amount_fen": 0}, "fen"),
        ({"amount_fen": "250"}, "fen"),
        ({"made_at": timezone.now() + timedelta(days=1)}, "still to come"),
    ],
)
def test_what_explains_it_must_not_be_missing(
    changes: dict[str, Any], words: str, user: User
) -> None:
    order = pay(make_order())

    with pytest.raises(ActIncomplete, match=words):
        refund(order, **{"amount_fen": 250, "user": user, **changes})

    assert not Refund.objects.exists()
