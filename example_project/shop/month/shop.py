"""The tea house at work: what its customers, its gateway and its operator can do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, time, timedelta
from random import Random
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.urls import resolve
from django.utils import timezone
from django.utils.translation import gettext as _

from django_gemafu.conf import conf
from django_gemafu.enums import EventKind
from django_gemafu.exceptions import (
    DeliveryFailed,
    GatewayError,
    GatewayRejection,
    PaymentNotAccepted,
)
from django_gemafu.models import Order
from django_gemafu.operations import receive_notification, resume_order
from django_gemafu.operations.notify_address import notify_url
from django_gemafu.protocol.messages import Envelope, Notification
from django_gemafu.signals import payment_succeeded
from example_project.shop.models import Purchase
from example_project.shop.month.clock import Clock, StillToCome
from example_project.shop.month.gateway import Gateway
from example_project.shop.products import PRODUCTS

#: How many of a thing people buy at once.
_QUANTITIES = {"longjing": (1, 1, 1, 1, 2, 3), "cup": (1, 2, 2, 2, 4, 6)}
_CUSTOMERS = 140
_OPENING = time(9, 40)


class Shop:
    def __init__(self, *, clock: Clock, chance: Random, operator: Any) -> None:
        self.clock = clock
        self.chance = chance
        self.operator = operator
        self.is_operator_away = False
        self.gateway = Gateway(clock, chance)
        self._customers = [f"guest-{chance.getrandbits(32):08x}" for _ in range(_CUSTOMERS)]

    def sell(self) -> Order:
        """Let a customer put something into the basket and ask for the code to pay with."""
        slug = self.chance.choice(tuple(_QUANTITIES))
        purchase = Purchase.objects.create(
            key=UUID(int=self.chance.getrandbits(128), version=4),
            product_slug=slug,
            customer_id=self._customer(),
            amount_fen=PRODUCTS[slug].price_fen * self.chance.choice(_QUANTITIES[slug]),
        )
        order = Order.objects.create(
            token=UUID(int=self.chance.getrandbits(128), version=4),
            merchant_id=conf.merchant_id,
            app_name=conf.app_name,
            reference=purchase.reference,
            customer_id=purchase.customer_id,
            amount_fen=purchase.amount_fen,
            return_url=f"{conf.site_url}{purchase.get_absolute_url()}",
            body=str(purchase.key),
        )
        order.record(EventKind.PLACED, amount_fen=order.amount_fen)
        self._ask_gateway(order)
        return order

    def try_again(self, order: Order) -> None:
        """Let the customer press the button on the page of an order that was not answered."""
        self.clock.forward(self.chance.uniform(30, 60))
        self._ask_gateway(order)

    def think(self) -> None:
        """Let the time pass that people need to pay: most half a minute, some much longer."""
        self.clock.forward(min(self.chance.lognormvariate(3.6, 0.6), 285))

    def expire(self, order: Order) -> None:
        """Let the time to pay run out, and a while more."""
        late = timedelta(seconds=self.chance.randint(15, 60))
        self.clock.set((order.expires_at or self.clock.now) + late)

    def pay(self, order: Order, amount_fen: int | None = None) -> Notification:
        """Let the customer pay, now; return the gateway's report of it."""
        number = order.gateway_order_id or 0
        self.gateway.paid.add(number)
        return Notification(
            gateway_order_id=number,
            gateway_payment_id=self.gateway.next_number(),
            paid_at=self.clock.now.replace(microsecond=0),
            reference=order.reference,
            customer_id=order.customer_id,
            app_name=order.app_name,
            amount_fen=order.due_fen if amount_fen is None else amount_fen,
            return_url=order.return_url,
            body=order.body,
        )

    def hear(self, order: Order, report: Notification) -> None:
        """Let the gateway report a payment, some seconds after it; read the order anew."""
        self.clock.forward(self.chance.uniform(1, 6))
        address = resolve(urlsplit(notify_url(order.token)).path).kwargs
        envelope = Envelope.seal(report, conf.secret_key)
        with suppress(PaymentNotAccepted, DeliveryFailed):  # both are in the story
            receive_notification(**address, body=envelope.to_json())
        order.refresh_from_db()

    def paid_in_time(self, order: Order) -> None:
        self.think()
        self.hear(order, self.pay(order))

    def wait_for_operator(self) -> None:
        """Go on to the next morning, when somebody looks at what needs a person."""
        if self.is_operator_away:
            raise StillToCome
        tomorrow = timezone.localtime(self.clock.now).date() + timedelta(days=1)
        morning = timezone.make_aware(datetime.combine(tomorrow, _OPENING))
        self.clock.set(morning + timedelta(seconds=self.chance.randint(0, 3000)))

    def _ask_gateway(self, order: Order) -> None:
        with suppress(GatewayError):  # the order says what came of it
            resume_order(order, client=self.gateway)

    def _customer(self) -> str:
        """Return one of the regulars more often than others."""
        return self._customers[int(self.chance.random() ** 2 * _CUSTOMERS)]


@contextmanager
def label_printer_jammed() -> Iterator[None]:
    """Let the shop's own code fail when it is told of a payment."""

    def print_label(**kwargs: Any) -> None:
        raise OSError("label printer: out of paper")

    payment_succeeded.connect(print_label)
    try:
        yield
    finally:
        payment_succeeded.disconnect(print_label)


def no_balance() -> GatewayRejection:
    reason = _("the fee balance is used up")
    return GatewayRejection(f"the gateway refused (402): {reason}", code=402, reason=reason)
