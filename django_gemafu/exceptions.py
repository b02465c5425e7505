"""Every error that django-gemafu raises on purpose.

::

    GemafuError
    ├── ConfigurationError            a setting is missing or makes no sense
    ├── MessageError                  a message breaks the protocol's rules for its fields
    │   └── UnsignableValue           a value that the signature has no text for
    ├── GatewayError                  a call to the gateway gave no usable answer
    │   ├── GatewayUnreachable        no connection: the request never reached the gateway
    │   ├── GatewayTLSError           no trusted connection: check the gateway's certificate
    │   ├── GatewayTimeout            no answer in time: the request may have been accepted
    │   ├── GatewayConnectionLost     cut off: the request may have been accepted
    │   ├── GatewayHTTPError          an HTTP status other than 2xx
    │   ├── InvalidGatewayAnswer      an answer that is not what the protocol describes
    │   │   └── EchoMismatch          ... or that is about something else than was asked
    │   └── GatewayAnswered           a clear answer with a code other than 200
    │       ├── GatewayHasNoData      ... understood, but there is nothing to tell (2xx)
    │       └── GatewayRejection      ... refused: the gateway said no, and why
    ├── OrderError                    an operation does not fit the order
    │   ├── ReferenceConflict         the reference was used for a different order
    │   ├── OrderClosed               the order has ended; a new one needs a new reference
    │   ├── OrderNotTaken             the gateway has no number for the order yet
    │   ├── TransactionOpen           the operation must commit by itself, and cannot here
    │   ├── PaymentConflict           one payment number was reported with two meanings
    │   ├── DeliveryFailed            a receiver of ``payment_succeeded`` raised
    │   ├── ActIncomplete             what a person did lacks what would explain it later
    │   ├── AlreadyPaid               a payment has settled the order before
    │   ├── PaymentWaiting            a payment has come that a person must decide about first
    │   ├── AlreadyResolved           somebody has decided about the payment before
    │   ├── RefundedMeanwhile         less was given back when the person looked
    │   ├── RefundTooLarge            more than is left of what was received
    │   └── RefundNotRecorded         a receiver of ``refund_recorded`` raised
    └── NotificationRefused           a notification is not believed, or does not fit
        ├── MalformedNotification     it cannot be read
        │   └── OversizeNotification  ... because it is too long
        ├── ForgedNotification        its signature or its address is not genuine
        ├── UnknownOrder              it is about no order of this shop
        ├── UnboundNotification       it contradicts the order it claims to be for
        └── PaymentNotAccepted        it is recorded, and a person has to look at it

All of them can be caught as :class:`GemafuError`. Errors that belong to an order carry it as
``error.order`` (``None`` where there is none).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django_gemafu.models import Order


class GemafuError(Exception):
    """The root of the tree. ``order`` is the order concerned, where there is one."""

    def __init__(self, message: str, *, order: Order | None = None) -> None:
        super().__init__(message)
        self.order = order


class ConfigurationError(GemafuError):
    """A setting is missing or makes no sense."""


class MessageError(GemafuError):
    """A message breaks the protocol's rules for its fields."""


class UnsignableValue(MessageError):
    """A value that the signature has no text for (an object, an array, NaN, a lone surrogate)."""


class GatewayError(GemafuError):
    """A call to the gateway gave no usable answer."""


class GatewayUnreachable(GatewayError):
    """No connection could be made: the request never reached the gateway."""


class GatewayTLSError(GatewayError):
    """No trusted connection could be made, or it broke its own rules."""


class GatewayTimeout(GatewayError):
    """No answer came in time. The gateway may have accepted the request all the same."""


class GatewayConnectionLost(GatewayError):
    """The connection broke before the answer. The gateway may have accepted the request."""


class GatewayHTTPError(GatewayError):
    """The gateway, or something before it, answered with an HTTP status other than 2xx."""

    def __init__(self, message: str, *, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class InvalidGatewayAnswer(GatewayError):
    """The answer is not what the protocol describes (HTML, another shape, too long)."""


class EchoMismatch(InvalidGatewayAnswer):
    """The answer is about something else than was asked for."""


class GatewayAnswered(GatewayError):
    """A clear answer with a code other than 200. ``code`` and ``reason`` are the gateway's own."""

    def __init__(self, message: str, *, code: int = 0, reason: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason


class GatewayHasNoData(GatewayAnswered):
    """The gateway understood, but has nothing to tell (a code of 2xx other than 200)."""


class GatewayRejection(GatewayAnswered):
    """The gateway said no: nothing was placed."""


class OrderError(GemafuError):
    """An operation does not fit the order."""


class ReferenceConflict(OrderError):
    """The reference was already used for an order with another content."""


class OrderClosed(OrderError):
    """The order has ended unpaid; a new attempt needs a new reference."""


class OrderNotTaken(OrderError):
    """The gateway has not taken the order yet, so there is no number to ask about."""


class TransactionOpen(OrderError):
    """The operation must commit by itself, and was called inside a transaction."""


class PaymentConflict(OrderError):
    """One payment number was reported with two meanings."""


class DeliveryFailed(OrderError):
    """A receiver of ``payment_succeeded`` raised. The order is paid, and not yet delivered."""


class ActIncomplete(OrderError):
    """What a person did lacks what would explain it later: who, how much, when, on what grounds."""


class AlreadyPaid(OrderError):
    """A payment has settled the order before, and a second one cannot."""


class PaymentWaiting(OrderError):
    """A payment has come for the order that a person must decide about first."""


class AlreadyResolved(OrderError):
    """Somebody has decided about the payment before."""


class RefundedMeanwhile(OrderError):
    """Less had been given back when the person looked than now. Nothing was recorded."""


class RefundTooLarge(OrderError):
    """The refund is more than is left of what was received. Nothing was recorded."""


class RefundNotRecorded(OrderError):
    """A receiver of ``refund_recorded`` raised. Nothing was recorded."""


class NotificationRefused(GemafuError):
    """A notification is not believed, or does not fit. Its text may be shown to the sender."""

    http_status = 400


class MalformedNotification(NotificationRefused):
    """It cannot be read: no JSON, a field is missing or of the wrong type, or it is too long."""


class OversizeNotification(MalformedNotification):
    """It is longer than any message of the protocol."""

    http_status = 413


class ForgedNotification(NotificationRefused):
    """Its signature, or the proof in its address, is not genuine."""

    http_status = 403


class UnknownOrder(NotificationRefused):
    """It is about no order of this shop."""

    http_status = 404


class UnboundNotification(NotificationRefused):
    """Genuine, but it contradicts the order that it claims to be for."""

    http_status = 409


class PaymentNotAccepted(NotificationRefused):
    """The payment is recorded, does not settle the order, and waits for a person."""

    http_status = 409
