from __future__ import annotations

from typing import Any

import pytest
from django.core.checks import run_checks

from django_gemafu.signals import payment_succeeded
from tests.conftest import Receiver

GOOD = {
    "MERCHANT_ID": 1,
    "SECRET_KEY": "5f4dcc3b5aa765d61d8327deb882cf99",
    "APP_NAME": "SHOP",
    "SITE_URL": "https://shop.example",
}


@pytest.fixture(autouse=True)
def production(settings: Any, receiver: Receiver) -> None:
    """A deployment as it should be: the tests break it, one thing at a time."""
    settings.DEBUG = False
    settings.GEMAFU = dict(GOOD)
    settings.ROOT_URLCONF = "tests.urls_of_a_shop"
    settings.INSTALLED_APPS = [app for app in settings.INSTALLED_APPS if "sandbox" not in app]


def found() -> list[str | None]:
    messages = run_checks(tags=["gemafu"])
    assert all(message.hint for message in messages)
    return [message.id for message in messages]


def test_a_good_deployment_passes() -> None:
    assert found() == []


@pytest.mark.parametrize("key", GOOD)
def test_a_missing_setting(settings: Any, key: str) -> None:
    del settings.GEMAFU[key]

    message = run_checks(tags=["gemafu"])[0]

    assert message.id == "django_gemafu.E001"
    assert f"GEMAFU_{key}" in message.msg


@pytest.mark.parametrize(
    ("key", "value", "check_id"),
    [
        ("MERCHANT_ID", "abc", "E001"),
        ("READ_TIMEOUT_SECONDS", 0, "E001"),
        ("CHECK_INTERVAL_SECONDS", "soon", "E001"),
        ("SITE_URL", "shop.example", "E001"),
        ("SITE_URL", "https://shop.example/pay/", "E001"),
        ("MERCHAND_ID", 1, "W002"),
        ("SECRET_KEY", "changeme-changeme-changeme", "W003"),
        ("SECRET_KEY", "short", "W003"),
        ("SECRET_KEY", ["5f4dcc3b5aa765d61d8327deb882cf99", "your-key-goes-in-here"], "W003"),
        ("SITE_URL", "http://shop.example", "W004"),
        ("SITE_URL", "https://localhost", "W005"),
        ("SITE_URL", "https://10.0.0.7:8443", "W005"),
        ("SITE_URL", "https://[::1]", "W005"),
        ("SITE_URL", "https://till.local", "W005"),
        ("GATEWAY_URL", "http://gateway.example/pay", "W006"),
    ],
)
def test_a_setting_that_breaks_production(
    settings: Any, key: str, value: Any, check_id: str
) -> None:
    settings.GEMAFU[key] = value

    assert found() == [f"django_gemafu.{check_id}"]


def test_a_gateway_on_this_machine_needs_no_tls(settings: Any) -> None:
    settings.GEMAFU["GATEWAY_URL"] = "http://127.0.0.1:8000/sandbox/pay"

    assert found() == []


def test_settings_that_are_no_dict(settings: Any) -> None:
    settings.GEMAFU = ["MERCHANT_ID"]

    assert found() == ["django_gemafu.E001"]


def test_urls_that_are_not_included(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.urls_of_nothing"

    assert found() == ["django_gemafu.E007"]


def test_a_sandbox_that_is_mounted(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.urls"

    assert found() == ["django_gemafu.W008"]


def test_a_sandbox_that_is_installed(settings: Any) -> None:
    settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, "django_gemafu.sandbox"]

    assert found() == ["django_gemafu.W009"]


def test_a_clock_that_is_local(settings: Any) -> None:
    settings.USE_TZ = False

    assert found() == ["django_gemafu.E011"]


def test_a_shop_that_would_never_hear_of_its_money(receiver: Receiver) -> None:
    payment_succeeded.disconnect(receiver)

    assert found() == ["django_gemafu.W010"]


def test_a_developers_machine_may_be_looser(settings: Any) -> None:
    settings.DEBUG = True
    settings.ROOT_URLCONF = "tests.urls"
    settings.GEMAFU |= {"SECRET_KEY": "secret", "SITE_URL": "http://127.0.0.1:8000"}

    assert found() == []
