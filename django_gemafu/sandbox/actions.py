"""The panel's buttons for one order: to pay and to notify well, and to misbehave on purpose."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from django_gemafu.sandbox import notifier, paying
from django_gemafu.sandbox.models import SandboxOrder, SandboxPayment


@dataclass(frozen=True)
class Action:
    """``run`` gets the order, and the amount in fen: the one typed, or the one to pay.

    ``done`` says afterwards what was done. ``is_possible`` tells where the button makes sense.
    """

    name: str
    label: Promise
    done: Promise
    run: Callable[[SandboxOrder, int], None]
    takes_amount: bool = False
    is_possible: Callable[[SandboxOrder], bool] = lambda _order: True


def _pay(order: SandboxOrder, amount_fen: int) -> None:
    paying.pay(order, amount_fen)


def _pay_twice(order: SandboxOrder, amount_fen: int) -> None:
    paying.pay(order, amount_fen)
    paying.pay(order, amount_fen)


def _pay_late(order: SandboxOrder, amount_fen: int) -> None:
    paying.expire(order)
    paying.pay(order, amount_fen)


def _pay_silently(order: SandboxOrder, amount_fen: int) -> None:
    paying.pay(order, amount_fen, notifies=False)


def _expire(order: SandboxOrder, _amount_fen: int) -> None:
    paying.expire(order)


def _send_again(order: SandboxOrder, amount_fen: int) -> None:
    notifier.send_again(_payment_of(order, amount_fen))


def _send_ten(order: SandboxOrder, amount_fen: int) -> None:
    notifier.send_ten_at_once(_payment_of(order, amount_fen))


def _send_tampered(order: SandboxOrder, amount_fen: int) -> None:
    notifier.send_tampered(_payment_of(order, amount_fen))


def _payment_of(order: SandboxOrder, amount_fen: int) -> SandboxPayment:
    """Return the latest payment; an unpaid order is paid first, and not notified of."""
    latest = order.payments.order_by("pk").last()
    return latest or paying.pay(order, amount_fen, notifies=False)


def _is_unpaid(order: SandboxOrder) -> bool:
    return not order.is_paid


def _is_paid(order: SandboxOrder) -> bool:
    return order.is_paid


def _is_open(order: SandboxOrder) -> bool:
    return order.is_open


PAYING = (
    Action("pay", _("Pay exactly"), _("Paid with the amount asked for."), _pay),
    Action(
        "pay_twice",
        _("Pay twice"),
        _("Paid twice: two payments, each with its own number."),
        _pay_twice,
    ),
    Action(
        "pay_late",
        _("Expire, then pay"),
        _("Expired, and then paid all the same."),
        _pay_late,
        is_possible=_is_unpaid,
    ),
    Action(
        "pay_silently",
        _("Pay, do not notify"),
        _("Paid. The shop is not told: it has to ask."),
        _pay_silently,
    ),
    Action("expire", _("Expire now"), _("Expired."), _expire, is_possible=_is_open),
)

NOTIFYING = (
    Action(
        "send_again",
        _("Send again"),
        _("The notification is being sent again."),
        _send_again,
        is_possible=_is_paid,
    ),
    Action(
        "send_ten",
        _("Send ten at once"),
        _("The notification is being sent on ten connections at once."),
        _send_ten,
    ),
    Action(
        "send_tampered",
        _("Send tampered"),
        _("A notification is being sent whose amount was changed after signing."),
        _send_tampered,
    ),
)

PAY_OTHER = Action(
    "pay_other",
    _("Pay this amount"),
    _("Paid with another amount."),
    _pay,
    takes_amount=True,
)

ACTIONS = {action.name: action for action in (*PAYING, *NOTIFYING, PAY_OTHER)}
