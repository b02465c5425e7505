"""Every change of an order's state, one verb a module.

They take plain values and a ``user``, never a request, so that views, admin, commands and tasks
cannot differ.
"""

from django_gemafu.operations.cancel_order import cancel_order
from django_gemafu.operations.check_order import check_order
from django_gemafu.operations.deliver import deliver
from django_gemafu.operations.diagnose import diagnose
from django_gemafu.operations.expire_orders import expire_orders
from django_gemafu.operations.place_order import place_order, resume_order
from django_gemafu.operations.poll_order import poll_order
from django_gemafu.operations.receive_notification import receive_notification
from django_gemafu.operations.reconcile import reconcile
from django_gemafu.operations.settle import settle

__all__ = [
    "cancel_order",
    "check_order",
    "deliver",
    "diagnose",
    "expire_orders",
    "place_order",
    "poll_order",
    "receive_notification",
    "reconcile",
    "resume_order",
    "settle",
]
