"""Placing an order: the row first, then the call."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from django.db import IntegrityError
from django.utils import timezone

from django_gemafu.conf import conf
from django_gemafu.enums import EventKind, OrderStatus
from django_gemafu.exceptions import (
    EchoMismatch,
    GatewayError,
    GatewayRejection,
    InvalidGatewayAnswer,
    MessageError,
    OrderClosed,
    ReferenceConflict,
)
from django_gemafu.models import Order
from django_gemafu.operations.gateway import borrowed_or_new
from django_gemafu.operations.notify_address import notify_url
from django_gemafu.operations.poll_order import poll_order
from django_gemafu.operations.transactions import atomic, require_no_transaction
from django_gemafu.protocol.client import GatewayClient
from django_gemafu.protocol.messages import PlaceOrderAnswer, PlaceOrderRequest, utc_now


def place_order(
    *,
    amount_fen: int,
    customer_id: str,
    reference: str,
    return_url: str = "",
    body: str = "",
) -> Order:
    """Ask the gateway for a payment, and return the order.

    Send the customer to ``order.get_absolute_url()``.

    ``amount_fen`` is in fen (1/100 yuan). ``reference`` is the shop's own order number, at most 64
    characters: calling again with the same one returns the same order, asking the gateway anew only
    where it has not answered yet. ``return_url`` is where the customer goes after paying; ``body``
    is kept with the order.

    Raises, with the order as ``error.order`` where there is one:

    - :class:`MessageError`: a value that the protocol does not allow; nothing was stored.
    - :class:`GatewayRejection`: the gateway said no; the order is ``failed``.
    - any other :class:`GatewayError`: no usable answer; the order stays ``placing``, and is
      resumed by calling again, or by the customer on its page.
    - :class:`ReferenceConflict`: the reference belongs to an order with another content.
    - :class:`OrderClosed`: the order with this reference has ended unpaid.
    - :class:`TransactionOpen`: called inside of a transaction.
    """
    draft = Order(
        token=uuid4(),
        merchant_id=conf.merchant_id,
        reference=reference,
        app_name=conf.app_name,
        customer_id=customer_id,
        amount_fen=amount_fen,
        return_url=return_url,
        body=body,
        checked_at=timezone.now(),
    )
    # Refuses impossible values while nothing is stored.
    draft.amount_fen = _request_for(draft).amount_fen
    require_no_transaction()
    order = _find(draft) or _insert(draft)
    if order is draft:
        _ask_gateway(order)
        return order
    _require_same(order, draft)
    return resume_order(order)


def resume_order(order: Order, *, client: GatewayClient | None = None) -> Order:
    """Ask the gateway again for an order that it has not answered yet; return the order.

    An order that it has answered is returned as it is, and so is one that another call is asking
    for at this moment. ``client`` is one to reuse. Raises as :func:`place_order` does.
    """
    if order.is_overdue(timezone.now()):
        poll_order(order)
    if order.is_closed:
        raise OrderClosed(
            f"Order {order.reference} is {order.status}: place a new one with a new reference.",
            order=order,
        )
    if order.status == OrderStatus.PLACING:
        require_no_transaction()
        if order.claim_check(timezone.now(), _longest_call()):
            _ask_gateway(order, client)
    return order


def _request_for(order: Order) -> PlaceOrderRequest:
    if order.return_url and urlsplit(order.return_url).scheme not in ("http", "https"):
        raise MessageError("return_url must be an absolute address that starts with https://")
    return PlaceOrderRequest(
        merchant_id=order.merchant_id,
        reference=order.reference,
        amount_fen=order.amount_fen,
        sent_at=utc_now(),
        notify_url=notify_url(order.token),
        customer_id=order.customer_id,
        app_name=order.app_name,
        return_url=order.return_url,
        body=order.body,
    )


def _find(draft: Order) -> Order | None:
    orders = Order.objects.fresh()
    return orders.filter(merchant_id=draft.merchant_id, reference=draft.reference).first()


def _insert(draft: Order) -> Order:
    """Store the draft and return it, or what another call with the same reference just stored."""
    try:
        with atomic():
            draft.save(force_insert=True)
            draft.record(EventKind.PLACED, amount_fen=draft.amount_fen)
    except IntegrityError:
        order = _find(draft)
        if order is None:
            raise
        return order
    return draft


def _require_same(order: Order, draft: Order) -> None:
    # The reference too: databases that ignore case find "a-1" when asked for "A-1".
    for name in ("reference", "amount_fen", "customer_id", "body"):
        if getattr(order, name) != getattr(draft, name):
            raise ReferenceConflict(
                f"Reference {draft.reference} was used before with another {name}: "
                "a new order needs a new reference.",
                order=order,
            )


def _longest_call() -> timedelta:
    # Two attempts to connect, and then the answer. Whoever claimed longer ago has died.
    return timedelta(seconds=2 * conf.connect_timeout_seconds + 2 * conf.read_timeout_seconds)


def _ask_gateway(order: Order, client: GatewayClient | None = None) -> None:
    try:
        with borrowed_or_new(client) as gateway:
            answer = gateway.place_order(_request_for(order))
        _take(order, answer)
    except GatewayError as error:
        error.order = order
        _note_failure(order, error)
        raise


def _take(order: Order, answer: PlaceOrderAnswer) -> None:
    facts: dict[str, Any] = {
        "gateway_order_id": answer.gateway_order_id,
        "payable_fen": answer.payable_fen,
    }
    if answer.expires_at <= timezone.now():
        raise InvalidGatewayAnswer(
            f"the gateway's order expired at {answer.expires_at:%Y-%m-%d %H:%M:%S} UTC, before it "
            "was placed: compare the clocks"
        )
    try:
        with atomic():
            is_taken = order.transition(
                OrderStatus.PENDING,
                **facts,
                qr_content=answer.qr_content,
                is_free_input=answer.is_free_input,
                expires_at=answer.expires_at,
            )
            order.record(
                EventKind.TAKEN if is_taken else EventKind.ANSWERED_LATE,
                **facts,
                expires_at=answer.expires_at.isoformat(),
                further=dict(answer.extra),
            )
    except IntegrityError as error:
        order.reload()
        raise EchoMismatch(
            f"the gateway answered with number {answer.gateway_order_id}, "
            "which it had given to another order before"
        ) from error
    if not is_taken:
        order.note_number(answer.gateway_order_id)
        order.reload()


def _note_failure(order: Order, error: GatewayError) -> None:
    with atomic():
        if isinstance(error, GatewayRejection):
            order.transition(OrderStatus.FAILED)
            order.record(EventKind.REFUSED, reason=error.reason, code=error.code)
        else:
            order.record(EventKind.UNANSWERED, reason=str(error), error=type(error).__name__)
            order.release_check()
