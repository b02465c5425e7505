"""A merchant's program: place an order, wait for its notification, ask what became of it."""

import json
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import wire

gateway_url, merchant_id, secret = sys.argv[1], int(sys.argv[2]), sys.argv[3]
received = []


class Notify(BaseHTTPRequestHandler):
    def do_POST(self):
        received.append(wire.read(self, secret))
        wire.answer(self, "200")

    def log_message(self, *args):
        pass


def call(method, **fields):
    data = {"method": method, "m_id": merchant_id, "timestamp": int(time.time()), **fields}
    return json.loads(wire.post(gateway_url, data, secret))


server = HTTPServer(("127.0.0.1", 0), Notify)
server.timeout = 20
order = call(
    "PlaceOrder",
    m_oid="foreign-1",
    m_money=1250,
    b_url=f"http://127.0.0.1:{server.server_port}/",
    userid="客户甲",
    appname="小店",
    body="备注 ✓",
)
print(json.dumps(order), flush=True)
print(json.dumps(call("QueryOrder", orderid=order["orderid"])), flush=True)
server.handle_request()
print(json.dumps(received[0]), flush=True)
status = {}
for _ in range(50):
    status = call("QueryOrder", orderid=order["orderid"])
    if status["status"] == 2:
        break
    time.sleep(0.1)
print(json.dumps(status), flush=True)
