from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import IntegrityError, connections
from django.utils import timezone

from django_gemafu.protocol.fields import MAX_INTEGER
from django_gemafu.sandbox import paying, placing
from django_gemafu.sandbox.models import Behaviour, SandboxOrder
from django_gemafu.sandbox.refusals import Refusal
from tests.sandbox.orders import fresh, placed, request_for


def amounts(count: int, amount_fen: int) -> list[int]:
    return [placed(reference=f"A-{n}", amount_fen=amount_fen).payable_fen for n in range(count)]


@pytest.mark.django_db
class TestAmounts:
    def test_open_orders_ask_for_different_amounts(self) -> None:
        assert amounts(6, 1000) == [1000, 999, 1001, 998, 1002, 997]

    def test_never_below_one_fen(self) -> None:
        assert amounts(4, 2) == [2, 1, 3, 4]

    def test_never_above_what_a_number_can_be(self) -> None:
        assert list(placing.amounts_near(MAX_INTEGER))[:3] == [
            MAX_INTEGER,
            MAX_INTEGER - 1,
            MAX_INTEGER - 2,
        ]

    def test_all_taken(self) -> None:
        assert sorted(amounts(21, 1000)) == list(range(990, 1011))
        with pytest.raises(Refusal) as caught:
            placed(reference="one too many", amount_fen=1000)
        assert caught.value.code == 503

    def test_free_again_once_paid(self) -> None:
        paying.pay(placed(), 1250)
        assert placed(reference="A-2").payable_fen == 1250

    def test_free_again_once_expired(self) -> None:
        SandboxOrder.objects.filter(pk=placed().pk).update(expires_at=timezone.now())
        assert placed(reference="A-2").payable_fen == 1250

    def test_the_database_itself_refuses_a_second_one(self) -> None:
        order = placed()
        order.pk, order.number, order.reference_key = None, 1, "another"
        with pytest.raises(IntegrityError):
            order.save(force_insert=True)


@pytest.mark.django_db
class TestSameAgain:
    def test_retry_returns_the_open_order(self) -> None:
        again = request_for(sent_at=timezone.now() + timedelta(seconds=30))
        assert placed() == placing.place(again)

    @pytest.mark.parametrize(
        "change",
        [
            {"amount_fen": 1251},
            {"customer_id": "customer-2"},
            {"app_name": "OTHER"},
            {"notify_url": "http://127.0.0.1:9/other"},
            {"return_url": "https://shop.example/"},
            {"body": "x"},
        ],
    )
    def test_other_content_is_an_error(self, change: dict[str, Any]) -> None:
        placed()
        with pytest.raises(Refusal, match="A-1001 was used") as caught:
            placed(**change)
        assert caught.value.code == 409

    def test_expired_is_an_error(self) -> None:
        paying.expire(placed())
        with pytest.raises(Refusal, match="A-1001 belongs to an order that is paid or expired"):
            placed()

    def test_paid_is_an_error(self) -> None:
        paying.pay(placed(), 1250)
        with pytest.raises(Refusal, match="A-1001 belongs to an order that is paid or expired"):
            placed()

    @pytest.mark.parametrize("others", ["a-1001", "A-1001 ", "😁"])
    def test_references_that_a_database_may_take_for_equal(self, others: str) -> None:
        first = placed(reference="😀" if others == "😁" else "A-1001")
        assert placed(reference=others) != first


@pytest.mark.django_db
class TestNewOrder:
    def test_numbers_are_random_and_have_twelve_digits(self) -> None:
        numbers = [placed(reference=f"A-{n}").number for n in range(8)]
        assert numbers != sorted(numbers)
        assert all(re.fullmatch("[1-9][0-9]{11}", str(number)) for number in numbers)

    def test_lifetime(self, settings: Any) -> None:
        settings.GEMAFU = {**django_settings.GEMAFU, "SANDBOX_ORDER_LIFETIME_SECONDS": 60}
        left = placed().expires_at - timezone.now()
        assert timedelta(seconds=55) < left <= timedelta(seconds=60)

    def test_lifetime_set_on_the_panel(self) -> None:
        Behaviour(pk=1, order_lifetime_seconds=7).save()
        left = placed().expires_at - timezone.now()
        assert timedelta(seconds=2) < left <= timedelta(seconds=7)

    def test_free_input_codes(self) -> None:
        assert not placed().is_free_input
        Behaviour(pk=1, gives_free_input_codes=True).save()
        assert placed(reference="A-2").is_free_input

    def test_four_byte_text_is_kept(self) -> None:
        order = placed(reference="单😀", customer_id="客😀", app_name="店😀", body="😀" * 2000)
        assert fresh(order).body == "😀" * 2000
        assert fresh(order).reference == "单😀"


def in_threads(count: int, *references: str) -> list[SandboxOrder]:
    def work(number: int) -> SandboxOrder:
        try:
            return placed(reference=references[number % len(references)])
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(work, range(count)))


@pytest.mark.usefixtures("background_db")
class TestRaces:
    def test_no_amount_is_given_twice(self) -> None:
        orders = in_threads(12, *(f"A-{n}" for n in range(12)))
        assert len({order.payable_fen for order in orders}) == 12

    def test_one_reference_becomes_one_order(self) -> None:
        orders = in_threads(12, "A-1")
        assert len({order.pk for order in orders}) == 1
        assert SandboxOrder.objects.count() == 1

    @pytest.mark.parametrize("is_same", [True, False])
    def test_someone_else_is_faster(self, is_same: bool, monkeypatch: pytest.MonkeyPatch) -> None:
        """Between looking which amounts are free and taking one, another takes it."""
        genuine = placing._free_amounts

        def slow(amount_fen: int) -> list[int]:
            free = genuine(amount_fen)
            monkeypatch.setattr(placing, "_free_amounts", genuine)
            placed(reference="A-1001" if is_same else "A-2")
            return free

        monkeypatch.setattr(placing, "_free_amounts", slow)
        order = placed()
        assert order.payable_fen == (1250 if is_same else 1249)
        assert SandboxOrder.objects.count() == (1 if is_same else 2)
