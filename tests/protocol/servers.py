"""A web server for the client to talk to: it answers with the very bytes that a test gives it."""

from __future__ import annotations

import contextlib
import http.client
import itertools
import json
import socketserver
import ssl
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import Any

#: Certificate and key for 127.0.0.1, which nobody trusts unless told to.
SELF_SIGNED = Path(__file__).with_name("self_signed.pem")
_TLS_HANDSHAKE = b"\x16"


def http_answer(content: object, *, status: str = "200 OK", headers: str = "") -> bytes:
    """Return a whole HTTP answer. Anything but bytes is sent as JSON."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return http_head(f"Content-Length: {len(body)}\r\n{headers}", status=status) + body


def http_head(headers: str = "", *, status: str = "200 OK") -> bytes:
    return f"HTTP/1.1 {status}\r\nConnection: close\r\n{headers}\r\n".encode()


@dataclass(frozen=True)
class Received:
    """A request as it came in."""

    line: str
    headers: Message
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Server(socketserver.ThreadingTCPServer):
    """Sends ``pieces`` to whoever asks, after a pause before each, and keeps the requests."""

    def __init__(self, pieces: Iterable[bytes], pause_seconds: float, *, tls: bool) -> None:
        super().__init__(("127.0.0.1", 0), _Handler, bind_and_activate=False)
        self.server_bind()  # from here on the port is ours, and refuses until the start
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.server_address[1]}/pay"
        self.pieces = pieces
        self.pause_seconds = pause_seconds
        self.requests: list[Received] = []
        self.is_over = threading.Event()
        self._thread = threading.Thread(target=self.serve_forever, args=(0.01,))
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) if tls else None
        if self._tls:
            self._tls.load_cert_chain(SELF_SIGNED)

    def start(self) -> None:
        self.server_activate()
        self._thread.start()

    def stop(self) -> None:
        self.is_over.set()
        if self._thread.is_alive():
            self.shutdown()
            self._thread.join()
        self.server_close()

    def get_request(self) -> tuple[Any, Any]:
        connection, address = super().get_request()
        if self._tls:  # the handshake follows with the first read, in the handler's own thread
            connection = self._tls.wrap_socket(
                connection, server_side=True, do_handshake_on_connect=False
            )
        return connection, address


class _Handler(socketserver.StreamRequestHandler):
    server: Server

    def handle(self) -> None:
        with contextlib.suppress(OSError):  # the client may leave whenever it wants
            if self.rfile.peek(1)[:1] == _TLS_HANDSHAKE:  # type: ignore[attr-defined]
                self.wfile.write(http_answer(b"no TLS here", status="400 Bad Request"))
                return
            line = self.rfile.readline().decode()
            headers = http.client.parse_headers(self.rfile)
            body = self.rfile.read(int(headers["Content-Length"]))
            self.server.requests.append(Received(line, headers, body))
            for piece in self.server.pieces:
                if self.server.is_over.wait(self.server.pause_seconds):
                    return
                self.wfile.write(piece)


@contextlib.contextmanager
def serving(
    *pieces: bytes,
    endlessly: bytes | None = None,
    pause_seconds: float = 0,
    tls: bool = False,
    started: bool = True,
) -> Iterator[Server]:
    """Serve ``pieces``, and after them ``endlessly`` without an end."""
    forever = () if endlessly is None else itertools.repeat(endlessly)
    server = Server(itertools.chain(pieces, forever), pause_seconds, tls=tls)
    try:
        if started:
            server.start()
        yield server
    finally:
        server.stop()
