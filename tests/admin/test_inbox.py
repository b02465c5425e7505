"""The inbox: all that needs a person, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin import AdminSite
from django.test import Client, RequestFactory
from django.utils import timezone

from django_gemafu.admin.inbox import InboxAdmin
from django_gemafu.enums import OrderStatus, PaymentSource
from django_gemafu.models import STUCK_AFTER, Inbox, Order, Payment
from django_gemafu.operations import cancel_order, settle
from django_gemafu.testing import make_order, notification, notify, pay
from tests.admin.acting import INBOX, confirm
from tests.conftest import Receiver

pytestmark = pytest.mark.django_db


def items(client: Client) -> dict[str, Any]:
    """Return what the inbox shows, by reference."""
    groups = client.get(INBOX).context["groups"]
    return {item.order.reference: item for _title, items in groups for item in items}


@pytest.fixture
def waiting(receiver: Receiver) -> dict[str, Order]:
    orders = {
        name: make_order(reference=name)
        for name in ("underpaid", "overpaid", "duplicate", "unexpected", "unknown", "undelivered")
    }
    notify(orders["underpaid"], notification(orders["underpaid"], amount_fen=1200))
    notify(orders["overpaid"], notification(orders["overpaid"], amount_fen=1300))
    notify(pay(orders["duplicate"]))
    cancel_order(orders["unexpected"])
    notify(orders["unexpected"])
    cancel_order(orders["unknown"])
    settle(orders["unknown"], source=PaymentSource.QUERY)
    receiver.raises = RuntimeError("no stock")
    notify(orders["undelivered"])
    receiver.raises = None
    orders["stuck"] = make_order(
        reference="stuck",
        status=OrderStatus.PLACING,
        gateway_order_id=None,
        created_at=timezone.now() - STUCK_AFTER,
    )
    return orders


@pytest.fixture
def _settled() -> None:
    pay(make_order(reference="paid"))
    make_order(reference="pending")
    make_order(reference="placing", status=OrderStatus.PLACING, gateway_order_id=None)
    cancel_order(make_order(reference="cancelled"))


@pytest.mark.usefixtures("_settled")
def test_only_what_needs_a_person(admin_client: Client, waiting: dict[str, Order]) -> None:
    assert set(items(admin_client)) == set(waiting)


@pytest.mark.parametrize(
    ("name", "happened", "acts"),
    [
        ("underpaid", "too little", ["accept", "dismiss", "refund"]),
        ("overpaid", "too much", ["accept", "dismiss", "refund"]),
        ("duplicate", "once more", ["dismiss", "refund"]),
        ("unexpected", "was cancelled", ["accept", "dismiss", "refund"]),
        ("undelivered", "the shop was not told", ["deliver", "refund"]),
        ("stuck", "nobody knows", ["settle", "cancel"]),
    ],
)
@pytest.mark.usefixtures("waiting")
def test_each_says_what_happened_and_offers_what_may_be_right(
    admin_client: Client, name: str, happened: str, acts: list[str]
) -> None:
    item = items(admin_client)[name]

    assert happened in str(item.happened)
    assert str(item.advice)
    assert [act.name for act in item.acts] == acts


@pytest.mark.usefixtures("waiting")
def test_the_page_says_it_in_words(admin_client: Client) -> None:
    page = admin_client.get(INBOX).content.decode()

    assert "¥12.00 was received; ¥12.50 was due." in page
    assert "The gateway did not tell the amount; ¥12.50 was due." in page
    assert "RuntimeError: no stock" in page
    assert "/act/dismiss/?ids=" in page


@pytest.mark.usefixtures("waiting")
def test_the_front_page_counts_them(admin_client: Client) -> None:
    assert "Needs attention (7)" in admin_client.get("/admin/").content.decode()

    for payment in Payment.objects.unresolved():
        confirm(admin_client, "dismiss", payment.order, payment=payment, note="done")
    confirm(admin_client, "deliver", Order.objects.get(reference="undelivered"))
    confirm(admin_client, "cancel", Order.objects.get(reference="stuck"), note="done")

    page = admin_client.get("/admin/").content.decode()
    assert "Needs attention" in page
    assert "Needs attention (" not in page
    assert "Nothing needs a person." in admin_client.get(INBOX).content.decode()


@pytest.mark.usefixtures("waiting")
def test_the_count_is_the_users_own(
    admin_client: Client, client_of: Callable[..., Client], rf: RequestFactory
) -> None:
    admin_client.get("/admin/")
    bookkeeper = client_of("view_user")

    assert "attention" not in bookkeeper.get("/admin/").content.decode()
    assert bookkeeper.get(INBOX).status_code == 403


def test_a_site_of_the_hosts_own_shows_it_too(
    waiting: dict[str, Order], rf: RequestFactory, admin_user: Any
) -> None:
    site = AdminSite(name="back_office")
    site.register(Inbox, InboxAdmin)
    request = rf.get("/")
    request.user = admin_user

    (models,) = [app["models"] for app in site.get_app_list(request)]

    assert str(models[0]["name"]) == f"Needs attention ({len(waiting)})"


def test_who_may_look_and_nothing_else_sees_no_buttons(
    waiting: dict[str, Order], client_of: Callable[..., Client]
) -> None:
    client = client_of("view_order")

    assert set(items(client)) == set(waiting)
    assert "/act/" not in client.get(INBOX).content.decode()


def test_it_costs_the_same_however_much_waits(
    admin_client: Client, receiver: Receiver, django_assert_num_queries: Any
) -> None:
    for _ in range(5):
        order = make_order()
        notify(order, notification(order, amount_fen=1))
    receiver.raises = RuntimeError("no stock")
    for _ in range(5):
        notify(make_order())
    with django_assert_num_queries(13):
        admin_client.get(INBOX)
