"""Who may do what. Nothing that Django calls add, change or delete allows anything here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from django_gemafu.admin.acts import ACTS
from django_gemafu.enums import OrderStatus
from django_gemafu.models import Order, Payment, Refund
from django_gemafu.testing import make_order, notification, notify, pay
from tests.admin.acting import INBOX, LIST, address, now, page_of, select

pytestmark = pytest.mark.django_db

OWN = {
    "check": "check_order",
    "settle": "settle_order",
    "accept": "resolve_payment",
    "dismiss": "resolve_payment",
    "deliver": "deliver_order",
    "refund": "refund_order",
    "cancel": "cancel_order",
    "expire": "expire_order",
}
#: What Django grants, to somebody who was given all of it.
DJANGOS = [
    f"{verb}_{model}"
    for verb in ("view", "add", "change", "delete")
    for model in ("order", "payment", "refund", "orderevent", "inbox")
]
FIELDS = {
    "confirmed": "yes",
    "amount_fen": "1.00",
    "evidence": "bill",
    "note": "because",
    "refunded_before_fen": "0",
}


def state(order: Order) -> tuple[Any, ...]:
    order.refresh_from_db()
    payments = list(order.payments.values_list("verdict", "amount_fen", "resolved_at"))
    return order.status, order.delivered_at, payments, order.events.count(), Refund.objects.count()


@pytest.fixture
def order() -> Order:
    """One that every act would find something to do about, if it was let."""
    order = make_order()
    notify(order, notification(order, amount_fen=1200))
    return order


def test_each_act_has_its_permission() -> None:
    assert {act.name: act.permission.partition(".")[2] for act in ACTS} == OWN
    known = Permission.objects.filter(content_type__app_label="django_gemafu")
    assert set(OWN.values()) <= set(known.values_list("codename", flat=True))


@pytest.mark.parametrize("act", OWN)
def test_nothing_is_granted_by_change_alone(
    act: str, order: Order, client_of: Callable[..., Client]
) -> None:
    others = sorted(set(OWN.values()) - {OWN[act]})
    client = client_of(*DJANGOS, *others)
    before = state(order)

    assert f"/act/{act}/" not in client.get(page_of(order)).content.decode()
    assert f'value="{act}"' not in client.get(LIST).content.decode()
    assert f"/act/{act}/" not in client.get(INBOX).content.decode()
    select(client, act, order)
    assert client.get(address(act, order)).status_code == 403
    posted = {**FIELDS, "ids": order.pk, "paid_at": now(), "made_at": now()}
    assert client.post(f"{LIST}act/{act}/", posted).status_code == 403
    assert state(order) == before


@pytest.mark.parametrize("act", OWN)
def test_its_permission_is_enough_beside_viewing(
    act: str, order: Order, client_of: Callable[..., Client]
) -> None:
    client = client_of("view_order", OWN[act])

    assert f'value="{act}"' in client.get(LIST).content.decode()
    assert client.get(address(act, order)).status_code == 200


@pytest.mark.parametrize("act", OWN)
def test_who_may_not_look_may_not_act(
    act: str, order: Order, client_of: Callable[..., Client]
) -> None:
    client = client_of(OWN[act])

    assert client.get(address(act, order)).status_code == 403


@pytest.mark.parametrize("path", [LIST, INBOX, f"{LIST}export/", f"{LIST}act/cancel/?ids=1"])
def test_strangers_are_sent_to_the_login(path: str, client: Client, django_user_model: Any) -> None:
    assert client.get(path)["Location"].startswith("/admin/login/")
    client.force_login(django_user_model.objects.create_user("customer"))
    assert client.get(path)["Location"].startswith("/admin/login/")
    assert client.post(path)["Location"].startswith("/admin/login/")


def test_an_act_needs_the_token_against_forgery(order: Order, admin_user: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin_user)
    before = state(order)

    response = client.post(f"{LIST}act/dismiss/", {**FIELDS, "ids": order.pk})

    assert response.status_code == 403
    assert state(order) == before


def test_looking_changes_nothing(order: Order, admin_client: Client) -> None:
    before = state(order)
    for act in OWN:
        admin_client.get(f"{address(act, order)}&confirmed=yes&note=because")
    assert state(order) == before


@pytest.mark.parametrize("who", ["superuser", "clerk"])
class TestNobodyEditsMoney:
    @pytest.fixture
    def anybody(self, who: str, admin_client: Client, client_of: Callable[..., Client]) -> Client:
        return admin_client if who == "superuser" else client_of(*DJANGOS)

    def test_not_by_the_page(self, anybody: Client, order: Order) -> None:
        pay(order)
        payment = order.payments.accepted().get()
        before = state(order)
        crafted = {
            "status": "cancelled",
            "amount_fen": "1",
            "payments-TOTAL_FORMS": "1",
            "payments-INITIAL_FORMS": "1",
            "payments-0-id": payment.pk,
            "payments-0-amount_fen": "1",
            "payments-0-DELETE": "on",
            "events-TOTAL_FORMS": "0",
            "events-INITIAL_FORMS": "0",
            "refunds-TOTAL_FORMS": "1",
            "refunds-INITIAL_FORMS": "0",
            "refunds-0-amount_fen": "1",
            "refunds-0-note": "x",
        }

        page = anybody.get(page_of(order)).content.decode()

        assert 'name="_save"' not in page
        assert "deletelink" not in page
        assert anybody.post(page_of(order), crafted).status_code == 403
        assert state(order) == before

    def test_not_in_the_list(self, anybody: Client, order: Order) -> None:
        before = state(order)
        crafted = {
            "_save": "Save",
            "form-TOTAL_FORMS": "1",
            "form-INITIAL_FORMS": "1",
            "form-0-id": order.pk,
            "form-0-status": "paid",
        }

        anybody.post(LIST, crafted)

        assert state(order) == before

    def test_not_by_deleting(self, anybody: Client, order: Order) -> None:
        confirmed = {"action": "delete_selected", "_selected_action": [order.pk], "post": "yes"}

        assert anybody.post(f"{LIST}{order.pk}/delete/", {"post": "yes"}).status_code == 403
        anybody.post(LIST, confirmed)

        assert Order.objects.get() == order
        assert Payment.objects.exists()

    def test_not_by_adding(self, anybody: Client) -> None:
        assert anybody.get(f"{LIST}add/").status_code == 403
        assert anybody.post(f"{LIST}add/", {"reference": "x"}).status_code == 403

    def test_payments_refunds_and_the_inbox_have_no_pages_of_their_own(
        self, anybody: Client, order: Order
    ) -> None:
        for model in ("payment", "refund", "orderevent"):
            assert anybody.get(f"/admin/django_gemafu/{model}/").status_code == 404
        assert anybody.get(f"{INBOX}{order.pk}/change/").status_code == 404
        assert anybody.get(f"{INBOX}add/").status_code == 404


def test_a_paid_order_stays_paid_whatever_is_posted(admin_client: Client) -> None:
    order = pay(make_order(paid_at=None, created_at=timezone.now()))
    for act in OWN:
        fields = {**FIELDS, "ids": order.pk, "paid_at": now(), "made_at": now()}
        admin_client.post(f"{LIST}act/{act}/", fields)

    order.refresh_from_db()
    assert order.status == OrderStatus.PAID
    assert order.payments.count() == 1
