"""The gateway's wire as its guide describes it, with Python's standard library alone.

The programs in this folder stand for other people's: they share no code with the package.
"""

import hashlib
import json
import urllib.request


def signature(data, secret):
    joined = "".join(key + str(data[key]) for key in sorted(data))
    return hashlib.md5((joined + secret).encode()).hexdigest()


def post(url, data, secret):
    """Send as PHP's curl does by default, and return the answer's text."""
    body = json.dumps({"data": data, "sign": signature(data, secret)}).encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=10) as answer:
        return answer.read().decode()


def read(handler, secret):
    """Read a request's fields, and make sure of its signature."""
    envelope = json.loads(handler.rfile.read(int(handler.headers["Content-Length"])))
    assert envelope["sign"] == signature(envelope["data"], secret), "bad signature"
    return envelope["data"]


def answer(handler, text):
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(text.encode())))
    handler.end_headers()
    handler.wfile.write(text.encode())
