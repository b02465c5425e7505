"""What an operator can do to orders: one operation each, and what to say about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from django_gemafu import exceptions, operations
from django_gemafu.admin import forms
from django_gemafu.admin.act import SKIPPED, Act, Skipped, Target
from django_gemafu.admin.formats import yuan
from django_gemafu.enums import OrderStatus, Verdict
from django_gemafu.models import Order


class Check(Act):
    name = "check"
    permission = "django_gemafu.check_order"
    title = gettext_lazy("Check at the gateway")
    explanation = gettext_lazy("The gateway is asked whether the order was paid.")

    def obstacle(self, target: Target) -> Any:
        return "" if target.order.gateway_order_id else SKIPPED[exceptions.OrderNotTaken]

    def plan(self, target: Target) -> Any:
        return _("If the gateway says that it is paid, it becomes paid, and the shop is told.")

    def do(self, target: Target, user: Any, data: Mapping[str, Any]) -> None:
        operations.check_order(target.order, user=user)


class Deliver(Act):
    name = "deliver"
    permission = "django_gemafu.deliver_order"
    title = gettext_lazy("Deliver again")
    explanation = gettext_lazy("The shop is told that the order was paid.")

    def obstacle(self, target: Target) -> Any:
        if target.order.status != OrderStatus.PAID:
            return _("It is not paid.")
        return "" if target.order.is_undelivered else _("The shop was told already.")

    def plan(self, target: Target) -> Any:
        return _("The shop is told, and does its part.")

    def do(self, target: Target, user: Any, data: Mapping[str, Any]) -> None:
        if not operations.deliver(target.order, user=user):
            raise Skipped(_("The shop was told already, or its payment is in question."))


class Settle(Act):
    name = "settle"
    permission = "django_gemafu.settle_order"
    title = gettext_lazy("Settle by hand")
    explanation = gettext_lazy(
        "You have seen the money, and the gateway has not told of it. The order becomes paid, "
        "whatever became of it before, and the shop is told. This cannot be undone."
    )
    form = forms.SettleForm

    def obstacle(self, target: Target) -> Any:
        payments = list(target.order.payments.all())
        if any(payment.needs_review for payment in payments):
            return SKIPPED[exceptions.PaymentWaiting]
        is_settled = any(payment.verdict == Verdict.ACCEPTED for payment in payments)
        return SKIPPED[exceptions.AlreadyPaid] if is_settled else ""

    def plan(self, target: Target) -> Any:
        words = {
            "amount": yuan(target.order.due_fen),
            "status": OrderStatus(target.order.status).label,
        }
        return _("%(amount)s is due. It is now: %(status)s; it becomes: paid.") % words

    def do(self, target: Target, user: Any, data: Mapping[str, Any]) -> None:
        operations.settle_manually(
            target.order, user=user, **{"amount_fen": target.order.due_fen, **data}
        )


class _Resolve(Act):
    permission = "django_gemafu.resolve_payment"
    form = forms.ReasonForm

    def obstacle(self, target: Target) -> Any:
        return "" if target.waiting() else _("No payment of it waits for a decision.")

    def describe(self, target: Target) -> str:
        return "; ".join(
            f"{payment.get_verdict_display()}: {yuan(payment.amount_fen) or '?'}"
            for payment in target.waiting()
        )


class Accept(_Resolve):
    name = "accept"
    title = gettext_lazy("Accept the payment")
    explanation = gettext_lazy(
        "The payment settles the order although it does not fit. The order becomes paid, and the "
        "shop is told. This cannot be undone."
    )

    def obstacle(self, target: Target) -> Any:
        if any(payment.verdict == Verdict.ACCEPTED for payment in target.order.payments.all()):
            return _("Another payment has settled it. Dismiss this one, and give the money back.")
        if len(target.waiting()) > 1:
            return _("Several payments wait for a decision. Choose one on the order's page.")
        return super().obstacle(target)

    def plan(self, target: Target) -> Any:
        words = {"payment": self.describe(target), "due": yuan(target.order.due_fen)}
        return _("%(payment)s, and %(due)s was due. It becomes paid.") % words

    def do(self, target: Target, user: Any, data: Mapping[str, Any]) -> None:
        for payment in target.waiting():
            operations.accept_payment(payment, user=user, **data)


class Dismiss(_Resolve):
    name = "dismiss"
    title = gettext_lazy("Dismiss the payment")
    explanation = gettext_lazy(
        "The payment has been dealt with, and leaves the inbox. The order stays as it is."
    )

    def plan(self, target: Target) -> Any:
        return self.describe(target)

    def do(self, target: Target, user: Any, data: Mapping[str, Any]) -> None:
        for payment in target.waiting():
            operations.dismiss_payment(payment, user=user, **data)


def _unless(target: Target, *waiting: OrderStatus) -> str:
    """Return what keeps an order from ending that has none of these statuses."""
    if target.order.status in waiting:
        return ""
    status = OrderStatus(target.order.status).label
    return _("It does not wait for a payment: %(status)s.") % {"status": status}


class Cancel(Act):
    name = "cancel"
    permission = "django_gemafu.cancel_order"
    title = gettext_lazy("Cancel the order")
    explanation = gettext_lazy(
        "The customer's page shows no code any more. Who kept the code can still pay; that money "
        "will wait here for a decision."
    )
    form = forms.ReasonForm

    def obstacle(self, target: Target) -> Any:
        return _unless(target, OrderStatus.PLACING, OrderStatus.PENDING)

    def plan(self, target: Target) -> Any:
        return _("It becomes cancelled.")

    def do(self, target: Target, user: Any, data: Mapping[str, Any]) -> None:
        operations.cancel_order(target.order, user=user, **data)


class Expire(Act):
    name = "expire"
    permission = "django_gemafu.expire_order"
    title = gettext_lazy("Expire the order")
    explanation = gettext_lazy(
        "The customer's page shows no code any more. Money that comes late still settles the order."
    )
    form = forms.ReasonForm

    def obstacle(self, target: Target) -> Any:
        return _unless(target, OrderStatus.PENDING)

    def plan(self, target: Target) -> Any:
        return _("It becomes expired.")

    def do(self, target: Target, user: Any, data: Mapping[str, Any]) -> None:
        if not operations.expire_order(target.order, user=user, **data):
            raise Skipped(str(SKIPPED[exceptions.OrderClosed]))


class RecordRefund(Act):
    name = "refund"
    permission = "django_gemafu.refund_order"
    title = gettext_lazy("Record a refund")
    explanation = gettext_lazy(
        "You have given money back, in your wallet. Nothing is sent from here: this only writes "
        "it down, and tells the shop. It cannot be undone."
    )
    form = forms.RefundForm

    def obstacle(self, target: Target) -> Any:
        received_fen, refunded_fen = self._flow(target.order)
        if received_fen == 0:
            return _("No money came in for it.")
        return "" if received_fen > refunded_fen else _("All of it was given back already.")

    def plan(self, target: Target) -> Any:
        received_fen, refunded_fen = self._flow(target.order)
        words = {
            "received": yuan(received_fen),
            "refunded": yuan(refunded_fen),
            "left": yuan(received_fen - refunded_fen),
        }
        return _("%(received)s received, %(refunded)s given back, %(left)s left.") % words

    def do(self, target: Target, user: Any, data: Mapping[str, Any]) -> None:
        received_fen, refunded_fen = self._flow(target.order)
        everything = {
            "amount_fen": received_fen - refunded_fen,
            "refunded_before_fen": refunded_fen,
        }
        operations.record_refund(target.order, user=user, **{**everything, **data})

    def _flow(self, order: Order) -> tuple[int, int]:
        """Return what came in and what was given back, of what was fetched with the order."""
        received_fen = order.count_received_fen(order.payments.all())
        return received_fen, sum(refund.amount_fen for refund in order.refunds.all())


ACTS: Sequence[Act] = (
    Check(),
    Settle(),
    Accept(),
    Dismiss(),
    Deliver(),
    RecordRefund(),
    Cancel(),
    Expire(),
)


def acts_for(user: Any) -> list[Act]:
    return [act for act in ACTS if user.has_perm(act.permission)]
