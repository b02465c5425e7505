from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import Any
from xml.etree import ElementTree

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils.timezone import get_fixed_timezone, override

from django_gemafu.enums import OrderStatus, Verdict
from django_gemafu.models import Order, Payment
from django_gemafu.testing import make_order

pytestmark = pytest.mark.django_db

TAKINGS = "/admin/django_gemafu/takings/"
OCTOBER = {"first": "2026-10-01", "last": "2026-10-31", "step": "day", "zone": "Asia/Shanghai"}
NOON = datetime(2026, 10, 5, 4, tzinfo=timezone.utc)


def clerk(*permissions: str) -> Client:
    user = User.objects.create_user(f"clerk-{'-'.join(permissions)}", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


def sell(amount_fen: int = 1250, verdict: Verdict = Verdict.ACCEPTED) -> Order:
    order = make_order(
        amount_fen=amount_fen,
        status=OrderStatus.PAID,
        created_at=NOON,
        paid_at=NOON + timedelta(seconds=30),
        delivered_at=NOON + timedelta(seconds=31),
    )
    Payment.objects.create(
        order=order, amount_fen=amount_fen, paid_at=NOON, source="notification", verdict=verdict
    )
    return order


def page(client: Client, **asked: str) -> str:
    response = client.get(TAKINGS, asked)
    assert response.status_code == 200
    return response.content.decode()


def rows(html: str) -> dict[str, list[str]]:
    """Return the cells of the table's rows by the days that these are about."""
    found = re.findall(r'<th scope="row">(.*?)</th>(.*?)</tr>', html, re.DOTALL)
    return {name: re.findall(r"<td>(.*?)</td>", cells) for name, cells in found}


def test_the_takings_of_a_month(admin_client: Client) -> None:
    sell(123_450)
    sell(500, Verdict.DUPLICATE)

    table = rows(page(admin_client, **OCTOBER))

    assert len(table) == 32
    assert table["2026-10-05"][:4] == ["¥1,234.50", "¥5.00", "–", "¥1,239.50"]
    assert table["2026-10-05"] == table["All of it"]
    assert set(table["2026-10-06"]) == {"–"}


def test_weeks(admin_client: Client) -> None:
    sell()

    table = rows(page(admin_client, **{**OCTOBER, "step": "week"}))

    assert list(table)[:2] == ["2026-10-01 – 10-04", "2026-10-05 – 10-11"]
    assert table["2026-10-05 – 10-11"][0] == "¥12.50"


def test_the_time_zone_decides_about_the_day(admin_client: Client) -> None:
    sell()

    kathmandu = rows(page(admin_client, **{**OCTOBER, "zone": "Asia/Kathmandu"}))
    honolulu = rows(page(admin_client, **{**OCTOBER, "zone": "Pacific/Honolulu"}))

    assert kathmandu["2026-10-05"][0] == honolulu["2026-10-04"][0] == "¥12.50"


def test_the_charts_are_pictures_with_a_name_and_a_summary(admin_client: Client) -> None:
    sell()

    html = page(admin_client, **OCTOBER)

    found = re.findall(r'<svg [^>]*role="img".*?</svg>', html, re.DOTALL)
    pictures = [ElementTree.fromstring(svg) for svg in found]
    assert len(pictures) == 3  # nothing went wrong
    assert "None in this period." in html
    for chart in pictures:
        assert f'<figcaption id="{chart.get("aria-labelledby")}">' in html
        (summary,) = chart.iter("desc")
        assert summary.get("id") == chart.get("aria-describedby")
        assert "Highest: 2026-10-05" in (summary.text or "")
    titles = [title.text for chart in pictures for title in chart.iter("title")]
    assert "2026-10-05 · takings: ¥12.50" in titles


def test_a_strict_csp_has_nothing_to_complain_of(admin_client: Client) -> None:
    sell()

    content = page(admin_client, **OCTOBER).partition('<div id="content-main">')[2]

    assert "<script" not in content
    assert "style=" not in content
    assert " on" not in re.sub(r">[^<]*<", "><", content)


def test_without_a_choice_it_shows_the_last_thirty_days(admin_client: Client) -> None:
    html = page(admin_client)

    assert re.search(r'aria-current="page">30 days</a>', html)
    assert "No orders and no payments in this period." in html
    assert rows(html) == {}


def test_common_periods_keep_the_time_zone(admin_client: Client) -> None:
    with override("Europe/Paris"):
        html = page(admin_client, zone="Asia/Tokyo")

    queries = re.findall(r'href="\?(first=[^"]*)"', html)
    assert len(queries) == 5
    for query in queries:
        assert query.endswith("&amp;zone=Asia%2FTokyo")
        assert page(admin_client, **dict(pair.split("=") for pair in query.split("&amp;")[:3]))


@pytest.mark.parametrize(
    ("asked", "complaint"),
    [
        ({"first": "2026-10-31", "last": "2026-10-01"}, "The last day is before the first."),
        ({"first": "2026-02-30"}, "Enter a valid date."),
        ({"first": ""}, "This field is required."),
        ({"first": "1999-12-31"}, "Choose a day from the year 2000 on."),
        ({"last": "9999-12-31"}, "Choose a day before the year 2100."),
        ({"step": "hour"}, "Select a valid choice. hour is not one of the available choices."),
        ({"zone": "Moon/Sea"}, "Select a valid choice. Moon/Sea is not one of the available"),
        ({"zone": "../../etc/passwd"}, "Select a valid choice."),
        ({"first": "2026-01-01"}, "That makes more than 100 rows: choose a longer step"),
    ],
)
def test_a_choice_that_makes_no_sense_is_answered(
    admin_client: Client, asked: dict[str, str], complaint: str
) -> None:
    html = page(admin_client, **{**OCTOBER, **asked})

    assert complaint in html
    assert rows(html) == {}


def test_a_hundred_rows_are_allowed(admin_client: Client) -> None:
    sell()
    html = page(admin_client, **{**OCTOBER, "first": "2026-07-24"})

    assert len(rows(html)) == 101


def test_a_server_whose_zone_is_a_mere_offset_counts_in_utc(admin_client: Client) -> None:
    with override(get_fixed_timezone(8 * 60)):
        html = page(admin_client)

    assert '<option value="UTC" selected>' in html


def test_it_costs_the_same_however_much_there_is(
    admin_client: Client, django_assert_num_queries: Any
) -> None:
    for _ in range(5):
        sell()
    for step in ("day", "month"):
        with django_assert_num_queries(13):  # five for session, user and inbox
            page(admin_client, **{**OCTOBER, "step": step})


def test_it_is_in_chinese(admin_client: Client) -> None:
    sell()

    html = admin_client.get(TAKINGS, OCTOBER, HTTP_ACCEPT_LANGUAGE="zh-hans").content.decode()

    assert all(words in html for words in ("营业额", "未匹配", "退款", "付款用时", "明细"))


class TestWhoMaySeeIt:
    def test_whoever_has_the_permission(self) -> None:
        client = clerk("view_takings")

        assert TAKINGS in client.get("/admin/").content.decode()
        assert page(client)

    def test_seeing_orders_is_not_enough(self) -> None:
        client = clerk("view_order", "view_payment", "change_payment", "view_refund")

        assert TAKINGS not in client.get("/admin/").content.decode()
        assert client.get(TAKINGS).status_code == 403

    def test_seeing_the_takings_shows_no_order(self) -> None:
        order = sell()
        client = clerk("view_takings")

        for path in (f"order/{order.pk}/change/", "order/", f"takings/{order.pk}/change/"):
            assert client.get(f"/admin/django_gemafu/{path}").status_code in (403, 404)

    def test_strangers_are_sent_to_the_login(self, client: Client) -> None:
        for intruder in (client, Client()):
            response = intruder.get(TAKINGS)
            assert response.status_code == 302
            assert "/login/" in response["Location"]

    def test_customers_with_an_account_are_too(self, client: Client) -> None:
        client.force_login(User.objects.create_user("customer"))

        assert client.get(TAKINGS).status_code == 302

    def test_nothing_is_changed_there(self, admin_client: Client) -> None:
        sell()

        for path in ("add/", "1/change/", "1/delete/", "1/history/"):
            assert admin_client.post(TAKINGS + path, {"post": "yes"}).status_code == 404
        admin_client.post(TAKINGS, {"action": "delete_selected", "_selected_action": [1]})

        assert Payment.objects.count() == 1
