"""The same over HTTP, against a web server with several processes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import partial
from itertools import product

import pytest
from django.db import connection

from django_gemafu.enums import OrderStatus, Verdict
from django_gemafu.testing import make_order, notification
from tests.races.happenings import (
    a_notification,
    a_query,
    by_hand,
    cancelling,
    expiry,
    let_happen,
    too_little,
)
from tests.races.racing import ROUNDS, Gateway, assert_money_is_safe, race
from tests.races.server import Server, post_over_http, running_server
from tests.races.shop import UNLUCKY

SERVERS = {
    "sync": ([], False),
    "gthread": (["--worker-class=gthread", "--threads=4"], False),
    "sync, no SQLite options": ([], True),
}


@pytest.fixture(scope="module", params=SERVERS)
def server(
    request: pytest.FixtureRequest,
    django_db_setup: None,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Server]:
    arguments, options_unset = SERVERS[request.param]
    if options_unset and connection.vendor != "sqlite":
        pytest.skip("only SQLite needs options")
    scratch = tmp_path_factory.mktemp("server")
    with running_server(scratch, *arguments, options_unset=options_unset) as running:
        yield running


@pytest.fixture
def gateway(server: Server, transactional_db: None, shop: None) -> Iterator[Gateway]:
    """Notifications reach the server's processes; what else happens, happens in this one."""
    seen = server.log.stat().st_size
    yield Gateway(partial(post_over_http, server.url))
    print(server.log.read_bytes()[seen:].decode())  # noqa: T201 # pytest shows it with a failure


def test_the_same_notification_fifty_times_at_once(gateway: Gateway) -> None:
    order = make_order()
    message = notification(order)

    race([partial(gateway.notify, order, message)] * 50)

    gateway.notify_until_answered()
    assert_money_is_safe(order, gateway)
    assert order.status == OrderStatus.PAID


def test_of_ten_payments_for_one_order_one_is_accepted(gateway: Gateway) -> None:
    for _ in range(ROUNDS):
        order = make_order(customer_id=UNLUCKY)

        race([partial(gateway.notify, order, notification(order)) for _ in range(10)])

        gateway.notify_until_answered()
        assert_money_is_safe(order, gateway)
        verdicts = Counter(order.payments.values_list("verdict", flat=True))
        assert verdicts == {Verdict.ACCEPTED: 1, Verdict.DUPLICATE: 9}


def test_notifications_against_what_happens_elsewhere(gateway: Gateway) -> None:
    reports, others = [a_notification, too_little], [a_query, by_hand, cancelling, expiry]
    for report, other in list(product(reports, others)) * ROUNDS:
        let_happen(gateway, [report, other], make_order())
