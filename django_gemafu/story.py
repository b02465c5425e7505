"""The sentences in which an order's events are told.

An event stores what happened as facts; the words are found when it is read, in the reader's
language.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from django_gemafu.enums import EventKind, PaymentSource, Verdict
from django_gemafu.money import yuan

_SENTENCES: Mapping[EventKind, str] = {
    EventKind.PLACED: gettext_noop("The shop ordered a payment of ¥%(amount)s."),
    EventKind.TAKEN: gettext_noop(
        "The gateway took the order as number %(gateway_order_id)s; ¥%(payable)s is due."
    ),
    EventKind.REFUSED: gettext_noop("The gateway refused the order: %(reason)s"),
    EventKind.UNANSWERED: gettext_noop("The gateway gave no usable answer: %(reason)s"),
    EventKind.ANSWERED_LATE: gettext_noop(
        "The gateway took the order as number %(gateway_order_id)s, but it had changed meanwhile."
    ),
    EventKind.CHECKED: gettext_noop("Asked at the gateway: %(answer)s"),
    EventKind.PAID: gettext_noop("Paid: ¥%(received)s, payment %(payment)s (%(source)s)."),
    EventKind.PAID_LATE: gettext_noop(
        "Paid late, after the order had expired: ¥%(received)s, payment %(payment)s (%(source)s)."
    ),
    EventKind.SURPRISE: gettext_noop(
        "A payment that does not fit (%(verdict)s): ¥%(received)s received, ¥%(due)s due, "
        "payment %(payment)s (%(source)s). A person has to decide."
    ),
    EventKind.IDENTIFIED: gettext_noop(
        "The payment is now known as number %(payment)s over ¥%(received)s (%(verdict)s)."
    ),
    EventKind.DELIVERED: gettext_noop("The shop was told and has done its part."),
    EventKind.DELIVERY_FAILED: gettext_noop(
        "The shop was told, but its own code failed: %(error)s"
    ),
    EventKind.AFTERMATH_FAILED: gettext_noop(
        "The shop has done its part, but what it had put off until afterwards failed: %(error)s"
    ),
    EventKind.EXPIRED: gettext_noop("Expired without a payment. %(note)s"),
    EventKind.CANCELLED: gettext_noop("Cancelled. %(note)s"),
    EventKind.PAYMENT_ACCEPTED: gettext_noop(
        "A person accepted payment %(payment)s over ¥%(received)s (%(verdict)s): %(note)s"
    ),
    EventKind.PAYMENT_DISMISSED: gettext_noop(
        "A person dismissed payment %(payment)s over ¥%(received)s (%(verdict)s): %(note)s"
    ),
    EventKind.REFUNDED: gettext_noop(
        "¥%(amount)s was given back, of ¥%(received)s received; ¥%(left)s is left. %(note)s"
    ),
    EventKind.REFUND_FAILED: gettext_noop(
        "A refund of ¥%(amount)s could not be recorded, because the shop's own code failed: "
        "%(error)s"
    ),
}

#: For payments of which only a QueryOrder told: it brings no amount and no number.
_WITHOUT_AMOUNT: Mapping[EventKind, str] = {
    EventKind.PAID: gettext_noop("Paid: the gateway says so when asked, but not how much."),
    EventKind.PAID_LATE: gettext_noop(
        "Paid late, after the order had expired: the gateway says so when asked, but not how much."
    ),
    EventKind.SURPRISE: gettext_noop(
        "A payment that does not fit (%(verdict)s): the gateway says when asked that there is one, "
        "but not how much. A person has to decide."
    ),
    EventKind.PAYMENT_ACCEPTED: gettext_noop(
        "A person accepted the payment of which only the gateway told: %(note)s"
    ),
    EventKind.PAYMENT_DISMISSED: gettext_noop(
        "A person dismissed the payment of which only the gateway told: %(note)s"
    ),
}

_BY_HAND = gettext_noop(
    "Settled by hand: ¥%(received)s received. Evidence: %(evidence)s. Note: %(note)s"
)

#: What a QueryOrder's status says.
_ANSWERS: Mapping[int, str] = {
    0: gettext_noop("not paid yet."),
    1: gettext_noop("not paid yet."),
    2: gettext_noop("paid, and its notification was accepted."),
    3: gettext_noop("paid, but its notification failed, and the gateway has given up on it."),
    4: gettext_noop("paid, but its notification failed so far."),
}

#: How the facts become the words of the sentences.
_WORDS: Mapping[str, tuple[str, Callable[[Any], str]]] = {
    "amount": ("amount_fen", yuan),
    "payable": ("payable_fen", yuan),
    "received": ("received_fen", yuan),
    "due": ("due_fen", yuan),
    "left": ("left_fen", yuan),
    "verdict": ("verdict", lambda verdict: str(Verdict(verdict).label)),
    "source": ("source", lambda source: str(PaymentSource(source).label)),
    "answer": ("status", lambda status: _(_ANSWERS[status])),
    "payment": ("gateway_payment_id", str),
}


class _Words(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "?"


def sentence(kind: EventKind, facts: Mapping[str, Any]) -> str:
    """Return the event in words. A fact that is not known shows as a question mark."""
    words = _Words({name: str(fact) for name, fact in facts.items()})
    for word, (name, in_words) in _WORDS.items():
        words[word] = "?" if facts.get(name) is None else in_words(facts[name])
    words.setdefault("note", "")
    template = _SENTENCES[kind]
    if facts.get("evidence"):
        template = _BY_HAND
    if facts.get("received_fen") is None:
        template = _WITHOUT_AMOUNT.get(kind, template)
    return (_(template) % words).strip()
