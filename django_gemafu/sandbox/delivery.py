"""One HTTP request to the shop's notify address, and what came of it. No database here."""

from __future__ import annotations

import time
from dataclasses import dataclass

import requests
from urllib3.exceptions import DecodeError, HTTPError, ReadTimeoutError

import django_gemafu
from django_gemafu.sandbox.enums import AttemptError
from django_gemafu.sandbox.models import ANSWER_MAX_LENGTH

ACCEPTED = "200"
CONNECT_TIMEOUT_SECONDS = 3.0
READ_TIMEOUT_SECONDS = 10.0

_HEADERS = {
    "Content-Type": "application/json",
    "User-Agent": f"django-gemafu-sandbox/{django_gemafu.__version__}",
}
# Enough for the characters that are kept, whatever they take in UTF-8.
_MAX_ANSWER_BYTES = 4 * ANSWER_MAX_LENGTH + 1


@dataclass(frozen=True)
class Outcome:
    """The shop's HTTP status and text; or why there is none."""

    http_status: int | None = None
    answer: str = ""
    error: AttemptError | None = None

    @property
    def is_accepted(self) -> bool:
        """Whether the shop answered 200, and nothing else, in the body."""
        is_2xx = self.http_status is not None and 200 <= self.http_status < 300  # noqa: PLR2004
        return is_2xx and self.error is None and self.answer.strip() == ACCEPTED


def post(url: str, content: bytes, read_timeout_seconds: float = READ_TIMEOUT_SECONDS) -> Outcome:
    """Send a notification. Every way of failing is an :class:`Outcome`, never an exception."""
    try:
        with (
            _session() as session,
            session.post(
                url,
                data=content,
                timeout=(CONNECT_TIMEOUT_SECONDS, read_timeout_seconds),
                allow_redirects=False,
                stream=True,
            ) as response,
        ):
            text = _read(response, time.monotonic() + read_timeout_seconds)
            return Outcome(http_status=response.status_code, answer=text)
    except (requests.RequestException, HTTPError, OSError, ValueError) as error:
        return Outcome(error=_reason(error))


def _session() -> requests.Session:
    session = requests.Session()
    session.headers.update(_HEADERS)
    # The shop is on this machine or near it: no proxy, and nobody's .netrc.
    session.trust_env = False
    return session


def _read(response: requests.Response, deadline: float) -> str:
    """Read the start of the answer, in bounded time even when it drips."""
    content = b""
    while chunk := response.raw.read1(_MAX_ANSWER_BYTES, decode_content=True):
        content += chunk
        if len(content) >= _MAX_ANSWER_BYTES:
            break
        if time.monotonic() > deadline:
            raise TimeoutError
    # PostgreSQL keeps no NUL.
    return content.decode(errors="replace").replace("\x00", "\N{REPLACEMENT CHARACTER}")


def _reason(error: Exception) -> AttemptError:
    if isinstance(error, requests.exceptions.SSLError):
        return AttemptError.TLS
    if isinstance(error, (requests.Timeout, ReadTimeoutError, TimeoutError)):
        return AttemptError.TIMEOUT
    if isinstance(error, (requests.exceptions.ContentDecodingError, DecodeError)):
        return AttemptError.DAMAGED
    if isinstance(error, ValueError):  # the base of all that is said about unusable URLs
        return AttemptError.ADDRESS
    return AttemptError.CONNECT
