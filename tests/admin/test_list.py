"""The list of orders: what it shows, finds, counts and exports."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import datetime, timedelta
from datetime import timezone as zones
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from django_gemafu.admin import looking
from django_gemafu.admin.export import harmless
from django_gemafu.enums import OrderStatus, PaymentSource
from django_gemafu.models import STUCK_AFTER, Order
from django_gemafu.operations import cancel_order, expire_order, record_refund, settle
from django_gemafu.testing import make_order, notification, notify, pay
from tests.admin.acting import LIST
from tests.conftest import Receiver

pytestmark = pytest.mark.django_db


def found(client: Client, **query: str) -> set[str]:
    """Return the references that the list shows."""
    response = client.get(LIST, query)
    assert response.status_code == 200
    return {order.reference for order in response.context["cl"].result_list}


def undelivered(receiver: Receiver, **fields: Any) -> Order:
    order = make_order(**fields)
    receiver.raises = RuntimeError("no stock")
    notify(order)
    receiver.raises = None
    return order


class TestAtAGlance:
    def test_status_and_delivery_say_it_in_words_and_marks(
        self, admin_client: Client, receiver: Receiver
    ) -> None:
        pay(make_order())
        undelivered(receiver)
        order = make_order()
        notify(order, notification(order, amount_fen=1))

        page = admin_client.get(LIST).content.decode()

        for mark, words in (("✓", "paid"), ("✓", "told"), ("!", "not told"), ("!", "decide")):
            assert f'<span aria-hidden="true">{mark}</span> {words}</span>' in page

    def test_the_amount_that_differs_stands_beside_the_amount_to_pay(
        self, admin_client: Client
    ) -> None:
        make_order(payable_fen=1249)

        assert '¥12.49 <span class="gemafu-aside">of ¥12.50</span>' in (
            admin_client.get(LIST).content.decode()
        )

    def test_how_the_payments_became_known(self, admin_client: Client) -> None:
        order = make_order(expires_at=timezone.now() - timedelta(hours=1))
        expire_order(order)
        settle(order, source=PaymentSource.QUERY)

        page = admin_client.get(LIST).content.decode()

        assert '<td class="field-source">query <span' in page
        assert "</span> late</span>" in page

    def test_it_has_no_style_and_no_script_of_its_own_inside(self, admin_client: Client) -> None:
        pay(make_order())

        page = admin_client.get(LIST).content.decode()

        assert "<style" not in page
        assert 'style="' not in page
        assert "onclick" not in page


class TestFilters:
    @pytest.fixture(autouse=True)
    def _orders(self, receiver: Receiver) -> None:
        pay(make_order(reference="fine"))
        make_order(reference="waiting")
        surprised = make_order(reference="surprised")
        notify(surprised, notification(surprised, amount_fen=1))
        undelivered(receiver, reference="undelivered")
        make_order(
            reference="stuck",
            status=OrderStatus.PLACING,
            gateway_order_id=None,
            created_at=timezone.now() - STUCK_AFTER,
        )
        late = make_order(reference="late")
        expire_order(late)
        settle(late, source=PaymentSource.MANUAL, amount_fen=1250)

    @pytest.mark.parametrize(
        ("query", "references"),
        [
            ({"attention": "payment"}, {"surprised"}),
            ({"attention": "undelivered"}, {"undelivered", "late"}),
            ({"attention": "stuck"}, {"stuck"}),
            ({"attention": "any"}, {"surprised", "undelivered", "late", "stuck"}),
            (
                {"attention": "made up"},
                {"fine", "waiting", "surprised", "undelivered", "stuck", "late"},
            ),
            ({"status__exact": "placing"}, {"stuck"}),
            ({"delivered": "yes"}, {"fine"}),
            ({"delivered": "no"}, {"undelivered", "late"}),
            ({"late": "yes"}, {"late"}),
            ({"source": "manual"}, {"late"}),
            ({"source": "notification"}, {"fine", "surprised", "undelivered"}),
            ({"source": "manual", "late": "yes", "status__exact": "paid"}, {"late"}),
        ],
    )
    def test_each_leaves_what_it_says(
        self, admin_client: Client, query: dict[str, str], references: set[str]
    ) -> None:
        assert found(admin_client, **query) == references

    def test_their_headings_read_well(self, admin_client: Client) -> None:
        page = admin_client.get(LIST).content.decode()

        assert all(
            f"By {title}" in page for title in ("open question", "status", "delivery", "date")
        )


class TestSearching:
    @pytest.fixture(autouse=True)
    def _orders(self) -> None:
        order = make_order(
            reference="A-1001", customer_id="wang", gateway_order_id=555, payable_fen=1249
        )
        notify(order, notification(order, gateway_payment_id=77))
        notify(order, notification(order, gateway_payment_id=78, amount_fen=999))
        make_order(reference="B-2002", customer_id="li", amount_fen=3000)

    @pytest.mark.parametrize(
        "term",
        ["A-1001", "A-1", " A-1001 ", "wang", "555", "77", "78", "12.50", "12.49", "¥12.5", "9.99"],
    )
    def test_the_order_is_found(self, admin_client: Client, term: str) -> None:
        assert found(admin_client, q=term) == {"A-1001"}

    @pytest.mark.parametrize("term", ["30", "30.00", "30.0", "￥30", "30,00", "B-", "li"])
    def test_the_other_is_found(self, admin_client: Client, term: str) -> None:
        assert found(admin_client, q=term) == {"B-2002"}

    @pytest.mark.parametrize(
        "term", ["nothing", "1250", "12.501", "9" * 40, "%", "_", "'", "\\", "٣"]
    )
    def test_nothing_is_found(self, admin_client: Client, term: str) -> None:
        assert found(admin_client, q=term) == set()

    def test_filters_narrow_it_further(self, admin_client: Client) -> None:
        assert found(admin_client, q="12.50", status__exact="expired") == set()


class TestDrillingDown:
    @pytest.fixture(autouse=True)
    def _orders(self) -> None:
        for reference, year, month, day in (
            ("old", 2025, 3, 31),
            ("older sibling", 2025, 11, 2),
            ("new", 2026, 1, 15),
        ):
            make_order(
                reference=reference,
                created_at=datetime(year, month, day, 12, tzinfo=zones.utc),
            )

    def links(self, client: Client, **query: str) -> list[str]:
        page = client.get(LIST, query).content.decode()
        nav = page.partition("gemafu-drilldown")[2].partition("</nav>")[0]
        return [piece.partition("<")[0].strip() for piece in nav.split(">")[1:] if piece[0] != "\n"]

    def test_from_years_to_days(self, admin_client: Client) -> None:
        assert [text for text in self.links(admin_client) if text] == ["2025", "2026"]
        months = self.links(admin_client, created_at__year="2025")
        assert "March 2025" in months
        assert "December 2025" in months
        assert "January 2025" not in months
        days = self.links(admin_client, created_at__year="2025", created_at__month="2")
        assert "February 28" in days
        assert "March 1" not in days

    def test_the_list_follows(self, admin_client: Client) -> None:
        assert found(admin_client, created_at__year="2025") == {"old", "older sibling"}
        assert found(admin_client, created_at__year="2025", created_at__month="3") == {"old"}
        date = {"created_at__year": "2026", "created_at__month": "1", "created_at__day": "15"}
        assert found(admin_client, **date) == {"new"}
        assert "January 15" in self.links(admin_client, **date)

    @pytest.mark.parametrize(
        "query",
        [{"created_at__year": "x"}, {"created_at__year": "2025", "created_at__month": "13"}],
    )
    def test_a_date_that_does_not_exist(self, admin_client: Client, query: dict[str, str]) -> None:
        assert admin_client.get(LIST, query, follow=True).status_code == 200

    def test_no_orders_no_dates(self, admin_client: Client) -> None:
        Order.objects.all().delete()

        assert "gemafu-drilldown" not in admin_client.get(LIST).content.decode()


class TestTotals:
    def test_what_is_filtered_is_added_up(self, admin_client: Client) -> None:
        pay(make_order(payable_fen=1249))
        pay(make_order(amount_fen=300))
        make_order()
        cancel_order(make_order())

        totals = admin_client.get(LIST).context["cl"].totals
        of_paid = admin_client.get(LIST, {"status__exact": "paid"}).context["cl"].totals

        assert totals == (4, 2, 1549)
        assert of_paid == (2, 2, 1549)

    def test_the_row_is_written(self, admin_client: Client) -> None:
        pay(make_order())

        row = admin_client.get(LIST).content.decode().partition("gemafu-totals")[2]

        assert [words for words in ("1 order", "1 paid", "¥12.50") if words in row[:400]] == [
            "1 order",
            "1 paid",
            "¥12.50",
        ]

    def test_of_very_many_nothing_is_counted_to_the_end(
        self, admin_client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(looking, "LISTED_AT_MOST", 3)
        for _ in range(5):
            make_order()

        response = admin_client.get(LIST)

        assert response.context["cl"].result_count == 3
        assert response.context["cl"].totals is None
        assert "The first 3 are listed." in response.content.decode()

    def test_an_empty_list_has_nothing_to_add_up(self, admin_client: Client) -> None:
        assert admin_client.get(LIST).context["cl"].totals == (0, 0, 0)


class TestExport:
    def rows(self, client: Client, **query: str) -> list[list[str]]:
        response: Any = client.get(f"{LIST}export/", query)
        assert response.status_code == 200
        assert response["Content-Type"] == "text/csv; charset=utf-8"
        assert response["Content-Disposition"].startswith('attachment; filename="orders-')
        text = b"".join(response.streaming_content).decode()
        assert text.startswith("\ufeff")
        return list(csv.reader(io.StringIO(text[1:])))

    def test_what_is_filtered_is_exported(self, admin_client: Client) -> None:
        order = pay(make_order(reference="A-1", payable_fen=1249, customer_id="王"))
        record_refund(order, amount_fen=249, note="stale", user=User.objects.get())
        make_order(reference="B-2")

        heads, row = self.rows(admin_client, status__exact="paid")

        cells = dict(zip(heads, row, strict=True))
        assert cells["reference"] == "A-1"
        assert cells["customer"] == "王"
        assert cells["amount ordered (¥)"] == "12.50"
        assert cells["amount to pay (¥)"] == cells["received (¥)"] == "12.49"
        assert cells["given back (¥)"] == "2.49"
        assert cells["source of the payment"] == "notification"

    def test_all_of_it_however_few_the_list_shows(
        self, admin_client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(looking, "LISTED_AT_MOST", 3)
        for _ in range(60):
            make_order()

        assert len(self.rows(admin_client)) == 61

    def test_no_cell_is_a_formula(self, admin_client: Client) -> None:
        make_order(reference="=1+1", customer_id="@SUM(A1)", body="-2+3")

        _, row = self.rows(admin_client)

        assert {"'=1+1", "'@SUM(A1)", "'-2+3"} <= set(row)

    @pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@x", "\tx", "\rx", " =1", "＝1", "＠x"])
    def test_what_a_spreadsheet_would_run_is_quoted(self, cell: str) -> None:
        assert harmless(cell) == f"'{cell}"

    @pytest.mark.parametrize("cell", ["", "A-1", "12.50", "a=b", "王"])
    def test_the_rest_is_left_alone(self, cell: str) -> None:
        assert harmless(cell) == cell

    def test_it_costs_the_same_however_long_it_is(
        self, admin_client: Client, django_assert_num_queries: Any
    ) -> None:
        for _ in range(10):
            pay(make_order())
        with django_assert_num_queries(7):
            self.rows(admin_client)

    def test_it_needs_its_own_permission(self, client_of: Callable[..., Client]) -> None:
        limited = client_of("view_order", "change_order")

        assert "export/" not in limited.get(LIST).content.decode()
        assert limited.get(f"{LIST}export/").status_code == 403
        assert client_of("export_order", name="blind").get(f"{LIST}export/").status_code == 403
        allowed = client_of("view_order", "export_order", name="bookkeeper")
        assert (
            "export/?status__exact=paid"
            in allowed.get(LIST, {"status__exact": "paid"}).content.decode()
        )
        assert allowed.get(f"{LIST}export/").status_code == 200
