"""What can become of an order, from the ordinary to the odd, each as it would happen."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from django_gemafu.models import Order
from django_gemafu.money import yuan
from django_gemafu.operations import (
    accept_payment,
    cancel_order,
    deliver,
    dismiss_payment,
    record_refund,
    settle_manually,
)
from django_gemafu.operations.check_order import check_claimed_order
from django_gemafu.operations.expire_orders import expire_order
from example_project.shop.month.shop import Shop, label_printer_jammed

Happening = Callable[[Shop, Order], None]


def paid(shop: Shop, order: Order) -> None:
    shop.paid_in_time(order)


def found_by_asking(shop: Shop, order: Order) -> None:
    """The notification is lost at first; the customer's page makes us ask."""
    shop.think()
    report = shop.pay(order)
    shop.clock.forward(10)
    check_claimed_order(order, client=shop.gateway)
    if shop.chance.random() < 0.7:  # noqa: PLR2004
        shop.clock.forward(60)
        shop.hear(order, report)


def left_unpaid(shop: Shop, order: Order) -> None:
    shop.expire(order)
    expire_order(order)


def paid_late(shop: Shop, order: Order) -> None:
    left_unpaid(shop, order)
    shop.think()
    shop.hear(order, shop.pay(order))


def cancelled(shop: Shop, order: Order) -> None:
    shop.think()
    cancel_order(order, user=shop.operator, note=_("The customer paid in cash."))


def paid_though_cancelled(shop: Shop, order: Order) -> None:
    cancelled(shop, order)
    shop.think()
    shop.hear(order, shop.pay(order))
    _give_back(shop, order, order.due_fen, _("Paid twice, in cash and by code: sent back."))


def too_little(shop: Shop, order: Order) -> None:
    """Who types the amount may mistype it."""
    missing_fen = shop.chance.choice((1, 10, 50, 100))
    shop.think()
    shop.hear(order, shop.pay(order, max(order.due_fen - missing_fen, 1)))
    left_unpaid(shop, order)
    shop.wait_for_operator()
    note = _("A slip of the finger: ¥%(amount)s is missing, we let it pass.")
    _accept(shop, order, note % {"amount": yuan(missing_fen)})


def too_much(shop: Shop, order: Order) -> None:
    excess_fen = shop.chance.choice((50, 100, 900))
    shop.think()
    shop.hear(order, shop.pay(order, order.due_fen + excess_fen))
    left_unpaid(shop, order)
    shop.wait_for_operator()
    _accept(shop, order, _("The rest goes back."))
    shop.clock.forward(90)
    record_refund(
        order, amount_fen=excess_fen, note=_("Paid too much; sent by WeChat."), user=shop.operator
    )


def paid_twice(shop: Shop, order: Order) -> None:
    paid(shop, order)
    shop.clock.forward(25)
    shop.hear(order, shop.pay(order))
    _give_back(shop, order, order.due_fen, _("Scanned the code twice: sent back."))


def settled_by_hand(shop: Shop, order: Order) -> None:
    """Neither a notification nor an answer came, but the money is in the wallet."""
    shop.think()
    paid_at = shop.clock.now
    left_unpaid(shop, order)
    shop.wait_for_operator()
    evidence = _("WeChat bill, %(time)s, ¥%(amount)s")
    settle_manually(
        order,
        amount_fen=order.due_fen,
        paid_at=paid_at,
        evidence=evidence
        % {"time": f"{localtime(paid_at):%m-%d %H:%M}", "amount": yuan(order.due_fen)},
        note=_("The customer showed the receipt."),
        user=shop.operator,
    )


def undelivered(shop: Shop, order: Order) -> None:
    with label_printer_jammed():
        paid(shop, order)
        shop.clock.forward(60)
    shop.wait_for_operator()
    deliver(order, user=shop.operator)


def given_back(shop: Shop, order: Order) -> None:
    paid(shop, order)
    shop.wait_for_operator()
    note = _("Arrived broken; sent back by WeChat.")
    record_refund(order, amount_fen=order.due_fen, note=note, user=shop.operator)


def given_back_in_part(shop: Shop, order: Order) -> None:
    paid(shop, order)
    shop.wait_for_operator()
    note = _("One of the cups was cracked.")
    record_refund(order, amount_fen=min(order.due_fen, 600), note=note, user=shop.operator)


def stuck(shop: Shop, order: Order) -> None:
    """The gateway never answered. In the morning somebody tidies up."""
    shop.wait_for_operator()
    cancel_order(order, user=shop.operator, note=_("The gateway never answered."))


#: What becomes of the orders that the gateway takes, with how many in a thousand.
FREQUENCIES: Mapping[Happening, int] = {
    paid: 772,
    found_by_asking: 48,
    left_unpaid: 104,
    paid_late: 14,
    cancelled: 22,
    paid_though_cancelled: 4,
    too_little: 7,
    too_much: 4,
    paid_twice: 5,
    settled_by_hand: 5,
    undelivered: 5,
    given_back: 6,
    given_back_in_part: 4,
}

#: What shall wait for a person at the month's end.
UNSETTLED: tuple[Happening, ...] = (
    too_little,
    paid_twice,
    undelivered,
    too_much,
    paid_though_cancelled,
    undelivered,
)


def _accept(shop: Shop, order: Order, note: str) -> None:
    accept_payment(order.payments.unresolved().get(), user=shop.operator, note=note)
    order.refresh_from_db()


def _give_back(shop: Shop, order: Order, amount_fen: int, note: str) -> None:
    shop.wait_for_operator()
    dismiss_payment(order.payments.unresolved().get(), user=shop.operator, note=note)
    shop.clock.forward(45)
    record_refund(order, amount_fen=amount_fen, note=note, user=shop.operator)
