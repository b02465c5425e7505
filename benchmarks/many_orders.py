"""Tables as a large shop has them, written by the database itself: PostgreSQL or SQLite."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import connection

from django_gemafu.models import Order, OrderEvent, Payment, Refund

#: What the two databases write differently. ``{0}`` is a number of seconds.
_DIALECTS: Mapping[str, Mapping[str, str]] = {
    "postgresql": {
        "token": "gen_random_uuid()",
        "moment": "now() - ({0}) * interval '1 second'",
        "facts": "'{{}}'::jsonb",
        "numbers": "SELECT n FROM generate_series(1::bigint, {0}) AS n",
    },
    "sqlite": {
        "token": "lower(hex(randomblob(16)))",
        "moment": "strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now', '-' || ({0}) || ' seconds')",
        "facts": "'{{}}'",
        "numbers": "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {0})"
        " SELECT n FROM s",
    },
}

#: Of a thousand orders 800 are paid; of a thousand payments 8 came late, 5 do not fit, and 10 are
#: given back in part. Some dozens of a million wait for a person.
_ORDERS = """
    INSERT INTO django_gemafu_order (token, merchant_id, reference, gateway_order_id, app_name,
        customer_id, amount_fen, payable_fen, qr_content, is_free_input, return_url, body, status,
        needs_review, created_at, expires_at, paid_at, delivered_at, checked_at)
    SELECT {token}, 9999, 'SHOP-' || n, n + 1000000, 'BENCHMARK',
        'customer-' || (n * 7919 %% 50000), amount_fen, amount_fen - n %% 3,
        'wxp://f2f0' || n, false, '', '', status, false,
        {placed}, {expires},
        CASE WHEN status = 'paid' THEN {paid} END,
        CASE WHEN status = 'paid' AND n %% 20000 > 0 THEN {delivered} END,
        {placed}
    FROM (
        SELECT n, fate, age, 100 + n * 7919 %% 30000 AS amount_fen,
            5 + n * 104729 %% 200 AS thinking,
            CASE WHEN fate < 800 THEN 'paid' WHEN fate < 940 THEN 'expired'
                WHEN fate < 985 THEN 'cancelled' WHEN n %% 20000 = 9999 THEN 'placing'
                ELSE 'failed' END AS status
        FROM (
            SELECT n, (n * 15485863) %% 1000 AS fate,
                600 + ({count} - n) * {seconds} / {count} AS age
            FROM ({numbers}) AS numbers
        ) AS fates
    ) AS orders
"""
_PAYMENTS = """
    INSERT INTO django_gemafu_payment (order_id, gateway_payment_id, amount_fen, paid_at, source,
        verdict, is_late, evidence, note, created_at, resolution_note)
    SELECT id, gateway_order_id, CASE WHEN id %% 20 > 0 THEN payable_fen END,
        CASE WHEN id %% 20 > 0 THEN paid_at END,
        CASE WHEN id %% 20 > 0 THEN 'notification' ELSE 'query' END,
        'accepted', id %% 125 = 0, '', '', paid_at, ''
    FROM django_gemafu_order WHERE status = 'paid'
"""
_DUPLICATES = """
    INSERT INTO django_gemafu_payment (order_id, gateway_payment_id, amount_fen, paid_at, source,
        verdict, is_late, evidence, note, created_at, resolution_note, resolved_at)
    SELECT id, gateway_order_id + 1000000000, payable_fen, paid_at, 'notification', 'duplicate',
        false, '', '', paid_at, '', CASE WHEN id %% 20000 > 0 THEN paid_at END
    FROM django_gemafu_order WHERE status = 'paid' AND id %% 200 = 0
"""
_REVIEWS = """
    UPDATE django_gemafu_order SET needs_review = true WHERE id IN (
        SELECT order_id FROM django_gemafu_payment
        WHERE verdict = 'duplicate' AND resolved_at IS NULL
    )
"""
_REFUNDS = """
    INSERT INTO django_gemafu_refund (order_id, amount_fen, note, made_at, created_at,
        recorded_by_id)
    SELECT id, 50, 'broken', paid_at, paid_at, %s
    FROM django_gemafu_order WHERE status = 'paid' AND id %% 100 = 0
"""
_EVENTS = """
    INSERT INTO django_gemafu_orderevent (order_id, created_at, kind, facts)
    SELECT o.id, coalesce(o.paid_at, o.created_at), kinds.kind, {facts}
    FROM django_gemafu_order o JOIN (
        SELECT 'placed' AS kind UNION ALL SELECT 'taken' UNION ALL SELECT 'paid'
        UNION ALL SELECT 'delivered' UNION ALL SELECT 'expired' UNION ALL SELECT 'cancelled'
        UNION ALL SELECT 'refused' UNION ALL SELECT 'unanswered'
    ) AS kinds ON kinds.kind = 'placed'
        OR (kinds.kind = 'taken' AND o.status NOT IN ('placing', 'failed'))
        OR (kinds.kind IN ('paid', 'delivered') AND o.status = 'paid')
        OR (kinds.kind = 'expired' AND o.status = 'expired')
        OR (kinds.kind = 'cancelled' AND o.status = 'cancelled')
        OR (kinds.kind = 'refused' AND o.status = 'failed')
        OR (kinds.kind = 'unanswered' AND o.status = 'placing')
"""


def fill(count: int, days: int, operator_id: int) -> None:
    """Empty the tables and write so many orders, spread evenly over the last days."""
    for model in (OrderEvent, Refund, Payment, Order):
        model.objects.all()._raw_delete(using="default")
    dialect = _DIALECTS[connection.vendor]
    moment = dialect["moment"].format
    orders = _ORDERS.format(
        token=dialect["token"],
        count=count,
        seconds=days * 86400,
        numbers=dialect["numbers"].format(count),
        placed=moment("age"),
        expires=moment("age - 300"),
        paid=moment("age - thinking"),
        delivered=moment("age - thinking - 1"),
    )
    with connection.cursor() as cursor:
        cursor.execute(orders, [])
        for statement in (_PAYMENTS, _DUPLICATES, _REVIEWS):
            cursor.execute(statement, [])
        cursor.execute(_REFUNDS, [operator_id])
        cursor.execute(_EVENTS.format(facts=dialect["facts"].format()), [])
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
