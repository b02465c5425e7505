"""What a waiting customer's page sets off."""

from __future__ import annotations

import logging

from django.utils import timezone

from django_gemafu.conf import conf
from django_gemafu.enums import OrderStatus
from django_gemafu.exceptions import DeliveryFailed, GatewayError
from django_gemafu.models import Order
from django_gemafu.operations.check_order import check_claimed_order
from django_gemafu.operations.deliver import deliver
from django_gemafu.operations.expire_orders import expire_order
from django_gemafu.operations.gateway import gateway_client

logger = logging.getLogger(__name__)


def poll_order(order: Order) -> None:
    """Bring the order up to date for its page.

    Ask the gateway at most once per interval over all processes, for a shop that notifications do
    not reach; then expire what is overdue. Deliver what could not be delivered before, as seldom.
    Failures are logged, and left to the next poll.
    """
    now = timezone.now()
    try:
        if order.is_undelivered and order.claim_check(now, conf.check_interval):
            deliver(order)
        if order.may_be_paid_unseen(now) and order.claim_check(now, conf.check_interval):
            with gateway_client(timeout_seconds=conf.poll_timeout_seconds) as client:
                check_claimed_order(order, client=client)
    except (GatewayError, DeliveryFailed) as error:
        logger.warning("Polling order %s: %s", order.reference, error)
    is_over = order.status == OrderStatus.PENDING and order.is_overdue(now)
    if is_over and not expire_order(order):
        order.reload()
