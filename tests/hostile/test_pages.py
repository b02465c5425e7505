"""The customer's pages against whoever knows an address, and whoever guesses one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from django_gemafu.enums import EventKind, OrderStatus
from django_gemafu.models import Order
from django_gemafu.testing import make_order, notification, notify, pay
from tests.hostile.messages import characters
from tests.hostile.requests import METHODS, environs
from tests.hostile.world import address, examples, harmless, send

pytestmark = pytest.mark.django_db

PAGES = st.sampled_from(["checkout", "qr", "status"])
STATUSES = st.sampled_from([each for each in OrderStatus if each != OrderStatus.PAID])
SCRIPT = "</script><script>alert(1)</script><img src=x onerror=\"alert('1')\">{{ 7|add:7 }}"


def url(name: str, order: Order) -> str:
    return reverse(f"gemafu:{name}", args=[order.token])


def assert_escaped(answer: HttpResponse) -> None:
    assert b"<script>alert" not in answer.content
    assert b"<img src=x" not in answer.content
    assert b'onerror="' not in answer.content


@given(page=PAGES, method=METHODS, status=STATUSES, environ=environs(), body=st.binary(max_size=99))
@examples(100)
def test_no_request_does_any_harm(
    page: str, method: str, status: str, environ: dict[str, str], body: bytes
) -> None:
    order = make_order(status=status)
    if status == OrderStatus.PLACING and method == "POST":
        method = "PUT"  # asking for the code again is what that page is for
    with harmless():
        # A refused order's page asks the story for the reason, too.
        statements = 2 if status == OrderStatus.FAILED else 1
        send(url(page, order), body, method=method, environ=environ, statements=statements)
    order.delete()


@given(tail=st.text() | st.binary(max_size=60), head=st.text(max_size=40))
@examples(70)
def test_no_other_address_leads_anywhere(tail: str | bytes, head: str) -> None:
    encoded = tail if isinstance(tail, bytes) else tail.encode("utf-8", "surrogatepass")
    order = make_order()
    with harmless():
        for path in (
            f"/pay/{quote(encoded, safe='/')}",
            f"/pay/{order.token}/{quote(encoded, safe='/')}x/",
            f"/pay/{quote(head.encode('utf-8', 'surrogatepass'))}/status/",
            address(order) + quote(encoded, safe="/") + "x",
        ):
            assert send(path, method="GET", statements=1).status_code in (301, 404, 405)
    order.delete()


def other_spellings(token: str) -> list[str]:
    return [
        token.upper(),
        token.replace("-", ""),
        "{" + token + "}",
        token[:-1],
        token + "0",
        token + "%00",
        token + "%0a",
        "%20" + token,
        "urn:uuid:" + token,
        token.replace(token[0], chr(ord(token[0]) + 0xFEE0)),
        "../" + token,
    ]


def test_a_token_has_one_spelling() -> None:
    order = make_order()
    order.token = uuid4()
    Order.objects.update(token="abcdefab-0000-4000-8000-abcdefabcdef")
    order.refresh_from_db()
    for spelling in other_spellings(str(order.token)):
        with harmless():
            for name in ("", "qr.png", "status/"):
                answer = send(f"/pay/{quote(spelling, safe='%')}/{name}", method="GET")
                assert answer.status_code == 404, spelling


@given(name=PAGES)
@examples(5)
def test_a_token_that_nobody_was_given_costs_one_question(name: str) -> None:
    with harmless():
        answer = send(reverse(f"gemafu:{name}", args=[uuid4()]), method="GET", statements=1)
        assert answer.status_code == 404


@given(
    texts=st.fixed_dictionaries(
        {
            "reference": st.text(characters, min_size=1, max_size=64),
            "app_name": st.text(characters, min_size=1, max_size=128),
            "customer_id": st.text(characters, min_size=1, max_size=128),
            "body": st.text(characters, max_size=200),
            "qr_content": st.text(characters, min_size=1, max_size=512),
            "return_url": st.text(characters, max_size=200).map(lambda text: f"https://x/{text}"),
        }
    ),
    payable=st.integers(1, 2**63 - 1),
    days=st.integers(-3, 30_000),
    is_free_input=st.booleans(),
)
@examples(30)
def test_whatever_texts_an_order_has_its_pages_can_be_seen(
    texts: dict[str, str], payable: int, days: int, is_free_input: bool
) -> None:
    at = timezone.now() + timedelta(days=days)
    for status in (OrderStatus.PENDING, OrderStatus.PLACING, OrderStatus.FAILED):
        order = make_order(
            **texts, payable_fen=payable, status=status, expires_at=at, is_free_input=is_free_input
        )
        for name in ("checkout", "status"):
            answer = send(url(name, order), method="GET", statements=4)
            assert answer.status_code == 200
        assert send(url("qr", order), method="GET", statements=1).status_code in (200, 404)
        order.events.all().delete()
        order.delete()


@pytest.mark.parametrize("state", ["pending", "placing", "paid", "review", "expired", "failed"])
def test_texts_are_never_taken_for_html(state: str) -> None:
    fields: dict[str, Any] = {
        "reference": SCRIPT[:64],
        "app_name": SCRIPT,
        "customer_id": SCRIPT,
        "body": SCRIPT,
        "qr_content": SCRIPT,
        "return_url": f"https://shop.example/{SCRIPT}",
    }
    status = OrderStatus.PENDING if state in ("paid", "review") else OrderStatus(state)
    order = make_order(**fields, status=status)
    if state == "paid":
        pay(order)
    if state == "review":
        notify(order, notification(order, amount_fen=1))

    statements = 2 if state == "failed" else 1
    answer = send(url("checkout", order), method="GET", statements=statements)

    assert answer.status_code == 200
    assert_escaped(answer)
    assert b"{{ 7|add:7 }}" in answer.content or b"14" not in answer.content


def test_a_status_is_json_and_nothing_that_a_browser_would_run() -> None:
    order = pay(make_order(return_url=f"https://shop.example/{SCRIPT}"))

    answer = send(url("status", order), method="GET", statements=1)

    assert answer["Content-Type"] == "application/json"
    assert answer["X-Content-Type-Options"] == "nosniff"


@given(body=st.binary(max_size=200), environ=environs())
@examples(40)
def test_asking_again_reads_nothing_and_changes_but_the_story(
    body: bytes, environ: dict[str, str]
) -> None:
    order = make_order(status=OrderStatus.PLACING, expires_at=None, payable_fen=None)
    Order.objects.update(checked_at=None)

    answer = send(url("checkout", order), body, environ=environ, endless=True, statements=6)

    order.refresh_from_db()
    assert answer.status_code in (302, 400)
    assert order.status == OrderStatus.PLACING
    kinds = [each.kind for each in order.events.all()]
    assert kinds == ([] if answer.status_code == 400 else [EventKind.UNANSWERED])
    if answer.status_code == 302:
        assert answer["Location"] == url("checkout", order)
    order.events.all().delete()
    order.delete()
