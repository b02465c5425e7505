"""The operator's console: everything is shown, and changed by the operations alone."""

from __future__ import annotations

from django.contrib import admin

from django_gemafu.admin.inbox import InboxAdmin
from django_gemafu.admin.orders import OrderAdmin
from django_gemafu.admin.takings import TakingsAdmin
from django_gemafu.models import Inbox, Order, Takings

admin.site.register(Inbox, InboxAdmin)
admin.site.register(Order, OrderAdmin)
admin.site.register(Takings, TakingsAdmin)
