from __future__ import annotations

from django import template

from django_gemafu.money import yuan

register = template.Library()
register.filter("yuan", yuan)
