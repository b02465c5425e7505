from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.utils import timezone

from django_gemafu.sandbox.models import (
    Behaviour,
    NotificationAttempt,
    SandboxOrder,
    SandboxPayment,
)
from tests.sandbox.orders import fresh, placed


@pytest.mark.django_db
def test_migrations_are_complete() -> None:
    call_command("makemigrations", "gemafu_sandbox", check=True, dry_run=True, verbosity=0)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("state", "status"),
    [("accepted", 2), ("exhausted", 3), ("unsent", 3), ("pending", 4), ("held", 4)],
)
def test_the_first_payment_decides_the_status(state: str, status: int) -> None:
    order = placed()
    order.payments.create(amount_fen=1250, state=state)
    order.payments.create(amount_fen=1250)
    assert fresh(order).status == status


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("https://shop.example/?a=1", "https://shop.example/?a=1"),
        ("HTTP://shop.example/", "HTTP://shop.example/"),
        ("javascript:alert(1)", ""),
        ("//shop.example/", ""),
        ("https://[broken", ""),
        ("", ""),
    ],
)
def test_only_web_pages_are_linked_to(url: str, link: str) -> None:
    assert SandboxOrder(return_url=url).return_link == link


def test_payment_is_stalled_only_when_its_attempt_never_came() -> None:
    now = timezone.now()
    assert SandboxPayment(state="pending", next_attempt_at=now - timedelta(minutes=1)).is_stalled
    assert not SandboxPayment(state="pending", next_attempt_at=now).is_stalled
    assert not SandboxPayment(state="pending").is_stalled
    assert not SandboxPayment(state="accepted", next_attempt_at=now).is_stalled


@pytest.mark.django_db
def test_behaviour_is_good_until_told_otherwise() -> None:
    assert Behaviour.current().is_good
    Behaviour(pk=1, delay_seconds=1).save()
    assert not Behaviour.current().is_good
    assert not Behaviour(refusal="balance").is_good
    assert not Behaviour(answer_style="cut").is_good
    assert not Behaviour(holds_notifications=True).is_good
    assert Behaviour(gives_free_input_codes=True).is_good


@pytest.mark.parametrize("delay_seconds", [-1, 61])
def test_delay_is_bounded(delay_seconds: float) -> None:
    with pytest.raises(ValidationError, match="delay_seconds"):
        Behaviour(pk=1, delay_seconds=delay_seconds).clean_fields()


def test_names() -> None:
    assert str(SandboxOrder(number=12)) == "12"
    assert str(SandboxPayment(number=13)) == "13"
    assert str(NotificationAttempt(pk=14)) == "14"
    assert str(Behaviour()) == "behaviour"
