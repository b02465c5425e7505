"""What a host project uses in its own tests: orders and payments with no gateway.

::

    from django_gemafu.testing import make_order, pay

    def test_paid_purchase_is_shipped(db):
        purchase = Purchase.objects.create(...)
        pay(make_order(reference=purchase.reference, amount_fen=1250))
        purchase.refresh_from_db()
        assert purchase.shipped_at is not None

For tests over real HTTP, down to the wallet, there is the fixture ``gemafu_sandbox`` in
:mod:`django_gemafu.testing.plugin`.
"""

from django_gemafu.testing.orders import make_order, notification, notify, pay

__all__ = ["make_order", "notification", "notify", "pay"]
