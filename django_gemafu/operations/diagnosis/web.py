"""Asking over HTTP: once, following nothing, bounded in time and size."""

from __future__ import annotations

import requests
from urllib3.exceptions import HTTPError

from django_gemafu.conf import conf
from django_gemafu.protocol.client import USER_AGENT
from django_gemafu.protocol.transport import new_session

#: What :func:`ask` raises.
WEB_ERRORS = (requests.RequestException, HTTPError)

_MAX_BYTES = 4096


def ask(method: str, url: str) -> tuple[requests.Response, str]:
    """Return the answer, and the beginning of its text."""
    with (
        new_session() as session,
        session.request(
            method,
            url,
            headers={"User-Agent": USER_AGENT, "Cache-Control": "no-cache"},
            timeout=(conf.connect_timeout_seconds, conf.read_timeout_seconds),
            allow_redirects=False,
            stream=True,
        ) as response,
    ):
        content = response.raw.read(_MAX_BYTES, decode_content=True)
    return response, content.decode(errors="replace").strip()
