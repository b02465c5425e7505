"""The month, order by order."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from django_gemafu.enums import OrderStatus
from django_gemafu.exceptions import GatewayError, GatewayTimeout
from example_project.shop.month.calendar import visits
from example_project.shop.month.clock import Clock, StillToCome
from example_project.shop.month.happenings import FREQUENCIES, UNSETTLED, Happening, stuck
from example_project.shop.month.shop import Shop, no_balance

#: Among the last of so many orders some wait for a person.
_LATEST = 30


@dataclass
class _Visit:
    moment: datetime
    happening: Happening
    trouble: GatewayError | None = None
    is_operator_away: bool = False


def live_through(*, orders: int, seed: int, end: datetime, operator: Any) -> None:
    """Fill the shop with the thirty days before ``end``. Same arguments, same month."""
    chance = Random(seed)  # noqa: S311 - nothing is guarded by it
    clock = Clock(end=end)
    shop = Shop(clock=clock, chance=chance, operator=operator)
    plan = _plan(visits(orders, end, chance), chance)
    with clock.in_force():
        for visit in plan:
            clock.set(visit.moment)
            with suppress(StillToCome):
                _receive(visit, shop)


def _plan(moments: list[datetime], chance: Random) -> list[_Visit]:
    happenings = chance.choices(list(FREQUENCIES), list(FREQUENCIES.values()), k=len(moments))
    plan = [_Visit(moment, what) for moment, what in zip(moments, happenings, strict=True)]
    # Also in a short month everything happens once.
    early = chance.sample(plan[: len(plan) // 2], len(FREQUENCIES))
    for visit, happening in zip(early, FREQUENCIES, strict=True):
        visit.happening = happening
    for visit in _some(plan, 0.55, 0.014):
        visit.trouble = GatewayTimeout("the gateway did not answer within 10 s")
    for visit in _some(plan, 0.8, 0.007):
        visit.trouble = no_balance()
    latest = chance.sample(plan[-_LATEST:-3], len(UNSETTLED) + 2)
    for visit, happening in zip(latest, (*UNSETTLED, stuck, stuck), strict=True):
        visit.happening = happening
        visit.is_operator_away = True
        if happening is stuck:
            visit.trouble = GatewayTimeout("the gateway did not answer within 10 s")
    return plan


def _some(plan: list[_Visit], start: float, share: float) -> Iterator[_Visit]:
    """Yield a share of the visits that follow each other."""
    first = int(len(plan) * start)
    yield from plan[first : first + max(1, round(len(plan) * share))]


def _receive(visit: _Visit, shop: Shop) -> None:
    shop.is_operator_away = visit.is_operator_away
    shop.gateway.fails_with = visit.trouble
    order = shop.sell()
    if order.status == OrderStatus.PLACING:
        shop.try_again(order)
        stuck(shop, order)
    elif order.status == OrderStatus.PENDING:
        visit.happening(shop, order)
