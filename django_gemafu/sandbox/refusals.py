"""What the gateway says when it does not do what it was asked for.

The guide documents the causes, not the numbers and words: those are the sandbox's own. The words
tell more than the real gateway's, since whoever reads them is at work on a shop.
"""

from __future__ import annotations

from django_gemafu.sandbox.enums import RefusalReason


class Refusal(Exception):
    """The gateway's answer is an error: ``code`` and, as ``msg``, ``reason``."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


def wrong_merchant() -> Refusal:
    return Refusal(401, "wrong merchant number (m_id)")


def wrong_key() -> Refusal:
    return Refusal(403, "bad signature: another key, or fields joined in another way")


def no_balance() -> Refusal:
    return Refusal(402, "the fee balance is used up: top it up at the platform")


def no_amount_left() -> Refusal:
    return Refusal(503, "every amount near this one is asked for by another open order")


def unknown_order() -> Refusal:
    # "Any other 2xx: understood, but there is no data."
    return Refusal(204, "there is no such order")


def unreadable(why: object) -> Refusal:
    return Refusal(400, f"unreadable request: {why}")


def unknown_method(method: object) -> Refusal:
    return Refusal(400, f"unknown method {str(method)[:100]!r}")


def missing(field: str) -> Refusal:
    return Refusal(400, f"mandatory field missing: {field}")


def wrong_type(why: object) -> Refusal:
    """The real gateway calls this a bad signature."""
    return Refusal(403, f"bad signature: {why}")


def reference_used(reference: str) -> Refusal:
    return Refusal(409, f"m_oid {reference} was used for an order with another content")


def order_closed(reference: str) -> Refusal:
    return Refusal(409, f"m_oid {reference} belongs to an order that is paid or expired")


def on_purpose(reason: str) -> Refusal:
    """Return what is answered when the panel says to refuse."""
    refusals = {
        RefusalReason.MERCHANT: wrong_merchant(),
        RefusalReason.SIGNATURE: wrong_key(),
        RefusalReason.BALANCE: no_balance(),
        RefusalReason.MISSING: missing("m_oid"),
    }
    return refusals[RefusalReason(reason)]
