"""What gunicorn serves: the shop, with its receiver."""

from __future__ import annotations

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()

from django_gemafu.signals import payment_succeeded  # noqa: E402
from tests.races.shop import ship  # noqa: E402

payment_succeeded.connect(ship)
