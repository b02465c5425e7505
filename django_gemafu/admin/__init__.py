"""The operator's console: everything is shown, and changed by the operations alone."""

from __future__ import annotations

from django.apps import apps
from django.contrib import admin

from django_gemafu.admin.inbox import InboxAdmin
from django_gemafu.admin.orders import OrderAdmin
from django_gemafu.admin.takings import TakingsAdmin
from django_gemafu.models import Inbox, Order, Takings

# Django imports each app's template tags, and ours come here, also where there is no admin.
if apps.is_installed("django.contrib.admin"):
    admin.site.register(Inbox, InboxAdmin)
    admin.site.register(Order, OrderAdmin)
    admin.site.register(Takings, TakingsAdmin)
