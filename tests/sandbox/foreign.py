"""A merchant's program that knows nothing of this package: plain HTTP, JSON and MD5."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import requests

MERCHANT_ID = 9999
SECRET = "for-tests-only-000000000000000001"


def signature_of(data: dict[str, Any], secret: str = SECRET) -> str:
    joined = "".join(f"{key}{data[key]}" for key in sorted(data))
    return hashlib.md5((joined + secret).encode()).hexdigest()


def place_order_data(**changes: Any) -> dict[str, Any]:
    """The fields of a PlaceOrder; ``None`` leaves one out."""
    data = {
        "method": "PlaceOrder",
        "m_id": MERCHANT_ID,
        "m_oid": "A-1001",
        "m_money": 1250,
        "timestamp": int(time.time()),
        "b_url": "http://127.0.0.1:9/notify",
        "userid": "customer-1",
        "appname": "SHOP",
        **changes,
    }
    return {name: value for name, value in data.items() if value is not None}


def query_order_data(number: int, **changes: Any) -> dict[str, Any]:
    now = int(time.time())
    return {"method": "QueryOrder", "orderid": number, "timestamp": now, **changes}


def envelope(data: dict[str, Any], sign: str | None = None) -> bytes:
    return json.dumps({"data": data, "sign": sign or signature_of(data)}).encode()


def post(url: str, data: dict[str, Any], sign: str | None = None) -> dict[str, Any]:
    """POST as PHP's curl does: JSON in the body, and a content type that says otherwise."""
    response = requests.post(
        url,
        data=envelope(data, sign),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        timeout=10,
    )
    assert response.status_code == 200
    answer: dict[str, Any] = response.json()
    return answer


class Shop(ThreadingHTTPServer):
    """The receiving end. ``answers`` are given in turn, the last one for ever."""

    daemon_threads = True
    request_queue_size = 50

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}/notify"
        self.answers: list[tuple[int, bytes]] = [(200, b"200")]
        self.headers: dict[str, str] = {}
        self.on_request: Callable[[], object] = lambda: None
        self.received: list[dict[str, Any]] = []
        self.paths: list[str] = []
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self.serve_forever, args=(0.01,))

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()

    def take(self, path: str, body: bytes) -> tuple[int, bytes]:
        self.on_request()
        with self._lock:
            self.paths.append(path)
            self.received.append(json.loads(body))
            return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


class _Handler(BaseHTTPRequestHandler):
    server: Shop

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status, text = self.server.take(self.path, body)
        self.send_response(status)
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *args: Any) -> None:
        pass
