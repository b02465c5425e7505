"""The address at which the gateway notifies us of an order, and the proof that it holds.

The proof is an HMAC of the order's token under Django's SECRET_KEY (and its fallbacks). Only the
gateway gets to see it: a customer, who knows the token, cannot address a notification at all.
"""

from __future__ import annotations

from urllib.parse import urljoin
from uuid import UUID

from django.core.signing import BadSignature, Signer
from django.urls import reverse

from django_gemafu.conf import conf


def notify_url(token: UUID) -> str:
    """Return the absolute URL (b_url) for the order with this token."""
    path = reverse("gemafu:notify", args=[token, _signer().signature(str(token))])
    return urljoin(conf.site_url, path)


def is_genuine(token: UUID, proof: str) -> bool:
    """Tell, in constant time, whether we made the proof for this token."""
    try:
        _signer().unsign(f"{token}:{proof}")
    except (BadSignature, UnicodeEncodeError):  # a proof may be anything that fits into a path
        return False
    return True


def _signer() -> Signer:
    return Signer(salt="django_gemafu.notify")
