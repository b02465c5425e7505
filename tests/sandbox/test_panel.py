from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from django_gemafu.sandbox import paying
from tests.sandbox.browser import PANEL, page, press
from tests.sandbox.orders import placed

pytestmark = pytest.mark.django_db


def test_without_orders() -> None:
    text = page()
    assert "No orders yet" in text
    assert "http://testserver/sandbox/pay" in text
    assert "<code>9999</code>" in text
    assert "behaves as documented" in text


def test_lists_the_recent_orders() -> None:
    for number in range(22):
        placed(reference=f"A-{number:02}", amount_fen=1000 + 100 * number)
    text = page()
    assert text.index("A-21") < text.index("A-02")
    assert "A-01" not in text


def test_numbers_are_written_plainly(settings: Any) -> None:
    settings.USE_THOUSAND_SEPARATOR = True
    order = placed(amount_fen=123456700)
    text = page()
    assert f"<code>{order.number}</code>" in text
    assert "¥1234567.00" in text


def test_shifted_amount_is_shown_beside_the_one_ordered() -> None:
    placed()
    placed(reference="A-2")
    text = page()
    assert "¥12.49" in text
    assert "ordered: ¥12.50" in text


def test_shows_attempts_and_answers() -> None:
    payment = paying.pay(placed(), 1250, notifies=False)
    common = {"kind": "regular", "sent_at": payment.paid_at}
    payment.attempts.create(http_status=500, answer="<h1>Oops</h1>", **common)
    payment.attempts.create(http_status=200, answer=" ", **common)
    payment.attempts.create(error="timeout", **common)
    text = page()
    assert "HTTP 500" in text
    assert "&lt;h1&gt;Oops&lt;/h1&gt;" in text
    assert "(empty answer)" in text
    assert "no complete answer in time" in text


def test_warns_of_a_forgery_that_was_believed() -> None:
    payment = paying.pay(placed(), 1250, notifies=False)
    payment.attempts.create(
        kind="tampered",
        sent_at=payment.paid_at,
        http_status=200,
        answer="200",
        is_accepted=True,
    )
    assert "The shop believed a forged notification." in page()


def test_text_from_outside_is_escaped() -> None:
    evil = '<script>alert("x")</script>'
    placed(reference=evil, customer_id=evil, app_name=evil, notify_url=f"http://x/{evil}")
    text = page()
    assert "<script" not in text
    assert text.count("&lt;script&gt;") >= 4


def test_holds_nothing_inline() -> None:
    paying.pay(placed(), 1250)
    text = page()
    assert "<style" not in text
    assert "style=" not in text


def test_asks_the_database_little(django_assert_num_queries: Any) -> None:
    for number in range(5):
        paying.pay(placed(reference=f"A-{number}"), 1250)
    with django_assert_num_queries(5):
        page()


def test_interrupted_notification() -> None:
    payment = paying.pay(placed(), 1250)
    payment.next_attempt_at = payment.paid_at.replace(year=2020)
    payment.save()
    assert "interrupted: send it again" in page()


def test_only_get() -> None:
    assert Client().post(PANEL).status_code == 405


def test_needs_no_sessions_and_no_messages(settings: Any) -> None:
    settings.MIDDLEWARE = ["django.middleware.csrf.CsrfViewMiddleware"]
    settings.TEMPLATES = [
        {"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}
    ]
    assert "Paid with the amount asked for." in press(placed(), "pay")
