"""The HTTP session of the client, bounded where the library's own is not."""

from __future__ import annotations

import http.client
import io
import socket
import time
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool
from urllib3.util import Retry


def new_session() -> requests.Session:
    """Return a session whose read timeout holds for the answer as a whole, headers included."""
    session = _Session()
    # Only failures to connect are tried again: the gateway provably saw nothing. All else might
    # place a second order. (read=False hands the error on as it is.)
    retries = Retry(total=None, connect=1, read=False, status=0, other=0)
    for prefix in ("https://", "http://"):
        session.mount(prefix, _Adapter(max_retries=retries))
    return session


class _Session(requests.Session):
    def __init__(self) -> None:
        super().__init__()
        # Keeps ~/.netrc out: the gateway knows us by our signature, and needs no password.
        self.auth = lambda request: request
        self._environments: dict[Any, Any] = {}

    def merge_environment_settings(self, url: Any, *args: Any, **kwargs: Any) -> Any:
        """Ask the environment for proxies and certificates once, not at every call."""
        if url not in self._environments:
            self._environments[url] = super().merge_environment_settings(url, *args, **kwargs)
        return self._environments[url]

    def get_redirect_target(self, resp: requests.Response) -> None:
        """See no redirects. Where none are to be followed, requests prepares the next request all
        the same: it reads the body to its end, if it has one, and some targets make it raise
        ValueError.
        """


class _Adapter(HTTPAdapter):
    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> HTTPConnectionPool:
        pool: Any = super().get_connection_with_tls_context(*args, **kwargs)
        kind = pool.ConnectionCls
        if kind.response_class is not _Response:
            pool.ConnectionCls = type(kind.__name__, (kind,), {"response_class": _Response})
        return pool  # type: ignore[no-any-return]


class _Response(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(_Bounded(sock))


class _Bounded(io.RawIOBase):
    """What comes from a socket within its timeout, which by itself starts anew with every byte."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._stream = sock.makefile("rb", buffering=0)  # keeps the socket open until it is closed
        # The client sets a timeout for every call; without one, nothing may be waited for.
        self._deadline = time.monotonic() + (sock.gettimeout() or 0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        seconds_left = self._deadline - time.monotonic()
        if seconds_left <= 0:
            raise TimeoutError("timed out")
        self._socket.settimeout(seconds_left)
        return self._stream.readinto(buffer)

    def close(self) -> None:
        self._stream.close()
        super().close()
