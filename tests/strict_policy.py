"""The strictest Content Security Policy under which the customer's page must work."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

STRICT_POLICY = (
    "default-src 'none'; img-src 'self'; script-src 'self'; style-src 'self'; connect-src 'self'"
)


class StrictPolicy:
    """Send it with the customer's page, and with the shop's page that holds a panel."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path.startswith(("/pay/", "/shop/")):
            response["Content-Security-Policy"] = STRICT_POLICY
        return response
