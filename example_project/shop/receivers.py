from __future__ import annotations

from typing import Any

from django.dispatch import receiver
from django.utils import timezone

from django_gemafu.models import Order
from django_gemafu.signals import payment_succeeded
from example_project.shop.models import Purchase


@receiver(payment_succeeded)
def ship(sender: type[Order], order: Order, **kwargs: Any) -> None:
    purchase = Purchase.objects.get(key=order.body)
    purchase.shipped_at = timezone.now()
    purchase.save(update_fields=["shipped_at"])
