from __future__ import annotations

import json
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connections, transaction
from django.utils import timezone

from django_gemafu.protocol.messages import Envelope, Notification
from django_gemafu.protocol.signing import verify
from django_gemafu.sandbox import notifier, paying
from django_gemafu.sandbox.models import Behaviour, NotificationAttempt, SandboxPayment
from tests.sandbox.foreign import SECRET, Shop
from tests.sandbox.orders import fresh, placed

pytestmark = pytest.mark.usefixtures("background_db")


def paid(shop: Shop, **changes: Any) -> SandboxPayment:
    """A payment whose notifications have come to their end."""
    payment = paying.pay(placed(notify_url=shop.url, **changes), 1250)
    notifier.wait_until_idle()
    payment.refresh_from_db()
    return payment


def attempts(payment: SandboxPayment) -> list[tuple[int | None, str, bool]]:
    return [(each.http_status, each.answer, each.is_accepted) for each in payment.attempts.all()]


def test_accepted_at_once(shop: Shop) -> None:
    payment = paid(shop)
    assert (payment.state, payment.next_attempt_at) == ("accepted", None)
    assert attempts(payment) == [(200, "200", True)]
    assert len(shop.received) == 1


def test_message_is_the_documented_one(shop: Shop) -> None:
    payment = paid(shop, return_url="https://shop.example/", body="😀")
    envelope = Envelope.parse(json.dumps(shop.received[0]).encode())
    message = Notification.parse(envelope.data)
    assert verify(envelope.data, envelope.sign, SECRET)
    assert message.gateway_payment_id == payment.number
    assert message.gateway_order_id == payment.order.number
    assert message.paid_at == payment.paid_at.replace(microsecond=0)
    assert (message.body, message.return_url) == ("😀", "https://shop.example/")
    assert not message.extra


def test_the_newest_secret_signs(shop: Shop, settings: Any) -> None:
    settings.GEMAFU = {**django_settings.GEMAFU, "SECRET_KEY": ["new-secret", SECRET]}
    paid(shop)
    [received] = shop.received
    assert verify(received["data"], received["sign"], "new-secret")


def test_retried_until_accepted_and_the_answers_are_kept(shop: Shop) -> None:
    shop.answers = [(500, b"<h1>Oops</h1>"), (200, "库存不足".encode()), (200, b"200")]
    payment = paid(shop)
    assert payment.state == "accepted"
    assert fresh(payment.order).status == 2
    assert attempts(payment) == [
        (500, "<h1>Oops</h1>", False),
        (200, "库存不足", False),
        (200, "200", True),
    ]


def test_retries_used_up(shop: Shop) -> None:
    shop.answers = [(200, b"x" * 3000)]
    payment = paid(shop)
    assert (payment.state, payment.next_attempt_at) == ("exhausted", None)
    assert fresh(payment.order).status == 3
    assert attempts(payment) == [(200, "x" * 1000, False)] * 3


def test_failing_to_reach_the_shop_is_retried() -> None:
    payment = paying.pay(placed(notify_url="nonsense"), 1250)
    notifier.wait_until_idle()
    errors = payment.attempts.values_list("error", "http_status", "answer")
    assert list(errors) == [("address", None, "")] * 3


def test_being_retried(shop: Shop, settings: Any) -> None:
    settings.GEMAFU = {**django_settings.GEMAFU, "SANDBOX_RETRY_DELAYS_SECONDS": [300]}
    shop.answers = [(200, b"later")]
    payment = paying.pay(placed(notify_url=shop.url), 1250)
    with pytest.raises(TimeoutError):
        notifier.wait_until_idle(0.3)
    payment.refresh_from_db()
    assert fresh(payment.order).status == 4
    assert payment.next_attempt_at is not None
    assert timedelta(seconds=290) < payment.next_attempt_at - timezone.now()

    notifier.abandon_retries()
    payment.refresh_from_db()
    assert payment.state == "pending"
    assert len(shop.received) == 1


def test_rolled_back_payment_is_not_notified_of(shop: Shop) -> None:
    with transaction.atomic():
        paying.pay(placed(notify_url=shop.url), 1250)
        transaction.set_rollback(True)
    notifier.wait_until_idle()
    assert not shop.received


def test_payment_that_is_gone(shop: Shop) -> None:
    payment = paid(shop)
    payment.delete()
    notifier._keep_notifying(payment.order_id, 99, (0.0,), threading.Event())
    assert len(shop.received) == 1


class TestSendAgain:
    def test_accepted_one_is_repeated_once(self, shop: Shop) -> None:
        payment = paid(shop)
        shop.answers = [(200, b"no")]
        notifier.send_again(payment)
        notifier.wait_until_idle()
        payment.refresh_from_db()
        assert payment.state == "accepted"
        assert shop.received[0] == shop.received[1]
        assert len(shop.received) == 2

    def test_exhausted_one_gets_a_new_schedule(self, shop: Shop) -> None:
        shop.answers = [(200, b"no")] * 4 + [(200, b"200")]
        payment = paid(shop)
        notifier.send_again(payment)
        notifier.wait_until_idle()
        payment.refresh_from_db()
        assert payment.state == "accepted"
        assert len(shop.received) == 5

    def test_newer_schedule_ends_the_older_one(self, shop: Shop, settings: Any) -> None:
        settings.GEMAFU = {**django_settings.GEMAFU, "SANDBOX_RETRY_DELAYS_SECONDS": [0.3]}
        shop.answers = [(200, b"no")]
        payment = paying.pay(placed(notify_url=shop.url), 1250)
        with pytest.raises(TimeoutError):
            notifier.wait_until_idle(0.15)
        notifier.send_again(payment)
        notifier.wait_until_idle()
        assert len(shop.received) == 3  # not four

    def test_after_a_restart(self, shop: Shop) -> None:
        payment = paying.pay(placed(notify_url=shop.url), 1250, notifies=False)
        overdue = timezone.now() - timedelta(minutes=5)
        SandboxPayment.objects.update(state="pending", next_attempt_at=overdue)
        payment.refresh_from_db()
        assert payment.is_stalled
        notifier.send_again(payment)
        notifier.wait_until_idle()
        payment.refresh_from_db()
        assert payment.state == "accepted"
        assert not payment.is_stalled


class TestHolding:
    def test_held_until_released(self, shop: Shop) -> None:
        Behaviour(pk=1, holds_notifications=True).save()
        payment = paid(shop)
        assert (payment.state, fresh(payment.order).status) == ("held", 4)
        assert not shop.received

        Behaviour.objects.all().delete()
        notifier.release_held()
        notifier.wait_until_idle()
        payment.refresh_from_db()
        assert payment.state == "accepted"

    def test_retries_are_held_too(self, shop: Shop) -> None:
        def hold() -> None:  # in a thread of the shop's server
            Behaviour.objects.get_or_create(pk=1, holds_notifications=True)
            connections.close_all()

        shop.answers, shop.on_request = [(200, b"no")], hold
        payment = paid(shop)
        assert (payment.state, len(shop.received)) == ("held", 1)


class TestMisbehaving:
    def test_ten_at_once(self, shop: Shop) -> None:
        everyone = threading.Barrier(10, timeout=5)
        shop.on_request = everyone.wait  # breaks unless all ten are here at the same time
        payment = paying.pay(placed(notify_url=shop.url), 1250, notifies=False)
        notifier.send_ten_at_once(payment)
        notifier.wait_until_idle()
        payment.refresh_from_db()
        assert len(shop.received) == 10
        assert len({json.dumps(each) for each in shop.received}) == 1
        assert payment.state == "accepted"
        assert set(payment.attempts.values_list("kind", "is_accepted")) == {("burst", True)}

    def test_tampered(self, shop: Shop) -> None:
        payment = paying.pay(placed(notify_url=shop.url), 1250, notifies=False)
        notifier.send_tampered(payment)
        notifier.wait_until_idle()
        [received] = shop.received
        assert not verify(received["data"], received["sign"], SECRET)
        assert received["data"]["money"] == 1251
        received["data"]["money"] = 1250
        assert verify(received["data"], received["sign"], SECRET)

        payment.refresh_from_db()
        assert payment.state == "unsent"  # a forgery that is believed is no success
        assert NotificationAttempt.objects.get().is_forgery_accepted
