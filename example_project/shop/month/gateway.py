"""A gateway without a wire, and with good and bad days."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from django_gemafu.conf import conf
from django_gemafu.exceptions import GatewayError
from django_gemafu.protocol.client import GatewayClient
from django_gemafu.protocol.messages import PlaceOrderAnswer, PlaceOrderRequest, QueryOrderAnswer
from example_project.shop.month.clock import Clock

_TIME_TO_PAY = timedelta(minutes=5)
_PAID, _UNPAID = 4, 0


class Gateway(GatewayClient):
    """Answers at once, or raises ``fails_with``."""

    def __init__(self, clock: Clock, chance: Random) -> None:
        super().__init__(merchant_id=conf.merchant_id, secret=conf.secret_key)
        self.fails_with: GatewayError | None = None
        self.paid: set[int] = set()
        self._clock = clock
        self._chance = chance
        self._number = 73_204_118_000

    def next_number(self) -> int:
        self._number += self._chance.randint(3, 90)
        return self._number

    def place_order(self, request: PlaceOrderRequest) -> PlaceOrderAnswer:
        if self.fails_with is not None:
            raise self.fails_with
        # Open orders of one amount are told apart by a few fen.
        shift_fen = self._chance.choice((0, 0, 0, 0, 0, 1, 2, 3))
        number = self.next_number()
        return PlaceOrderAnswer(
            gateway_order_id=number,
            reference=request.reference,
            amount_fen=request.amount_fen,
            customer_id=request.customer_id,
            app_name=request.app_name,
            return_url=request.return_url,
            payable_fen=request.amount_fen - shift_fen,
            qr_content=f"wxp://f2f0{number:x}",
            is_free_input=self._chance.random() < 0.1,  # noqa: PLR2004 - one in ten
            expires_at=self._clock.now + _TIME_TO_PAY,
        )

    def query_order(self, gateway_order_id: int, *, signed: bool = True) -> QueryOrderAnswer:
        return QueryOrderAnswer(status=_PAID if gateway_order_id in self.paid else _UNPAID)
