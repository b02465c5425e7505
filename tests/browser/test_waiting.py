"""The page while it waits: what it asks and when, what it counts, and what it shows in the end."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from django_gemafu.enums import OrderStatus
from django_gemafu.models import Order
from django_gemafu.testing import make_order, notification, notify, pay

expect = pytest.importorskip("playwright.sync_api").expect

pytestmark = pytest.mark.django_db(transaction=True)

NewPage = Callable[..., Any]

PLACING = {"status": OrderStatus.PLACING, "expires_at": None, "payable_fen": None}
STATUS = "**/status/"


@pytest.fixture
def address(live_server: Any) -> str:
    return str(live_server.url)


class Asked:
    """Counts what the page asks of the status."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.statuses: list[int | None] = []
        self.headers: list[dict[str, str]] = []
        self.under_way = self.most_at_once = 0
        page.on("request", self._begin)
        page.on("requestfinished", self._end)
        page.on("requestfailed", self._end)

    def __len__(self) -> int:
        return len(self.headers)

    def run(self, *, seconds: int, step: int = 1) -> None:
        """Let time pass on the page's faked clock, and answers come in between."""
        for _ in range(0, seconds, step):
            self.page.clock.run_for(step * 1_000)
            while self.under_way:
                self.page.wait_for_timeout(5)

    def _is_status(self, request: Any) -> bool:
        return bool(request.url.endswith("/status/"))

    def _begin(self, request: Any) -> None:
        if self._is_status(request):
            self.headers.append(request.headers)
            self.under_way += 1
            self.most_at_once = max(self.most_at_once, self.under_way)

    def _end(self, request: Any) -> None:
        if self._is_status(request):
            self.under_way -= 1
            response = request.response()
            self.statuses.append(response.status if response else None)


def visit(page: Any, order: Order) -> None:
    page.goto(order.get_absolute_url())
    page.locator("[data-ready]").wait_for()


def status_of(page: Any) -> Any:
    return page.locator("[data-status]")


def clock_of(page: Any) -> str:
    return str(page.locator("[data-clock]").inner_text())


def return_to(page: Any, event: str = "focus") -> None:
    page.evaluate("event => window.dispatchEvent(new Event(event))", event)


def expiring_in(**time: float) -> Any:
    return timezone.now() + timedelta(**time)


class TestTheEnd:
    def test_paid_is_a_moments_joy_and_then_the_shop(self, new_page: NewPage, address: str) -> None:
        page = new_page()
        order = make_order(return_url=f"{address}/shop/")
        visit(page, order)
        page.evaluate("window.loadedOnce = true")
        pay(order)
        return_to(page)

        page.get_by_role("heading", name="Payment received").wait_for()
        assert page.evaluate("document.activeElement.textContent") == "Payment received"
        assert page.evaluate("window.loadedOnce")  # no flash of a page that loads again
        assert page.title().startswith("Payment received")
        assert page.locator("img").count() == 0
        button = page.get_by_role("link", name="Back to the shop")
        assert button.get_attribute("href") == f"{address}/shop/"
        page.wait_for_url("**/shop/")
        page.go_back()
        assert "/pay/" not in page.url  # it would only lead here again

    def test_the_button_need_not_be_waited_for(self, new_page: NewPage, address: str) -> None:
        page = new_page()
        order = pay(make_order(return_url=f"{address}/shop/"))
        visit(page, order)

        page.get_by_role("link", name="Back to the shop").click()

        page.wait_for_url("**/shop/")

    def test_where_a_script_would_run_nobody_is_sent(self, new_page: NewPage) -> None:
        page = new_page()
        order = pay(make_order())
        Order.objects.update(return_url="javascript:document.title='harm'")
        page.clock.install()
        visit(page, order)

        page.clock.run_for(10_000)

        assert page.title().startswith("Payment received")

    def test_time_that_is_over_takes_the_code_away(self, new_page: NewPage) -> None:
        page = new_page()
        order = make_order(expires_at=expiring_in(seconds=2))
        visit(page, order)
        assert page.locator("img").is_visible()

        page.get_by_role("heading", name="The time to pay is over").wait_for()

        assert page.locator("img").count() == 0
        assert "Do not pay this code any more." in page.locator("main").inner_text()
        pay(order)  # it was under way
        page.get_by_role("button", name="I have paid: check now").click()
        page.get_by_role("heading", name="Payment received").wait_for()

    def test_the_code_is_gone_even_when_the_shop_is(self, new_page: NewPage) -> None:
        page = new_page()
        visit(page, make_order(expires_at=expiring_in(seconds=2)))
        page.route("**/pay/**", lambda route: route.abort())

        page.locator("[data-over]").wait_for()

        assert not page.locator("img").is_visible()

    def test_money_that_does_not_fit_is_told_at_once(self, new_page: NewPage) -> None:
        page = new_page()
        order = make_order()
        visit(page, order)
        notify(order, notification(order, amount_fen=1))
        return_to(page)

        page.get_by_role("heading", name="We are looking into your payment").wait_for()

        assert page.locator("img").count() == 0

    def test_a_code_that_comes_late_is_shown(self, new_page: NewPage) -> None:
        page = new_page()
        order = make_order(**PLACING)
        visit(page, order)
        order.transition(OrderStatus.PENDING, payable_fen=1250, expires_at=expiring_in(minutes=5))
        return_to(page)

        page.get_by_role("img", name="QR code to pay with WeChat").wait_for()

        assert re.fullmatch(r"[45]:\d\d", clock_of(page))

    def test_a_retry_without_an_answer_says_so(self, new_page: NewPage) -> None:
        page = new_page()
        visit(page, make_order(**PLACING, checked_at=None))  # nothing listens at the gateway's

        page.get_by_role("button", name="Try again").press("Enter")

        status_of(page).get_by_text("Still no answer. Please try again in a moment.").wait_for()
        assert page.get_by_role("button", name="Try again").is_enabled()

    def test_a_retry_that_does_not_reach_the_shop_says_so(self, new_page: NewPage) -> None:
        page = new_page()
        visit(page, make_order(**PLACING))
        page.route("**/pay/**", lambda route: route.abort())

        page.get_by_role("button", name="Try again").click()

        status_of(page).get_by_text("No connection.").wait_for()
        assert page.get_by_role("button", name="Try again").is_enabled()

    def test_who_comes_back_during_a_retry_does_not_break_it_off(self, new_page: NewPage) -> None:
        page = new_page()
        page.clock.install()
        visit(page, make_order(**PLACING))
        held: list[Any] = []

        def hold(route: Any) -> None:
            held.append(route) if route.request.method == "POST" else route.fallback()

        page.route("**/pay/**", hold)
        with page.expect_request(lambda request: request.method == "POST"):
            page.get_by_role("button", name="Try again").click()
        page.clock.run_for(5_000)
        return_to(page)
        assert page.get_by_role("button", name="Try again").is_disabled()
        held[0].fulfill(status=200)

        status_of(page).get_by_text("Still no answer.").wait_for()


class TestAsking:
    def test_an_answer_that_is_known_is_not_sent_again(self, new_page: NewPage) -> None:
        page = new_page()
        page.clock.install()
        asked = Asked(page)
        visit(page, make_order())
        asked.run(seconds=10)

        assert asked.statuses[:3] == [200, 304, 304]
        assert "if-none-match" not in asked.headers[0]
        assert asked.headers[1]["if-none-match"].startswith('W/"pending')

    def test_one_at_a_time_however_often_one_returns(self, new_page: NewPage) -> None:
        page = new_page()
        asked = Asked(page)
        page.route(STATUS, lambda route: None)  # never answered
        visit(page, make_order())
        for _ in range(5):
            for event in ("focus", "online", "pageshow", "visibilitychange"):
                return_to(page, event)
        page.wait_for_timeout(300)

        assert (len(asked), asked.most_at_once) == (1, 1)

    def test_one_without_an_answer_is_given_up_and_tried_again(self, new_page: NewPage) -> None:
        page = new_page()
        page.clock.install()
        asked = Asked(page)
        page.route(STATUS, lambda route: None)  # never answered
        visit(page, make_order())
        for _ in range(30):
            page.clock.run_for(1_000)
            page.wait_for_timeout(10)

        assert 2 <= len(asked) <= 3
        assert asked.most_at_once == 1
        assert asked.statuses[0] is None

    def test_trouble_makes_it_patient_and_coming_back_impatient(self, new_page: NewPage) -> None:
        page = new_page()
        page.clock.install()
        asked = Asked(page)
        page.route(STATUS, lambda route: route.fulfill(status=503, body="down"))
        visit(page, make_order(expires_at=expiring_in(hours=2)))
        asked.run(seconds=60, step=2)
        early = len(asked)
        asked.run(seconds=60, step=5)
        late = len(asked) - early

        assert 3 <= early <= 12
        assert 1 <= late <= 3
        assert "The shop does not answer." in status_of(page).inner_text()
        with page.expect_request(STATUS):
            return_to(page)

    def test_long_waiting_makes_it_patient_too(self, new_page: NewPage) -> None:
        page = new_page()
        page.clock.install()
        asked = Asked(page)
        visit(page, make_order(expires_at=expiring_in(hours=2)))
        asked.run(seconds=20)
        first = len(asked)
        asked.run(seconds=200, step=5)
        before = len(asked)
        asked.run(seconds=20)

        assert 8 <= first <= 20
        assert 1 <= len(asked) - before <= 4

    def test_hidden_it_is_quiet_and_then_asks_at_once(self, new_page: NewPage) -> None:
        page = new_page()
        page.add_init_script(
            "Object.defineProperty(document, 'hidden', {get: () => window.isHidden === true})"
        )
        page.clock.install()
        asked = Asked(page)
        visit(page, make_order())
        page.evaluate("window.isHidden = true")
        asked.run(seconds=5)
        before = len(asked)
        asked.run(seconds=60, step=5)
        assert len(asked) == before

        page.evaluate("window.isHidden = false")
        with page.expect_response(STATUS) as answer:
            page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        assert answer.value.status == 200  # with the seconds that are left

    def test_who_has_paid_can_ask(self, new_page: NewPage) -> None:
        page = new_page()
        visit(page, make_order())

        page.get_by_role("button", name="I have paid: check now").click()

        status_of(page).get_by_text("Not here yet. It can take a minute.").wait_for()

    def test_who_asks_without_a_connection_is_told(self, new_page: NewPage) -> None:
        page = new_page()
        visit(page, make_order())
        page.route(STATUS, lambda route: route.abort())

        page.get_by_role("button", name="I have paid: check now").click()

        status_of(page).get_by_text("No connection.").wait_for()

    def test_offline_is_said_and_online_noticed_at_once(self, new_page: NewPage) -> None:
        page = new_page()
        order = make_order()
        visit(page, order)
        page.context.set_offline(True)
        status_of(page).get_by_text("No connection. We keep trying").wait_for()
        pay(order)

        page.context.set_offline(False)

        page.get_by_role("heading", name="Payment received").wait_for(timeout=3_000)

    def test_back_and_forward_show_what_is_true_now(self, new_page: NewPage, address: str) -> None:
        page = new_page()
        order = make_order()
        visit(page, order)
        page.goto(f"{address}/shop/")
        pay(order)
        page.go_back()
        page.get_by_role("heading", name="Payment received").wait_for()
        page.go_forward()
        assert page.url.endswith("/shop/")

    def test_out_of_the_back_forward_cache_it_asks_at_once(self, new_page: NewPage) -> None:
        page = new_page()
        page.clock.install()
        asked = Asked(page)
        visit(page, make_order())
        asked.run(seconds=200, step=5)  # slow by now

        with page.expect_request(STATUS):
            page.evaluate(
                "window.dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))"
            )

    def test_on_a_slow_network_it_counts_and_hears_of_the_payment(self, new_page: NewPage) -> None:
        page = new_page()
        network = page.context.new_cdp_session(page)
        slow = {"offline": False, "latency": 600, "downloadThroughput": 40_000}
        network.send("Network.emulateNetworkConditions", {**slow, "uploadThroughput": 40_000})
        order = make_order()
        page.goto(order.get_absolute_url(), wait_until="commit")
        # The amount and the way to pay are there before style and script are.
        page.locator("[data-amount]").wait_for()
        page.locator("[data-ready]").wait_for()
        assert clock_of(page).startswith("4:5")
        pay(order)

        page.get_by_role("heading", name="Payment received").wait_for()


class TestTime:
    @pytest.mark.parametrize(
        ("left", "shown"),
        [
            (timedelta(seconds=59), r"0:5\d"),
            (timedelta(minutes=10), r"9:5\d|10:00"),
            (timedelta(hours=1, minutes=30), r"1:29:5\d|1:30:00"),
            (timedelta(hours=26), r"1 d 1:59:5\d|1 d 2:00:00"),
            (timedelta(days=400), r"399 d 23:59:5\d|400 d 0:00:00"),
        ],
    )
    def test_right_past_an_hour_and_a_day(
        self, new_page: NewPage, left: timedelta, shown: str
    ) -> None:
        page = new_page()
        visit(page, make_order(expires_at=timezone.now() + left))

        assert re.fullmatch(shown, clock_of(page))

    def test_the_customers_own_clock_does_not_matter(self, new_page: NewPage) -> None:
        page = new_page()
        page.add_init_script("const real = Date.now; Date.now = () => real() + 9e8")
        visit(page, make_order())

        assert clock_of(page).startswith("4:5")

    @pytest.mark.parametrize("clock", ["goes on", "stands still"])
    def test_right_after_sleep(self, new_page: NewPage, clock: str) -> None:
        """The device sleeps for two minutes, and wakes up without a connection."""
        page = new_page()
        clocks = ["Date"] if clock == "stands still" else ["Date", "performance"]
        page.add_init_script(
            "window.slept = 0;"
            + "".join(
                f"{{ const now = {name}.now.bind({name}); {name}.now = () => now() + slept; }}"
                for name in clocks
            )
        )
        visit(page, make_order())
        assert clock_of(page).startswith("4:5")
        page.route("**/pay/**", lambda route: route.abort())

        page.evaluate("slept = 120000")

        expect(page.locator("[data-clock]")).to_have_text(re.compile("^2:5"))

    def test_what_the_server_says_is_right(self, new_page: NewPage) -> None:
        page = new_page()
        page.add_init_script(
            "window.slept = 0; const now = Date.now.bind(Date); Date.now = () => now() + slept"
        )
        visit(page, make_order())
        held: list[Any] = []
        is_held = True

        def hold(route: Any) -> None:
            held.append(route) if is_held else route.continue_()

        page.route(STATUS, hold)
        page.evaluate("slept = 3600000")  # the customer has set the clock: nobody slept
        page.locator("[data-over]").wait_for()
        assert not page.locator("img").is_visible()
        is_held = False
        for route in held:
            route.continue_()

        expect(page.locator("[data-clock]")).to_have_text(re.compile("^4:"))
        assert page.locator("img").is_visible()

    def test_only_milestones_are_spoken(self, new_page: NewPage) -> None:
        page = new_page()
        page.clock.install()
        page.add_init_script(
            """
            window.spoken = [];
            document.addEventListener("DOMContentLoaded", () => {
              for (const region of document.querySelectorAll("[role=status]")) {
                new MutationObserver(() => region.textContent && spoken.push(region.textContent))
                  .observe(region, {childList: true, characterData: true, subtree: true});
              }
            });
            """
        )
        asked = Asked(page)
        visit(page, make_order(expires_at=expiring_in(seconds=303)))
        asked.run(seconds=260, step=5)

        assert page.evaluate("spoken") == ["Five minutes left to pay", "One minute left to pay"]
