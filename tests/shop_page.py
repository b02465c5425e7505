"""A page of a shop's own that holds the panels of the orders it is asked for: ``?order=...``."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import reverse
from django.utils.http import urlencode

from django_gemafu.models import Order

_TEMPLATE = """{% load gemafu %}<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>The shop</title>{% gemafu_media %}</head>
<body><main><h1>Your orders</h1>
<p><label>Search <input name="q"></label></p>
{% for order in orders %}{% gemafu_panel order %}{% endfor %}
</main></body>
</html>"""


def shop_page(request: HttpRequest) -> HttpResponse:
    orders = Order.objects.filter(token__in=request.GET.getlist("order")).order_by("pk")
    template = engines["django"].from_string(_TEMPLATE)
    return HttpResponse(template.render({"orders": orders}, request))


def shop_page_url(*orders: Order) -> str:
    query = urlencode([("order", str(each.token)) for each in orders])
    return f"{reverse('shop_page')}?{query}"
