"""Whether the gateway's notifications can reach us, as far as that can be seen from inside."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urljoin, urlsplit
from uuid import uuid4

import requests
from django.conf import settings
from django.urls import reverse
from urllib3.exceptions import ReadTimeoutError

from django_gemafu.conf import conf
from django_gemafu.operations.diagnosis.finding import Finding
from django_gemafu.operations.diagnosis.web import WEB_ERRORS, ask
from django_gemafu.operations.notify_address import notify_url
from django_gemafu.operations.receive_notification import NOT_OUR_ADDRESS

#: How the notify view answers an empty message at an address that the shop did make.
_EMPTY_MESSAGE = 400
_QUOTED_CHARACTERS = 100

#: By status, or by its first digit: what another answer means, and what to do.
_MEANINGS: Mapping[int, tuple[str, str]] = {
    3: (
        "The gateway's POST would arrive as a GET, without its message, or not at all.",
        "Put the address that it leads to into GEMAFU['SITE_URL'] (https, with or without www), or "
        "exempt the notify path from what redirects: a login wall, a language prefix, or "
        "SECURE_SSL_REDIRECT behind a proxy without SECURE_PROXY_SSL_HEADER.",
    ),
    400: (
        "Django refuses the name of the host, most likely.",
        "Add the host of GEMAFU['SITE_URL'] to ALLOWED_HOSTS, and let the proxy pass the Host on.",
    ),
    401: (
        "Something before the view wants a login.",
        "Exempt the notify path from it: the gateway cannot log in.",
    ),
    403: (
        "Something before the view refuses it: a CSRF or login middleware, or a firewall.",
        "Exempt the notify path from it. (The view is exempt from Django's own.)",
    ),
    404: (
        "The URLs are not included under that host, or another site answers there.",
        "Check the host in GEMAFU['SITE_URL'], the proxy's routes, and that this process has the "
        "site's own settings: ROOT_URLCONF, and FORCE_SCRIPT_NAME if the site lives below a path.",
    ),
    5: (
        "The shop failed, or a proxy finds no shop behind it.",
        "Look into the logs of the web server and of the shop.",
    ),
}
_OTHER_MEANING = (
    "Something else answers there: another site, a parking page, a page for every address.",
    "Check the host in GEMAFU['SITE_URL'] and the proxy's routes, and that they let POST through.",
)


def examine_host() -> Iterator[Finding]:
    """Resolve the host of SITE_URL, as this machine does."""
    host = urlsplit(conf.site_url).hostname or ""
    try:
        found = sorted({str(info[4][0]) for info in socket.getaddrinfo(host, None)})
    except (OSError, UnicodeError):
        yield Finding(
            "site.unknown",
            "problem",
            f"The host in GEMAFU['SITE_URL'], {host}, has no address",
            "This machine's name server knows none; the gateway's will hardly know more.",
            "Check the spelling, and the domain's DNS records.",
        )
        return
    local = [each for each in found if not ip_address(each).is_global]
    if local and not settings.DEBUG:
        yield Finding(
            "site.local",
            "problem",
            f"The host in GEMAFU['SITE_URL'], {host}, cannot be reached from the internet",
            f"It resolves to {', '.join(local)}: this machine, or a private network.",
            "Put the public host there. If it is public, and resolves differently only in here "
            "(/etc/hosts, a name server of your own), make sure of it from elsewhere.",
        )
    else:
        yield Finding("site", "ok", f"The host {host} resolves to {', '.join(found)}")


def examine_notify_address() -> Iterator[Finding]:
    """Send empty messages to notify addresses of no order, and look for the view's own words."""
    token = uuid4()
    made_up = urljoin(conf.site_url, reverse("gemafu:notify", args=[token, "not-a-proof"]))
    try:
        answer = _post(made_up)
        if not answer.disowns:
            yield _stranger(answer)
            return
        answer = _post(notify_url(token))  # only we are shown one that is genuine
    except WEB_ERRORS as error:
        title = "The notify address gives no answer here"
        yield Finding("notify.silent", "problem", title, *_no_answer(error))
        return
    if answer.disowns:
        yield Finding(
            "notify.key",
            "problem",
            "The site refuses the notify addresses that this process makes",
            "django-gemafu answers there, but with another SECRET_KEY of Django's.",
            "Give every process of the shop the same SECRET_KEY, this command's included.",
        )
    elif answer.status != _EMPTY_MESSAGE:
        yield _stranger(answer)
    else:
        yield Finding(
            "notify",
            "ok",
            "The notify address leads to django-gemafu",
            "Seen from here. Whether the gateway gets there from the internet cannot be seen from "
            "inside: open the shop on a phone that is not in your network.",
        )


@dataclass(frozen=True)
class _Answer:
    status: int
    text: str
    description: str

    @property
    def disowns(self) -> bool:
        """Whether our own view says that the address is not one of ours."""
        return (self.status, self.text) == (403, NOT_OUR_ADDRESS)


def _post(url: str) -> _Answer:
    response, text = ask("POST", url)
    description = f"status {response.status_code}"
    if response.is_redirect:
        description += f" to {response.headers['Location'].partition('?')[0]}"
    elif text:
        title = re.search(r"<title[^>]*>(.*?)</title>", text, re.DOTALL | re.IGNORECASE)
        description += f": {title[1] if title else text}"
    # An answer may hold its address, and that a genuine proof.
    proof = urlsplit(url).path.rstrip("/").rpartition("/")[2]
    description = "".join(each if each.isprintable() else " " for each in description)
    description = " ".join(description.replace(proof, "***").split())[:_QUOTED_CHARACTERS]
    return _Answer(response.status_code, text, description)


def _stranger(answer: _Answer) -> Finding:
    status = answer.status
    meaning, advice = _MEANINGS.get(status) or _MEANINGS.get(status // 100) or _OTHER_MEANING
    return Finding(
        "notify.stranger",
        "problem",
        "The notify address does not lead to django-gemafu",
        f"{meaning} (The answer: {answer.description})",
        advice,
    )


def _no_answer(error: Exception) -> tuple[str, str]:
    """Return what it means and what to do. The error's own words would hold the address."""
    if isinstance(error, requests.exceptions.SSLError):
        return (
            "No trusted TLS connection: the certificate is expired, incomplete, self-signed or for "
            "another host, or there is no TLS at that port.",
            "Renew it, with its whole chain: the gateway will not trust it either.",
        )
    if isinstance(error, (requests.exceptions.Timeout, ReadTimeoutError)):
        return (
            "No answer in time: a firewall swallows the connection, or every worker is busy.",
            "Open the port, or give the shop more workers; see whether its pages answer.",
        )
    return (
        "No connection, or it broke off: nothing may listen there.",
        "Start the shop and its web server, and check host and port in GEMAFU['SITE_URL']. Some "
        "networks cannot reach their own public address from inside: then try from elsewhere.",
    )
