from __future__ import annotations

import io
import time
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.db import OperationalError, connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from django_gemafu.conf import conf
from django_gemafu.enums import EventKind, OrderStatus, PaymentSource
from django_gemafu.exceptions import OrderClosed
from django_gemafu.models import Order, OrderEvent, Payment
from django_gemafu.operations import cancel_order, check_order, place_order, reconcile, settle
from django_gemafu.operations.notify_address import notify_url
from django_gemafu.protocol.messages import MAX_MESSAGE_BYTES, Envelope
from django_gemafu.testing import make_order, notification, notify, pay
from django_gemafu.testing.plugin import Sandbox
from tests.conftest import Receiver

pytestmark = pytest.mark.django_db

OTHER_STATUSES = [
    OrderStatus.PLACING,
    OrderStatus.EXPIRED,
    OrderStatus.FAILED,
    OrderStatus.CANCELLED,
]


def url(name: str, order: Order) -> str:
    return reverse(f"gemafu:{name}", args=[order.token])


def over() -> Any:
    return timezone.now() - timedelta(seconds=1)


def text(response: Any) -> str:
    return str(response.content.decode())


class TestCheckout:
    def test_it_shows_what_to_pay(self, client: Client) -> None:
        order = make_order(reference="A-1001", amount_fen=1250, payable_fen=1249)

        page = text(client.get(order.get_absolute_url()))

        assert "12.49" in page
        assert "A-1001" in page
        assert url("qr", order) in page
        assert url("status", order) in page

    def test_it_costs_one_query(self, client: Client, django_assert_num_queries: Any) -> None:
        order = make_order()
        with django_assert_num_queries(1):
            client.get(order.get_absolute_url())

    def test_reloading_asks_no_gateway(self, client: Client) -> None:
        order = make_order()  # the settings' gateway would refuse the connection

        for _ in range(2):
            assert client.get(order.get_absolute_url()).status_code == 200

        assert not order.events.exists()

    @pytest.mark.parametrize("status", OTHER_STATUSES)
    def test_no_code_is_shown_in_any_other_state(self, client: Client, status: str) -> None:
        order = make_order(status=status)

        page = text(client.get(order.get_absolute_url()))

        assert url("qr", order) not in page

    def test_a_code_whose_time_is_over_is_not_shown(self, client: Client) -> None:
        order = make_order(expires_at=over())

        assert url("qr", order) not in text(client.get(order.get_absolute_url()))

    def test_a_paid_order_leads_back_to_the_shop(self, client: Client) -> None:
        order = pay(make_order(return_url="https://shop.example/thanks/?a=1&b=2"))

        page = text(client.get(order.get_absolute_url()))

        assert "https://shop.example/thanks/?a=1&amp;b=2" in page

    def test_money_that_does_not_fit_is_said_to_be_looked_into(self, client: Client) -> None:
        order = make_order()
        notify(order, notification(order, amount_fen=1))

        response = client.get(order.get_absolute_url())

        assert "We are looking into your payment" in text(response)
        assert url("qr", order) not in text(response)

    def test_who_paid_twice_is_told_that_it_is_known(self, client: Client) -> None:
        order = pay(make_order())
        notify(order)

        page = text(client.get(order.get_absolute_url()))

        assert "This order is paid, but more money arrived than it needs." in page

    def test_what_comes_from_outside_is_escaped(self, client: Client) -> None:
        order = make_order(reference="<script>alert(1)</script>", app_name="<b>")

        page = text(client.get(order.get_absolute_url()))

        assert "<script>alert" not in page
        assert "<b>" not in page

    def test_an_unknown_order_is_not_found(self, client: Client) -> None:
        assert client.get(reverse("gemafu:checkout", args=[uuid4()])).status_code == 404

    def test_it_is_in_chinese_for_who_reads_it(self, client: Client) -> None:
        order = make_order()

        page = text(client.get(order.get_absolute_url(), headers={"accept-language": "zh-CN"}))

        assert 'lang="zh-hans"' in page
        assert "微信" in page


class TestTryingAgain:
    def test_the_gateway_is_asked_again(self, gemafu_sandbox: Sandbox, client: Client) -> None:
        order = make_order(
            status=OrderStatus.PLACING,
            gateway_order_id=None,
            payable_fen=None,
            qr_content="",
            checked_at=None,
        )

        response = client.post(order.get_absolute_url())

        assert response["Location"] == order.get_absolute_url()
        assert Order.objects.get(pk=order.pk).status == OrderStatus.PENDING

    @pytest.mark.parametrize("status", [OrderStatus.PLACING, OrderStatus.EXPIRED])
    def test_a_failure_leads_back_to_the_page(self, client: Client, status: str) -> None:
        order = make_order(status=status, checked_at=None)

        assert client.post(order.get_absolute_url()).status_code == 302

    def test_a_browser_that_sends_no_origin_may_ask(self) -> None:
        """As browsers do from a page whose address goes nowhere (Referrer-Policy: no-referrer)."""
        client = Client(enforce_csrf_checks=True, headers={"origin": "null"})

        assert client.post(make_order().get_absolute_url()).status_code == 302


class TestQR:
    def test_it_is_a_png(self, client: Client) -> None:
        response = client.get(url("qr", make_order()))

        assert response["Content-Type"] == "image/png"
        assert response.content.startswith(b"\x89PNG")

    @pytest.mark.parametrize("status", OTHER_STATUSES)
    def test_a_code_that_must_not_be_paid_is_not_there(self, client: Client, status: str) -> None:
        assert client.get(url("qr", make_order(status=status))).status_code == 404

    def test_nor_is_one_whose_time_is_over(self, client: Client) -> None:
        assert client.get(url("qr", make_order(expires_at=over()))).status_code == 404

    def test_nor_is_one_for_which_money_came_that_does_not_fit(self, client: Client) -> None:
        order = make_order()
        notify(order, notification(order, amount_fen=1))

        assert client.get(url("qr", order)).status_code == 404

    def test_nor_one_that_was_never_heard_of(self, client: Client) -> None:
        assert client.get(url("qr", make_order(qr_content=""))).status_code == 404


class TestStatus:
    def status(self, client: Client, order: Order) -> Any:
        return client.get(url("status", order)).json()

    def test_a_waiting_order(self, client: Client) -> None:
        order = make_order(payable_fen=1249, return_url="https://shop.example/thanks/")

        status = self.status(client, order)

        assert 295 < status.pop("expires_in") <= 300
        assert status == {
            "status": "pending",
            "paid": False,
            "payable_fen": 1249,
            "redirect_url": None,
        }

    def test_a_paid_order_tells_where_to_go(self, client: Client) -> None:
        order = pay(make_order(return_url="https://shop.example/thanks/"))

        status = self.status(client, order)

        assert (status["status"], status["paid"]) == ("paid", True)
        assert status["redirect_url"] == "https://shop.example/thanks/"

    def test_a_paid_order_with_nowhere_to_go(self, client: Client) -> None:
        assert self.status(client, pay(make_order()))["redirect_url"] is None

    def test_an_order_whose_time_is_over(self, client: Client) -> None:
        status = self.status(client, make_order(expires_at=over()))

        assert (status["status"], status["expires_in"]) == ("expired", 0)

    def test_an_order_that_the_gateway_has_not_answered(self, client: Client) -> None:
        order = make_order(status=OrderStatus.PLACING, expires_at=None, payable_fen=None)

        status = self.status(client, order)

        assert (status["status"], status["expires_in"]) == ("placing", None)
        assert status["payable_fen"] is None

    def test_nothing_more_is_to_be_paid_when_money_came_that_does_not_fit(
        self, client: Client
    ) -> None:
        order = make_order()
        notify(order, notification(order, amount_fen=1))

        status = self.status(client, order)

        assert (status["status"], status["payable_fen"]) == ("pending", None)

    def test_it_costs_one_query(self, client: Client, django_assert_num_queries: Any) -> None:
        order = make_order()
        with django_assert_num_queries(1):
            self.status(client, order)

    def again(self, client: Client, order: Order, etag: str) -> Any:
        return client.get(url("status", order), headers={"if-none-match": etag})

    def test_who_knows_it_already_gets_nothing(
        self, client: Client, django_assert_num_queries: Any
    ) -> None:
        order = make_order()
        first = client.get(url("status", order))
        with django_assert_num_queries(1):
            second = self.again(client, order, first["ETag"])

        assert (second.status_code, second.content) == (304, b"")
        assert second["ETag"] == first["ETag"]
        assert "no-store" in second["Cache-Control"]
        assert second["Referrer-Policy"] == "no-referrer"

    def test_a_change_is_told(self, client: Client) -> None:
        order = make_order(return_url="https://shop.example/thanks/")
        etag = client.get(url("status", order))["ETag"]
        pay(order)

        answer = self.again(client, order, etag)

        assert answer.status_code == 200
        assert answer.json()["redirect_url"] == "https://shop.example/thanks/"

    def test_a_second_that_passes_is_no_change(self, client: Client) -> None:
        order = make_order(expires_at=timezone.now() + timedelta(seconds=2.02))
        first = client.get(url("status", order))
        while self.status(client, order)["expires_in"] == first.json()["expires_in"]:
            time.sleep(0.01)

        assert self.again(client, order, first["ETag"]).status_code == 304

    def test_it_asks_the_gateway_when_no_notification_came(
        self, gemafu_sandbox: Sandbox, client: Client
    ) -> None:
        order = place_order(amount_fen=1250, customer_id="42", reference="A-1001")
        gemafu_sandbox.pay(order, notifies=False)
        Order.objects.update(checked_at=None)

        assert self.status(client, order)["paid"]


class TestNotify:
    def address(self, order: Order) -> str:
        return urlsplit(notify_url(order.token)).path

    def body(self, order: Order) -> bytes:
        return Envelope.seal(notification(order), conf.secret_key).to_json()

    def test_200_and_nothing_else_once_all_is_done(self, receiver: Receiver) -> None:
        order = make_order()

        response = notify(order)

        assert (response.status_code, response.content) == (200, b"200")
        assert len(receiver.received) == 1

    def test_it_costs_six_statements(self) -> None:
        order = make_order()
        address, body = self.address(order), self.body(order)
        client = Client()
        with CaptureQueriesContext(connection) as captured:
            client.post(address, body, content_type="application/json")

        verbs = [query["sql"].split()[0] for query in captured]
        statements = [verb for verb in verbs if verb not in ("SAVEPOINT", "RELEASE")]
        assert statements == ["SELECT", "UPDATE", "INSERT", "INSERT", "UPDATE", "INSERT"]

    @pytest.mark.parametrize(
        "content_type",
        ["application/json", "application/x-www-form-urlencoded", "multipart/form-data", "x", ""],
    )
    def test_it_takes_any_content_type(self, content_type: str) -> None:
        order = make_order()

        response = Client().generic(
            "POST", self.address(order), self.body(order), content_type=content_type
        )

        assert response.content == b"200"

    def test_it_needs_no_csrf_token(self) -> None:
        order = make_order()

        response = Client(enforce_csrf_checks=True).post(
            self.address(order), self.body(order), content_type="application/json"
        )

        assert response.content == b"200"

    @pytest.mark.parametrize(
        ("body", "status", "reason"),
        [
            (b"no json", 400, "not a JSON text"),
            (b'{"data": {}, "sign": "x"}', 403, "the signature is wrong"),
            (b" " * (MAX_MESSAGE_BYTES + 1), 413, "longer than"),
        ],
    )
    def test_a_refusal_says_why_and_changes_nothing(
        self, body: bytes, status: int, reason: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        order = make_order()

        response = Client().post(self.address(order), body, content_type="application/json")

        assert response.status_code == status
        assert reason in text(response)
        assert response["Content-Type"] == "text/plain; charset=utf-8"
        assert not Payment.objects.exists()
        assert not OrderEvent.objects.exists()

    def test_a_refusal_is_logged(self, caplog: pytest.LogCaptureFixture) -> None:
        order = make_order()

        Client().post(self.address(order), b"no json", content_type="application/json")

        assert str(order.token) in caplog.text
        assert "not a JSON text" in caplog.text

    def test_a_message_of_the_largest_size_is_read(self) -> None:
        order = make_order()
        body = self.body(order)

        padded = body + b" " * (MAX_MESSAGE_BYTES - len(body))
        response = Client().post(self.address(order), padded, content_type="application/json")

        assert response.content == b"200"

    def test_a_payment_that_does_not_fit_is_a_conflict(self) -> None:
        order = make_order()

        response = notify(order, notification(order, amount_fen=1))

        assert response.status_code == 409
        assert text(response).startswith("recorded as underpaid")

    def test_a_failing_receiver_asks_for_it_again(self, receiver: Receiver) -> None:
        order = make_order()
        receiver.raises = RuntimeError("a secret of the shop")

        response = notify(order)

        assert response.status_code == 503
        assert "a secret" not in text(response)
        assert Order.objects.get(pk=order.pk).status == OrderStatus.PAID

    def test_a_database_that_is_away_asks_for_it_again(self) -> None:
        order = make_order()
        address, body = self.address(order), self.body(order)

        def be_away(*args: Any) -> Any:
            raise OperationalError("server closed the connection, password=...")

        with connection.execute_wrapper(be_away):
            response = Client().post(address, body, content_type="application/json")

        assert response.status_code == 503
        assert "password" not in text(response)

    def test_settings_that_are_incomplete_ask_for_it_again(self, settings: Any) -> None:
        order = make_order()
        address, body = self.address(order), self.body(order)
        settings.GEMAFU = {}

        response = Client().post(address, body, content_type="application/json")

        assert response.status_code == 503
        assert text(response) == "the shop's settings are incomplete; send it again"

    def test_a_message_that_breaks_off_is_refused(self) -> None:
        class Broken(io.BytesIO):
            def read(self, *args: Any) -> bytes:
                raise OSError("connection reset")

        environ: Any = {"wsgi.input": Broken(), "CONTENT_LENGTH": "10"}
        response = Client().generic("POST", self.address(make_order()), b"", **environ)

        assert (response.status_code, response.content) == (400, b"the message broke off")

    def test_only_post_is_taken(self) -> None:
        assert Client().get(self.address(make_order())).status_code == 405


class TestWhateverTheHostSets:
    @pytest.fixture(params=["checkout", "qr", "status", "notify"])
    def answer(self, request: pytest.FixtureRequest, settings: Any) -> HttpResponse:
        settings.SECURE_REFERRER_POLICY = "unsafe-url"
        settings.MIDDLEWARE = [
            "django.middleware.cache.UpdateCacheMiddleware",
            *settings.MIDDLEWARE,
            "django.contrib.auth.middleware.LoginRequiredMiddleware",
            "django.middleware.cache.FetchFromCacheMiddleware",
        ]
        order = make_order()
        if request.param == "notify":
            return notify(order)
        response: HttpResponse = Client().get(url(request.param, order))  # type: ignore[assignment]
        return response

    def test_no_login_is_asked_for(self, answer: HttpResponse) -> None:
        assert answer.status_code == 200

    def test_the_address_goes_to_no_other_site(self, answer: HttpResponse) -> None:
        assert answer["Referrer-Policy"] == "no-referrer"
        assert answer["X-Robots-Tag"] == "noindex"

    def test_nor_does_one_that_is_not_there(self, settings: Any) -> None:
        settings.SECURE_REFERRER_POLICY = "unsafe-url"
        response = Client().get(url("qr", make_order(status=OrderStatus.CANCELLED)))

        assert response.status_code == 404
        assert response["Referrer-Policy"] == "no-referrer"
        assert "no-store" in response["Cache-Control"]

    def test_nothing_is_kept_in_a_cache(self, answer: HttpResponse) -> None:
        assert "no-store" in answer["Cache-Control"]
        assert "private" in answer["Cache-Control"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("request_", ["notify", "admin"])
def test_a_request_is_no_transaction(
    request_: str, receiver: Receiver, admin_client: Client
) -> None:
    """With ATOMIC_REQUESTS the record of a payment would go down with a failing receiver."""
    order = make_order()
    receiver.raises = RuntimeError("no")
    if request_ == "admin":
        pay_without_delivery(order)
    seen: list[bool] = []

    def look(execute: Any, *args: Any) -> Any:
        seen.append(connection.in_atomic_block)
        return execute(*args)

    connection.settings_dict["ATOMIC_REQUESTS"] = True
    try:
        with connection.execute_wrapper(look):
            if request_ == "notify":
                notify(order)
            else:
                deliver_again(admin_client, order)
    finally:
        connection.settings_dict["ATOMIC_REQUESTS"] = False

    assert seen[0] is False
    assert order.events.filter(kind=EventKind.DELIVERY_FAILED).exists()
    assert Order.objects.get(pk=order.pk).status == OrderStatus.PAID


def pay_without_delivery(order: Order) -> None:
    settle(Order.objects.get(pk=order.pk), source=PaymentSource.MANUAL, amount_fen=order.due_fen)


def deliver_again(client: Client, order: Order) -> None:
    data = {"confirmed": "yes", "ids": str(order.pk)}
    client.post("/admin/django_gemafu/order/act/deliver/", data)


class Replica:
    """A router to a replica that knows of nothing yet."""

    def db_for_read(self, model: Any, **hints: Any) -> str | None:
        return "nowhere" if model in (Order, Payment, OrderEvent) else None


@pytest.mark.django_db(transaction=True)
def test_money_is_never_judged_by_what_a_replica_says(
    gemafu_sandbox: Sandbox, settings: Any, receiver: Receiver
) -> None:
    settings.DATABASE_ROUTERS = [Replica()]
    place = partial(place_order, amount_fen=1250, customer_id="42", reference="A-1001")
    order = place()
    assert place() == order
    message = notification(order)
    receiver.raises = RuntimeError("not yet")
    assert notify(order, message).status_code == 503
    receiver.raises = None

    assert [notify(order, message).content for _ in range(2)] == [b"200", b"200"]
    assert notify(order, notification(order, amount_fen=1)).status_code == 409
    with pytest.raises(OrderClosed):
        cancel_order(order)

    assert check_order(order) is False  # the sandbox knows of no payment
    assert len(receiver.received) == 1
    assert reconcile().unresolved == 1


def test_the_answer_never_holds_what_only_the_gateway_may_know(client: Client) -> None:
    order = make_order(return_url="https://shop.example/thanks/")
    proof = notify_url(order.token).rstrip("/").rpartition("/")[2]

    def look() -> None:
        for name in ("checkout", "status"):
            page = text(client.get(url(name, order)))
            assert proof not in page
            assert conf.secret_key not in page
            assert "notify" not in page

    look()
    pay(order)
    look()
