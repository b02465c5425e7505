"""Take a payment with nothing but the installed wheel."""

import django
from django.conf import settings
from django.core.management import call_command

settings.configure(
    ALLOWED_HOSTS=["testserver"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    GEMAFU={
        "MERCHANT_ID": 1,
        "SECRET_KEY": "5f4dcc3b5aa765d61d8327deb882cf99",
        "APP_NAME": "WHEEL",
        "SITE_URL": "https://shop.example",
    },
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.staticfiles",
        "django_gemafu",
    ],
    ROOT_URLCONF=__name__,
    SECRET_KEY="for this program only",
    STATIC_URL="/static/",
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
    USE_TZ=True,
)
django.setup()

from django.urls import include, path  # noqa: E402

urlpatterns = [path("pay/", include("django_gemafu.urls"))]

from django.contrib.staticfiles import finders  # noqa: E402
from django.dispatch import receiver  # noqa: E402
from django.test import Client  # noqa: E402

from django_gemafu.signals import payment_succeeded  # noqa: E402
from django_gemafu.testing import make_order, pay  # noqa: E402


@receiver(payment_succeeded)
def receive(**kwargs):
    print("paid:", kwargs["order"])


call_command("check", fail_level="WARNING", verbosity=0)
call_command("migrate", verbosity=0)
order = make_order()
page = Client().get(order.get_absolute_url(), headers={"accept-language": "zh-hans"})
assert page.status_code == 200, page.status_code
assert finders.find("django_gemafu/checkout.js")
assert finders.find("django_gemafu/checkout.css")
assert pay(order).delivered_at is not None
print("The wheel takes payments:", django.get_version())
