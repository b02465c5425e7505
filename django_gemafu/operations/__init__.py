"""Every change of an order's state, one verb a module.

They take plain values and a ``user``, never a request, so that views, admin, commands and tasks
cannot differ.
"""

from django_gemafu.operations.cancel_order import cancel_order
from django_gemafu.operations.check_order import check_order
from django_gemafu.operations.deliver import deliver
from django_gemafu.operations.diagnose import diagnose
from django_gemafu.operations.expire_orders import expire_order, expire_orders
from django_gemafu.operations.place_order import place_order, resume_order
from django_gemafu.operations.poll_order import poll_order
from django_gemafu.operations.receive_notification import receive_notification
from django_gemafu.operations.reconcile import reconcile
from django_gemafu.operations.record_refund import record_refund
from django_gemafu.operations.resolve_payment import accept_payment, dismiss_payment
from django_gemafu.operations.settle import settle
from django_gemafu.operations.settle_manually import settle_manually

__all__ = [
    "accept_payment",
    "cancel_order",
    "check_order",
    "deliver",
    "diagnose",
    "dismiss_payment",
    "expire_order",
    "expire_orders",
    "place_order",
    "poll_order",
    "receive_notification",
    "reconcile",
    "record_refund",
    "resume_order",
    "settle",
    "settle_manually",
]
