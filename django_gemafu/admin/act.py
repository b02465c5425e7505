"""What all acts of an operator have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import OperationalError
from django.utils.translation import gettext_lazy

from django_gemafu import exceptions
from django_gemafu.admin import forms
from django_gemafu.exceptions import GemafuError
from django_gemafu.models import Order, Payment

#: Why nothing was done: somebody, or a payment, was quicker.
SKIPPED: Mapping[type[Exception], Any] = {
    exceptions.AlreadyPaid: gettext_lazy("It is paid already."),
    exceptions.AlreadyResolved: gettext_lazy("Somebody has decided about this payment already."),
    exceptions.RefundedMeanwhile: gettext_lazy(
        "A refund was recorded since you looked. Look again before you record another."
    ),
    exceptions.OrderClosed: gettext_lazy("It has ended meanwhile."),
    exceptions.OrderNotTaken: gettext_lazy("The gateway has no number for it yet."),
    exceptions.PaymentWaiting: gettext_lazy(
        "A payment has come for it that does not fit. Accept or dismiss that first."
    ),
}

_FAILED: Mapping[type[Exception], Any] = {
    exceptions.DeliveryFailed: gettext_lazy(
        "It is paid, but the shop's own code failed. The traceback is in the story."
    ),
    exceptions.RefundTooLarge: gettext_lazy("That is more than is left of what was received."),
    exceptions.RefundNotRecorded: gettext_lazy(
        "The shop's own code failed, so nothing was recorded. The traceback is in the story."
    ),
    OperationalError: gettext_lazy("The database was busy. Try again."),
}


@dataclass(frozen=True)
class Target:
    """An order, and where one is meant alone, which of its payments."""

    order: Order
    payment_id: int | None = None

    def waiting(self) -> list[Payment]:
        """Return the payments that wait for a decision."""
        payments = [payment for payment in self.order.payments.all() if payment.needs_review]
        if self.payment_id is None:
            return payments
        return [payment for payment in payments if payment.pk == self.payment_id]


class Skipped(Exception):
    """Nothing was to be done; the text says why."""


class Failed(Exception):
    """It could not be done; the text says why."""


class Act(ABC):
    """One thing that can be done to an order, whoever asks for it and from wherever."""

    name = ""
    permission = ""
    title: Any = ""
    #: What the page says above the orders.
    explanation: Any = ""
    form: type[forms.ActForm] = forms.NoForm

    @abstractmethod
    def obstacle(self, target: Target) -> Any:
        """Say why the order will be skipped; empty if it will not."""

    @abstractmethod
    def plan(self, target: Target) -> Any:
        """Say what will happen to the order."""

    @abstractmethod
    def do(self, target: Target, user: Any, data: Mapping[str, Any]) -> None:
        """Do it, and raise what the operation raises."""

    def perform(self, target: Target, user: Any, data: Mapping[str, Any]) -> None:
        """Do it, or raise :class:`Skipped` or :class:`Failed` in the operator's language."""
        obstacle = self.obstacle(target)
        if obstacle:
            raise Skipped(str(obstacle))
        try:
            self.do(target, user, data)
        except tuple(SKIPPED) as error:
            raise Skipped(str(SKIPPED[type(error)])) from error
        except (GemafuError, OperationalError) as error:
            raise Failed(str(_FAILED.get(type(error), error))) from error
