from __future__ import annotations

from typing import Any

import pytest
from django.utils import translation

from django_gemafu.enums import EventKind
from django_gemafu.story import sentence

FACTS: dict[str, Any] = {
    "amount_fen": 1250,
    "payable_fen": 1249,
    "received_fen": 1249,
    "due_fen": 1249,
    "left_fen": 249,
    "gateway_order_id": 123,
    "gateway_payment_id": 77,
    "verdict": "underpaid",
    "source": "query",
    "status": 3,
    "reason": "no fee balance",
    "error": "KeyError: 'sku'",
    "note": "customer left",
}


@pytest.mark.parametrize("kind", EventKind)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_event_has_its_sentence(kind: EventKind, language: str) -> None:
    with translation.override(language):
        words = sentence(kind, FACTS)

    assert words
    assert "?" not in words
    assert "%" not in words


@pytest.mark.parametrize("kind", EventKind)
def test_missing_facts_do_not_break_it(kind: EventKind) -> None:
    assert sentence(kind, {})


@pytest.mark.parametrize("kind", [EventKind.PAID, EventKind.PAID_LATE, EventKind.SURPRISE])
def test_a_payment_of_which_only_a_query_told_has_no_amount(kind: EventKind) -> None:
    words = sentence(kind, {"verdict": "unexpected", "received_fen": None})

    assert "not how much" in words
    assert "?" not in words


def test_settling_by_hand_shows_the_evidence_and_the_note() -> None:
    words = sentence(EventKind.PAID, {**FACTS, "evidence": "bill, line 3"})

    assert "by hand: ¥12.49" in words
    assert "bill, line 3" in words
    assert "customer left" in words


def test_it_is_told_in_the_readers_language() -> None:
    with translation.override("en"):
        assert sentence(EventKind.EXPIRED, {}) == "Expired without a payment."
    with translation.override("zh-hans"):
        assert sentence(EventKind.EXPIRED, {}) != "Expired without a payment."


def test_a_percent_sign_in_the_facts_is_only_a_percent_sign() -> None:
    assert sentence(EventKind.REFUSED, {"reason": "100%(x)s"}).endswith("100%(x)s")


@pytest.mark.parametrize("status", range(5))
def test_every_answer_of_the_gateway_has_its_words(status: int) -> None:
    words = sentence(EventKind.CHECKED, {"status": status})

    assert ("not paid" in words) is (status < 2)
