"""The operator's view of the takings: everything is shown, nothing about money is typed."""

from __future__ import annotations

from django.contrib import admin

from django_gemafu.admin.orders import OrderAdmin
from django_gemafu.models import Order

admin.site.register(Order, OrderAdmin)
