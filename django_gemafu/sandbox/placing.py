"""Taking orders: once each, and no two open ones with the same amount to pay."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import IntegrityError, transaction

from django_gemafu.protocol.fields import MAX_INTEGER
from django_gemafu.protocol.messages import PlaceOrderRequest
from django_gemafu.sandbox.models import (
    CONTENT_FIELDS,
    Behaviour,
    SandboxOrder,
    after,
    reference_key,
)
from django_gemafu.sandbox.refusals import no_amount_left, order_closed, reference_used

#: How far the amount to pay may differ from the amount ordered.
MAX_SHIFT_FEN = 10


def place(request: PlaceOrderRequest) -> SandboxOrder:
    """Take the order, or return the open one that the same request made before.

    Raises ``Refusal`` when the reference was used for something else or is spent, or when
    every amount near the one ordered is asked for by another open order.
    """
    order = _placed_before(request)
    if order:
        return order
    SandboxOrder.objects.release_amounts_of_expired()
    for payable_fen in _free_amounts(request.amount_fen):
        try:
            with transaction.atomic():
                return _create(request, payable_fen)
        except IntegrityError:
            # Someone was faster: with the amount, or with this very order.
            order = _placed_before(request)
            if order:
                return order
    raise no_amount_left()


def amounts_near(amount_fen: int) -> Iterator[int]:
    """Yield the amount itself, then one fen less, one more, two less, and so on."""
    shifts = [0, *(sign * fen for fen in range(1, MAX_SHIFT_FEN + 1) for sign in (-1, 1))]
    for shift in shifts:
        if 1 <= amount_fen + shift <= MAX_INTEGER:
            yield amount_fen + shift


def _placed_before(request: PlaceOrderRequest) -> SandboxOrder | None:
    key = reference_key(request.merchant_id, request.reference)
    order = SandboxOrder.objects.filter(reference_key=key).first()
    if order is None:
        return None
    if not order.asks_the_same_as(request):
        raise reference_used(request.reference)
    if not order.is_open:
        raise order_closed(request.reference)
    return order


def _free_amounts(amount_fen: int) -> list[int]:
    near = list(amounts_near(amount_fen))
    taken = SandboxOrder.objects.filter(open_money__in=near).values_list("open_money", flat=True)
    return [each for each in near if each not in set(taken)]


def _create(request: PlaceOrderRequest, payable_fen: int) -> SandboxOrder:
    behaviour = Behaviour.current()
    return SandboxOrder.objects.create(
        reference_key=reference_key(request.merchant_id, request.reference),
        payable_fen=payable_fen,
        open_money=payable_fen,
        is_free_input=behaviour.gives_free_input_codes,
        expires_at=after(behaviour.order_lifetime.total_seconds()),
        **{name: getattr(request, name) for name in CONTENT_FIELDS},
    )
