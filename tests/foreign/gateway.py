"""A gateway's program: take orders, and report the income that it is told of on its input."""

import json
import sys
import threading
import time
import urllib.error
from http.server import BaseHTTPRequestHandler, HTTPServer

import wire

secret = sys.argv[1]
orders = {}


class Pay(BaseHTTPRequestHandler):
    def do_POST(self):
        data = wire.read(self, secret)
        if data["method"] == "PlaceOrder":
            number = 900000000000 + len(orders)
            orders[number] = data
            echo = ("m_oid", "m_money", "userid", "appname", "f_url")
            reply = {name: data[name] for name in echo if name in data}
            reply |= {"code": "200", "orderid": number, "money": data["m_money"] - 1}
            reply |= {"qr_content": f"wxp://{number}", "expiration": int(time.time()) + 300}
            reply["freecode"] = 0
        else:
            reply = {"code": 200, "status": orders[data["orderid"]].get("status", 0)}
        wire.answer(self, json.dumps(reply, ensure_ascii=False))

    def log_message(self, *args):
        pass


def notify(number, payid, money):
    order = orders[number]
    echo = ("m_oid", "userid", "appname", "f_url", "body")
    data = {name: order[name] for name in echo if name in order}
    data |= {"orderid": number, "payid": payid, "money": money, "pubtime": int(time.time())}
    try:
        return wire.post(order["b_url"], data, secret)
    except urllib.error.HTTPError as error:
        return error.read().decode()


server = HTTPServer(("127.0.0.1", 0), Pay)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_port, flush=True)
for line in sys.stdin:
    print(notify(*map(int, line.split())), flush=True)
