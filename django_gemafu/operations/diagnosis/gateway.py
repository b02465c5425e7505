"""Whether the gateway answers, whether it accepts us, and whether our clocks agree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timezone as tz
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from django.utils import timezone

from django_gemafu.conf import conf
from django_gemafu.exceptions import (
    GatewayConnectionLost,
    GatewayError,
    GatewayHasNoData,
    GatewayHTTPError,
    GatewayRejection,
    GatewayTimeout,
    GatewayTLSError,
    GatewayUnreachable,
    InvalidGatewayAnswer,
)
from django_gemafu.models import Order
from django_gemafu.operations.diagnosis.finding import Finding, Level
from django_gemafu.operations.diagnosis.web import WEB_ERRORS, ask
from django_gemafu.operations.gateway import gateway_client

#: The code of the finding that the gateway gave no usable answer.
GATEWAY_SILENT = "gateway.silent"

#: Next to the largest that the protocol's fields can hold: no order has it.
_NOBODYS_NUMBER = 2**63 - 1000
_SKEW_SECONDS, _GREAT_SKEW_SECONDS = 60, 300

_ADVICE: Mapping[type[GatewayError], str] = {
    GatewayUnreachable: "Check GEMAFU['GATEWAY_URL'], and this machine's name server, firewall and "
    "proxy settings.",
    GatewayTLSError: "Check the host in GEMAFU['GATEWAY_URL'], this machine's clock and its CA "
    "certificates. Do not work around it: TLS alone protects the gateway's answers.",
    GatewayTimeout: "Try again. If it stays so, a firewall may swallow the answers; if the gateway "
    "is only slow, raise GEMAFU['READ_TIMEOUT_SECONDS'].",
    GatewayConnectionLost: "Try again. If it stays so, look for a proxy or a firewall on the way "
    "that cuts connections.",
    GatewayHTTPError: "With a status of 5xx, try again later. Else check the path in "
    "GEMAFU['GATEWAY_URL'], and whether a proxy on the way answers in the gateway's place.",
    InvalidGatewayAnswer: "Something other than the gateway seems to answer: check "
    "GEMAFU['GATEWAY_URL'], path included, and any proxy on the way.",
}


def examine_credentials() -> Iterator[Finding]:
    """Ask about the newest order, signed. It places nothing."""
    known = Order.objects.fresh().filter(
        merchant_id=conf.merchant_id, gateway_order_id__isnull=False
    )
    number = known.order_by("-pk").values_list("gateway_order_id", flat=True).first()
    asked = f"Asked about order {number}" if number else "Asked about an order that does not exist"
    try:
        with gateway_client() as client:
            client.query_order(number or _NOBODYS_NUMBER)
    except GatewayHasNoData as error:
        yield _accepted(f"{asked}, it said: {error.reason}.")
    except GatewayRejection as error:
        yield _refused(error, asked, is_known=bool(number))
    except GatewayError as error:
        yield Finding(
            GATEWAY_SILENT,
            "problem",
            f"The gateway at {urlsplit(conf.gateway_url).hostname} could not be asked",
            f"It failed: {error}.",
            next(_ADVICE[kind] for kind in type(error).__mro__ if kind in _ADVICE),
        )
    else:
        yield _accepted(f"{asked}, it knew it.")


def _accepted(what_was_asked: str) -> Finding:
    return Finding(
        "gateway",
        "ok",
        "The gateway answers, and accepts our signed question",
        f"{what_was_asked} It takes this one question without a signature, too: only an order that "
        "it takes proves the key beyond doubt.",
    )


def _refused(error: GatewayRejection, asked: str, *, is_known: bool) -> Finding:
    advice = (
        "Compare GEMAFU['MERCHANT_ID'] and the newest GEMAFU['SECRET_KEY'] with the gateway's "
        "console, and see there whether the fee balance is used up."
    )
    if not is_known:
        advice += " If its words only mean that it knows no such order, place one, and come again."
    return Finding(
        "gateway.refused",
        "problem",
        "The gateway refuses what we ask",
        f"{asked}, it said: {error.reason} (code {error.code}).",
        advice,
    )


def examine_clock() -> Iterator[Finding]:
    """Compare our clock with the gateway's, where its answers carry a date."""
    try:
        response, _text = ask("HEAD", conf.gateway_url)
        theirs = parsedate_to_datetime(response.headers.get("Date", ""))
    except (*WEB_ERRORS, ValueError):
        return  # its silence is a finding already, and a date is not owed
    # HTTP's dates are always in GMT.
    seconds = round((timezone.now() - theirs.replace(tzinfo=tz.utc)).total_seconds())
    if abs(seconds) <= _SKEW_SECONDS:
        yield Finding("clock", "ok", "The clock agrees with the gateway's")
        return
    level: Level = "warning" if abs(seconds) <= _GREAT_SKEW_SECONDS else "problem"
    yield Finding(
        "clock.skew",
        level,
        f"The clock is {abs(seconds)} s {'ahead of' if seconds > 0 else 'behind'} the gateway's",
        "The gateway says until when an order can be paid. By our clock that is too early or too "
        "late, and it may refuse requests that seem to come from another time.",
        "Let this machine's clock follow a time server (timedatectl set-ntp true). If it does, the "
        "gateway's is wrong: tell its operator.",
    )
