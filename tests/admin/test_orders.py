from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from django_gemafu.enums import EventKind, OrderStatus
from django_gemafu.models import Order
from django_gemafu.testing import make_order, notification, notify, pay
from tests.conftest import Receiver

pytestmark = pytest.mark.django_db

LIST = "/admin/django_gemafu/order/"


def page_of(order: Order) -> str:
    return reverse("admin:django_gemafu_order_change", args=[order.pk])


def act(client: Client, action: str, *orders: Order) -> str:
    data: dict[str, Any] = {"action": action, "_selected_action": [order.pk for order in orders]}
    return client.post(LIST, data, follow=True).content.decode()


@pytest.fixture
def staff_client(client: Client) -> Client:
    """Someone who may look, and was even given what Django calls change and delete."""
    user = User.objects.create_user("clerk", is_staff=True)
    user.user_permissions.set(
        Permission.objects.filter(
            codename__in=["view_order", "add_order", "change_order", "delete_order"]
        )
    )
    client.force_login(user)
    return client


def test_the_list_shows_the_orders(admin_client: Client) -> None:
    make_order(reference="A-1001", payable_fen=1249)

    page = admin_client.get(LIST).content.decode()

    assert all(words in page for words in ("A-1001", "¥12.50", "¥12.49", "waiting for payment"))


def test_the_list_costs_the_same_however_long_it_is(
    admin_client: Client, django_assert_num_queries: Any
) -> None:
    for _ in range(10):
        pay(make_order())
    with django_assert_num_queries(10):
        admin_client.get(LIST)


@pytest.mark.parametrize("query", ["A-1001", "customer-1", "123456", "77"])
def test_an_order_is_found(admin_client: Client, query: str) -> None:
    order = make_order(reference="A-1001", gateway_order_id=123456)
    notify(order, notification(order, gateway_payment_id=77))
    make_order(reference="B-2002", customer_id="another")

    page = admin_client.get(LIST, {"q": query}).content.decode()

    assert "A-1001" in page
    assert "B-2002" not in page


def test_what_is_not_there_is_not_found(admin_client: Client) -> None:
    make_order(reference="A-1001")

    assert "A-1001" not in admin_client.get(LIST, {"q": "nothing"}).content.decode()


def test_paid_and_undelivered_orders_can_be_filtered(
    admin_client: Client, receiver: Receiver
) -> None:
    pay(make_order(reference="delivered"))
    receiver.raises = RuntimeError("no stock")
    notify(make_order(reference="undelivered"))

    page = admin_client.get(LIST, {"delivered": "no"}).content.decode()

    assert ">undelivered</a>" in page
    assert ">delivered</a>" not in page


def test_orders_that_wait_for_a_person_can_be_filtered(admin_client: Client) -> None:
    pay(make_order(reference="settled"))
    order = make_order(reference="questionable")
    notify(order, notification(order, amount_fen=1))

    page = admin_client.get(LIST, {"attention": "payment"}).content.decode()

    assert ">questionable</a>" in page
    assert ">settled</a>" not in page


def test_an_order_shows_its_payments_and_its_story(
    admin_client: Client, receiver: Receiver
) -> None:
    order = make_order()
    receiver.raises = RuntimeError("no stock")
    notify(order, notification(order, gateway_payment_id=77))
    notify(order, notification(order, gateway_payment_id=78, amount_fen=1))

    page = admin_client.get(page_of(order)).content.decode()

    assert "Paid: ¥12.50, payment 77 (notification)." in page
    assert "A payment that does not fit (paid again): ¥0.01 received, ¥12.50 due" in page
    assert "RuntimeError: no stock" in page
    assert "Traceback (most recent call last)" in page


def test_a_payment_shows_who_resolved_it_and_how(admin_client: Client, admin_user: User) -> None:
    order = make_order()
    notify(order, notification(order, amount_fen=1))
    assert "A person has to decide." in admin_client.get(page_of(order)).content.decode()
    order.payments.update(
        resolved_at=timezone.now(), resolved_by=admin_user, resolution_note="given back"
    )

    page = admin_client.get(page_of(order)).content.decode()

    assert "· admin · given back" in page


def test_who_may_see_an_order_sees_all_of_it(staff_client: Client) -> None:
    page = staff_client.get(page_of(pay(make_order()))).content.decode()

    assert "The shop was told and has done its part." in page
    assert "accepted" in page


def test_the_page_costs_the_same_however_long_the_story_is(
    admin_client: Client, admin_user: User, django_assert_num_queries: Any
) -> None:
    order = make_order()
    for _ in range(10):
        order.record(EventKind.CHECKED, user=admin_user, status=0)
        notify(order, notification(order, amount_fen=1))
    admin_client.get(page_of(order))  # Django remembers the content type
    with django_assert_num_queries(12):
        admin_client.get(page_of(order))


class TestNobodyChangesMoney:
    def test_not_through_the_page(self, admin_client: Client) -> None:
        order = make_order()

        page = admin_client.get(page_of(order)).content.decode()
        response = admin_client.post(page_of(order), {"status": "paid", "amount_fen": 1})

        assert 'name="_save"' not in page
        assert "deletelink" not in page
        assert response.status_code == 403
        assert Order.objects.get().status == OrderStatus.PENDING

    def test_not_by_deleting(self, admin_client: Client, staff_client: Client) -> None:
        order = make_order()
        for client in (admin_client, staff_client):
            assert client.post(f"{page_of(order)[:-7]}delete/", {"post": "yes"}).status_code == 403
            act(client, "delete_selected", order)
        assert Order.objects.exists()

    def test_not_by_adding(self, admin_client: Client) -> None:
        assert admin_client.get(f"{LIST}add/").status_code == 403


def test_an_order_that_is_not_there_leads_back(admin_client: Client) -> None:
    assert admin_client.get(f"{LIST}999999/change/")["Location"] == "/admin/"
