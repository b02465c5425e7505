"""The gateway's signature: ``md5(k1 v1 k2 v2 ... SECRET)``.

Keys go in ascending byte order, keys and values are joined with no separator, the secret comes
last; UTF-8, lower-case hex. With no separators one signature fits several messages, so a good
signature alone proves little: see :mod:`django_gemafu.protocol.messages` for the strict reading
that has to follow. MD5 is the gateway's choice, not ours.
"""

from __future__ import annotations

import hashlib
import hmac
import math
from collections.abc import Mapping, Sequence

from django_gemafu.exceptions import UnsignableValue

#: What a field may hold on the wire.
Scalar = str | int | float | bool | None


def sign(data: Mapping[str, Scalar], secret: str) -> str:
    """Return the signature of ``data``: 32 lower-case hex digits.

    Raises :class:`UnsignableValue` for nested values, NaN, infinities and lone surrogates.
    """
    try:
        message = b"".join(
            key + _php_string(value).encode()
            for key, value in sorted((key.encode(), value) for key, value in data.items())
        )
        message += secret.encode()
    except UnicodeEncodeError as error:
        raise UnsignableValue("a text holds half a surrogate pair, which is no UTF-8") from error
    return hashlib.md5(message, usedforsecurity=False).hexdigest()


def verify(data: Mapping[str, Scalar], signature: object, secret: str | Sequence[str]) -> bool:
    """Tell whether ``signature`` is genuine, in constant time, whatever was sent as one.

    ``secret`` may be several, all of them good, while the merchant changes from one to the next.
    Data that cannot be signed has no genuine signature.
    """
    if not isinstance(signature, str):
        return False
    # "surrogatepass": compare_digest wants bytes, and a sender may put anything into a string.
    received = signature.encode("utf-8", "surrogatepass")
    secrets = [secret] if isinstance(secret, str) else secret
    try:
        expected = [sign(data, each).encode() for each in secrets]
    except UnsignableValue:
        return False
    # A list, not a generator: every secret is tried, so that timing does not tell which one fits.
    return any([hmac.compare_digest(received, each) for each in expected])  # noqa: C419


def _php_string(value: object) -> str:
    """Convert to a string as PHP does.

    https://www.php.net/manual/en/language.types.string.php#language.types.string.casting
    """
    if isinstance(value, str):
        return value
    if value is None or value is False:
        return ""
    if value is True:
        return "1"
    if isinstance(value, int) and -(2**63) <= value < 2**63:
        return str(int(value))  # int(): an enum's member writes itself as its name
    if isinstance(value, (int, float)):  # PHP's json_decode reads larger integers as floats
        return _php_float(value)
    raise UnsignableValue(f"{type(value).__name__} values cannot be signed; the wire is flat")


def _php_float(value: float) -> str:
    """Format with PHP's default of 14 significant digits.

    ``99.0`` -> ``99``, ``0.1`` -> ``0.1``, ``1e25`` -> ``1.0E+25``.

    https://www.php.net/manual/en/ini.core.php#ini.precision
    """
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise UnsignableValue("NaN and infinite numbers cannot be signed")
    mantissa, exponent_mark, exponent = f"{number:.14G}".partition("E")
    if not exponent_mark:
        return mantissa
    if "." not in mantissa:
        mantissa += ".0"
    return f"{mantissa}E{int(exponent):+d}"
