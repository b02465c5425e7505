"""One message of each kind, as it travels."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from django_gemafu.protocol.messages import (
    Message,
    Notification,
    PlaceOrderAnswer,
    PlaceOrderRequest,
    QueryOrderAnswer,
    QueryOrderRequest,
)
from django_gemafu.protocol.signing import Scalar

SECRET = "the-secret-of-the-protocol-tests"
MERCHANT_ID = 9999

PLACE_ORDER: dict[str, Scalar] = {
    "method": "PlaceOrder",
    "m_id": MERCHANT_ID,
    "m_oid": "A-1001",
    "m_money": 1250,
    "timestamp": 1555000000,
    "b_url": "https://shop.example/pay/notify/",
    "userid": "客户甲",
    "appname": "小店",
    "f_url": "https://shop.example/thanks/",
    "body": "备注 ✓",
}
PLACE_ORDER_ANSWER: dict[str, Scalar] = {
    "orderid": 1234567890,
    "m_oid": "A-1001",
    "m_money": 1250,
    "userid": "客户甲",
    "appname": "小店",
    "f_url": "https://shop.example/thanks/",
    "money": 1249,
    "qr_content": "wxp://f2f0abc",
    "freecode": 1,
    "expiration": 1555000300,
}
QUERY_ORDER: dict[str, Scalar] = {
    "method": "QueryOrder",
    "m_id": MERCHANT_ID,
    "orderid": 1234567890,
    "timestamp": 1555000000,
}
QUERY_ORDER_ANSWER: dict[str, Scalar] = {"status": 2}
NOTIFICATION: dict[str, Scalar] = {
    "orderid": 1234567890,
    "payid": 77,
    "pubtime": 1555000060,
    "m_oid": "A-1001",
    "userid": "客户甲",
    "appname": "小店",
    "money": 1249,
    "f_url": "https://shop.example/thanks/",
    "body": "备注 ✓",
}
EXAMPLES: dict[type[Message], dict[str, Scalar]] = {
    PlaceOrderRequest: PLACE_ORDER,
    PlaceOrderAnswer: PLACE_ORDER_ANSWER,
    QueryOrderRequest: QUERY_ORDER,
    QueryOrderAnswer: QUERY_ORDER_ANSWER,
    Notification: NOTIFICATION,
}


def place_order_request(**changes: Any) -> PlaceOrderRequest:
    values: dict[str, Any] = {
        "merchant_id": MERCHANT_ID,
        "reference": "A-1001",
        "amount_fen": 1250,
        "sent_at": datetime(2019, 4, 11, 16, 26, 40, tzinfo=timezone.utc),
        "notify_url": "https://shop.example/pay/notify/",
        "customer_id": "客户甲",
        "app_name": "小店",
        "return_url": "https://shop.example/thanks/",
        "body": "备注 ✓",
    }
    return PlaceOrderRequest(**values | changes)
