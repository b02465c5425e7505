"""The settings: the one reader of Django's ``GEMAFU`` dict and of the environment.

A key that is missing in the dict is read from the environment as ``GEMAFU_<KEY>``, or from the file
that ``GEMAFU_<KEY>_FILE`` names, so that a container's secret works as it is. Everything is read
when it is asked for: ``override_settings`` works, and nothing is read at import.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, TypeVar
from urllib.parse import urlsplit

from django.conf import settings
from environ.fileaware_mapping import FileAwareMapping

from django_gemafu.exceptions import ConfigurationError
from django_gemafu.protocol.client import GATEWAY_URL

T = TypeVar("T")

_REQUIRED: Any = object()
#: A year: longer is a fault, and far longer more than timers can hold.
_MAX_SECONDS = 366 * 24 * 3600.0
_LISTS = frozenset({"SECRET_KEY", "SANDBOX_RETRY_DELAYS_SECONDS"})

#: Every key that is understood.
KEYS = frozenset(
    {
        "MERCHANT_ID",
        "SECRET_KEY",
        "APP_NAME",
        "SITE_URL",
        "ORDER_AGAIN_URL",
        "GATEWAY_URL",
        "CONNECT_TIMEOUT_SECONDS",
        "READ_TIMEOUT_SECONDS",
        "POLL_TIMEOUT_SECONDS",
        "CHECK_INTERVAL_SECONDS",
        "MAX_AMOUNT_SHIFT_FEN",
        "SANDBOX_ORDER_LIFETIME_SECONDS",
        "SANDBOX_RETRY_DELAYS_SECONDS",
    }
)


class Settings:
    """One property a setting. Each raises :class:`ConfigurationError` with what to do."""

    @property
    def merchant_id(self) -> int:
        """The merchant number (m_id) at the gateway."""
        return _get("MERCHANT_ID", _positive_int)

    @property
    def secret_keys(self) -> Sequence[str]:
        """The merchant's secrets at the gateway, the newest first; any of them verifies."""
        return _get("SECRET_KEY", _secrets)

    @property
    def secret_key(self) -> str:
        """The secret that signs: the newest."""
        return self.secret_keys[0]

    @property
    def app_name(self) -> str:
        """The name under which orders are placed (appname)."""
        return _get("APP_NAME", _text)

    @property
    def site_url(self) -> str:
        """Scheme and host under which the gateway reaches this shop, without a trailing slash."""
        return _get("SITE_URL", _origin)

    @property
    def order_again_url(self) -> str:
        """Where a customer whose order ended unpaid can order again; empty if nothing is said.

        ``{reference}`` in it stands for the order's reference.
        """
        return _get("ORDER_AGAIN_URL", _link, "")

    @property
    def gateway_url(self) -> str:
        return _get("GATEWAY_URL", _web_address, GATEWAY_URL)

    @property
    def connect_timeout_seconds(self) -> float:
        return _get("CONNECT_TIMEOUT_SECONDS", _positive_float, 3.0)

    @property
    def read_timeout_seconds(self) -> float:
        return _get("READ_TIMEOUT_SECONDS", _positive_float, 10.0)

    @property
    def poll_timeout_seconds(self) -> float:
        """For connecting and for reading, when a customer's page waits for the answer."""
        return _get("POLL_TIMEOUT_SECONDS", _positive_float, 2.0)

    @property
    def check_interval(self) -> timedelta:
        """How long to wait before a customer's page makes us ask again about the same order."""
        return timedelta(seconds=_get("CHECK_INTERVAL_SECONDS", _positive_float, 10.0))

    @property
    def max_amount_shift_fen(self) -> int:
        """By how much the gateway may change the amount to tell orders apart."""
        return _get("MAX_AMOUNT_SHIFT_FEN", _natural_int, 100)

    @property
    def sandbox_order_lifetime(self) -> timedelta:
        return timedelta(seconds=_get("SANDBOX_ORDER_LIFETIME_SECONDS", _positive_float, 300.0))

    @property
    def sandbox_retry_delays_seconds(self) -> Sequence[float]:
        """How long the sandbox waits before each further attempt at a notification."""
        return _get("SANDBOX_RETRY_DELAYS_SECONDS", _delays, (2.0, 5.0, 15.0, 60.0, 300.0))


conf = Settings()

#: The names of the properties; ``secret_key`` is only another look at ``secret_keys``.
SETTINGS = sorted(
    name
    for name, value in vars(Settings).items()
    if isinstance(value, property) and name != "secret_key"
)


def unknown_keys() -> list[str]:
    """Return what the ``GEMAFU`` dict holds that nothing reads: a misspelt key, most likely."""
    return sorted(str(key) for key in set(_dict()) - KEYS)


def _dict() -> dict[str, Any]:
    values = getattr(settings, "GEMAFU", {})
    if not isinstance(values, dict):
        raise ConfigurationError("The GEMAFU setting must be a dict, such as {'MERCHANT_ID': 1}.")
    return values


def _get(key: str, convert: Callable[[Any], T], default: T = _REQUIRED) -> T:
    value = _dict().get(key)
    if value is None:
        value = _from_environment(key)
    if value is None:
        if default is _REQUIRED:
            raise ConfigurationError(
                f"GEMAFU['{key}'] is missing. "
                f"Set it there, or as GEMAFU_{key} or GEMAFU_{key}_FILE in the environment."
            )
        return default
    try:
        return convert(value)
    except (TypeError, ValueError) as error:
        # Not the value itself: it may be a secret.
        raise ConfigurationError(f"GEMAFU['{key}'] {error}.") from None


def _from_environment(key: str) -> Any:
    name = f"GEMAFU_{key}"
    try:
        # Not FileAwareEnv: it keeps a file's first content for ever, and takes a value that starts
        # with "$" for another variable's name. Files end in a newline that belongs to no value.
        value = FileAwareMapping(cache=False).get(name, "").strip()
    except OSError as error:
        raise ConfigurationError(
            f"{name}_FILE names a file that cannot be read: {error}"
        ) from error
    except UnicodeDecodeError:  # it holds the file's content, which may be a secret
        raise ConfigurationError(f"{name}_FILE names a file that is no text in UTF-8") from None
    if key in _LISTS:
        return [part.strip() for part in value.split(",") if part.strip()] or None
    return value or None


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("must be a text")
    return value


def _secrets(value: Any) -> Sequence[str]:
    secrets = [value] if isinstance(value, str) else value
    if not isinstance(secrets, (list, tuple)) or not secrets or not all(map(_is_secret, secrets)):
        raise ValueError("must be a printable text, or a list of them with the newest first")
    return secrets


def _is_secret(value: Any) -> bool:
    # Printable: no line break that came along, no byte of the environment that is not UTF-8.
    return isinstance(value, str) and bool(value.strip()) and value.isprintable()


def _natural_int(value: Any) -> int:
    if isinstance(value, (bool, float)) or not re.fullmatch(r"[0-9]{1,18}", str(value)):
        raise ValueError("must be a whole number of at most 18 digits")
    return int(value)


def _positive_int(value: Any) -> int:
    number = _natural_int(value)
    if number == 0:
        raise ValueError("must be a whole number above 0")
    return number


def _positive_float(value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = 0.0
    if not 0 < number <= _MAX_SECONDS:
        raise ValueError("must be a number of seconds above 0, and at most a year")
    return number


def _delays(value: Any) -> Sequence[float]:
    if not isinstance(value, (list, tuple)):
        raise TypeError("must be a list of numbers")
    return tuple(_positive_float(each) for each in value)


def _web_address(value: Any) -> str:
    text = _text(value)
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:  # brackets or a port that make no sense
        usable = False
    if not usable:
        raise ValueError("must be an address that starts with https://")
    return parts.geturl()


def _link(value: Any) -> str:
    # Two slashes would lead to another host.
    if isinstance(value, str) and re.match(r"/(?![/\\])", value):
        return value
    try:
        return _web_address(value)
    except ValueError:
        raise ValueError(
            "must be a path that starts with /, or an address that starts with https://"
        ) from None


def _origin(value: Any) -> str:
    parts = urlsplit(_web_address(value))
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ValueError(
            "must be scheme and host alone, such as https://shop.example; "
            "Django adds the path by itself"
        )
    return f"{parts.scheme}://{parts.netloc}"
