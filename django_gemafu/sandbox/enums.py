"""What the sandbox can be told to do, and what became of a notification."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class RefusalReason(models.TextChoices):
    """Why the gateway refuses an order: the documented causes."""

    MERCHANT = "merchant", _("wrong merchant number")
    SIGNATURE = "signature", _("bad signature (wrong key, or a field of the wrong type)")
    BALANCE = "balance", _("the merchant's fee balance is used up")
    MISSING = "missing", _("a mandatory field is missing")

    __empty__ = _("no: take orders normally")


class AnswerStyle(models.TextChoices):
    """The form in which the gateway answers, once it has done what it was asked for."""

    NORMAL = "normal", _("as documented")
    HTML = "html", _("an HTML page in place of JSON")
    HTTP_500 = "http_500", _("HTTP status 500")
    CUT = "cut", _("JSON that breaks off in the middle")


class PaymentState(models.TextChoices):
    """How far the notification of a payment has come."""

    UNSENT = "unsent", _("paid, not notified on purpose")
    HELD = "held", _("paid, notification on hold")
    PENDING = "pending", _("paid, notifying")
    ACCEPTED = "accepted", _("paid, notification accepted")
    EXHAUSTED = "exhausted", _("paid, notification failed for good")


class AttemptKind(models.TextChoices):
    REGULAR = "regular", _("regular")
    BURST = "burst", _("one of ten at once")
    TAMPERED = "tampered", _("tampered with")


class AttemptError(models.TextChoices):
    """Why an attempt brought no answer of the shop."""

    ADDRESS = "address", _("the notify address (b_url) cannot be used")
    TLS = "tls", _("no trusted TLS connection")
    CONNECT = "connect", _("no connection, or it broke")
    TIMEOUT = "timeout", _("no complete answer in time")
    DAMAGED = "damaged", _("the answer is damaged")
