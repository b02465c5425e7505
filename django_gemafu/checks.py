"""System checks: what breaks in production, found before it does.

The ids are permanent: they never change their meaning, and a retired one is not used again.
What is wrong only while DEBUG is off is a warning: Django's test runner turns DEBUG off before it
runs the checks, and an error would keep a host's tests from running with its development settings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig, apps
from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error
from django.urls import NoReverseMatch, reverse

from django_gemafu.conf import SETTINGS, conf, unknown_keys
from django_gemafu.exceptions import ConfigurationError
from django_gemafu.models import Order
from django_gemafu.signals import payment_succeeded

_PLACEHOLDERS = ("changeme", "change-me", "change_me", "secret", "xxx", "your", "todo", "example")
_SHORTEST_SECRET = 16
_ZERO_TOKEN = "00000000-0000-0000-0000-000000000000"  # noqa: S105


def check_settings(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    try:
        unknown = unknown_keys()
    except ConfigurationError as error:
        return [_misconfigured(error)]
    messages: list[CheckMessage] = [_unknown(key) for key in unknown]
    for name in SETTINGS:
        look_closer = _CLOSER_LOOKS.get(name, list)
        messages += list(_unreadable(name)) or look_closer()
    return messages


def check_urls(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    return [*_app_urls(), *_sandbox_urls()]


def check_time_zones(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    if settings.USE_TZ:
        return []
    return [
        Error(
            "USE_TZ is off.",
            hint="Set USE_TZ = True: the gateway's times are moments, not a local clock's.",
            id="django_gemafu.E011",
        )
    ]


def check_receivers(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    if payment_succeeded.has_listeners(Order):
        return []
    return [
        checks.Warning(
            "Nothing receives the signal payment_succeeded.",
            hint="Orders would be paid, and the shop would never hear of it. Connect a receiver, "
            "and import its module in the ready() of its app's AppConfig.",
            id="django_gemafu.W010",
        )
    ]


def _unreadable(name: str) -> Iterator[CheckMessage]:
    try:
        getattr(conf, name)
    except ConfigurationError as error:
        yield _misconfigured(error)


def _misconfigured(error: ConfigurationError) -> Error:
    return Error(
        str(error),
        hint="The README's table of settings says what each one takes.",
        id="django_gemafu.E001",
    )


def _unknown(key: str) -> checks.Warning:
    return checks.Warning(
        f"GEMAFU['{key}'] is no setting of django-gemafu, and has no effect.",
        hint="Check the spelling against the README's table of settings.",
        id="django_gemafu.W002",
    )


def _look_at_secrets() -> Iterator[CheckMessage]:
    for secret in conf.secret_keys:
        is_placeholder = any(word in secret.lower() for word in _PLACEHOLDERS)
        if not settings.DEBUG and (is_placeholder or len(secret) < _SHORTEST_SECRET):
            yield checks.Warning(
                "A secret in GEMAFU['SECRET_KEY'] looks like a placeholder.",
                hint="Copy the merchant's key from the gateway's console; whoever guesses it can "
                "declare orders paid.",
                id="django_gemafu.W003",
            )


def _look_at_site_url() -> Iterator[CheckMessage]:
    if settings.DEBUG:
        return
    if urlsplit(conf.site_url).scheme != "https":
        yield checks.Warning(
            "GEMAFU['SITE_URL'] does not start with https://.",
            hint="The gateway sends its notifications there; over http they can be read.",
            id="django_gemafu.W004",
        )
    if _is_local(conf.site_url):
        yield checks.Warning(
            "GEMAFU['SITE_URL'] is an address of this machine or of a private network.",
            hint="The gateway has to reach it from the internet to report payments.",
            id="django_gemafu.W005",
        )


def _look_at_gateway_url() -> Iterator[CheckMessage]:
    if settings.DEBUG or _is_local(conf.gateway_url):
        return
    if urlsplit(conf.gateway_url).scheme != "https":
        yield checks.Warning(
            "GEMAFU['GATEWAY_URL'] does not start with https://.",
            hint="The gateway's answers carry no signature: without TLS anyone on the way can "
            "replace the QR code by one of their own.",
            id="django_gemafu.W006",
        )


def _is_local(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return not ip_address(host).is_global
    except ValueError:
        return host == "localhost" or host.endswith((".localhost", ".local", ".internal"))


def _app_urls() -> Iterator[CheckMessage]:
    try:
        reverse("gemafu:status", args=[_ZERO_TOKEN])
    except NoReverseMatch:
        yield Error(
            "The URLs of django_gemafu are not included.",
            hint='Add path("pay/", include("django_gemafu.urls")) to the root URLconf.',
            id="django_gemafu.E007",
        )


def _sandbox_urls() -> Iterator[CheckMessage]:
    if settings.DEBUG:
        return
    try:
        reverse("gemafu_sandbox:gateway")
    except NoReverseMatch:
        is_mounted = False
    else:
        is_mounted = True
    if is_mounted:
        yield checks.Warning(
            "The sandbox gateway is mounted although DEBUG is off.",
            hint="Anyone could pay orders with pretend money. Install django_gemafu.sandbox for "
            "development and tests alone, and include its URLs only if "
            'apps.is_installed("django_gemafu.sandbox").',
            id="django_gemafu.W008",
        )
    elif apps.is_installed("django_gemafu.sandbox"):
        yield checks.Warning(
            "The sandbox gateway is installed although DEBUG is off.",
            hint="Take django_gemafu.sandbox out of INSTALLED_APPS in production.",
            id="django_gemafu.W009",
        )


_CLOSER_LOOKS: dict[str, Callable[[], Iterable[CheckMessage]]] = {
    "secret_keys": _look_at_secrets,
    "site_url": _look_at_site_url,
    "gateway_url": _look_at_gateway_url,
}
