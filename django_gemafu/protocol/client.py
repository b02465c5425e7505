"""The client of the gateway: one HTTP call a method, and an exception for every way it can fail."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import TracebackType
from typing import NoReturn, TypeVar

import requests
from urllib3.exceptions import DecodeError, HTTPError, NewConnectionError, ReadTimeoutError

import django_gemafu
from django_gemafu.exceptions import (
    EchoMismatch,
    GatewayConnectionLost,
    GatewayError,
    GatewayHasNoData,
    GatewayHTTPError,
    GatewayRejection,
    GatewayTimeout,
    GatewayTLSError,
    GatewayUnreachable,
    InvalidGatewayAnswer,
    MessageError,
)
from django_gemafu.protocol.messages import (
    MAX_MESSAGE_BYTES,
    NO_SIGNATURE,
    Envelope,
    Message,
    PlaceOrderAnswer,
    PlaceOrderRequest,
    QueryOrderAnswer,
    QueryOrderRequest,
    parse_answer,
    utc_now,
)
from django_gemafu.protocol.signing import Scalar
from django_gemafu.protocol.transport import new_session

USER_AGENT = f"django-gemafu/{django_gemafu.__version__} python-requests/{requests.__version__}"
#: The reference SDK's own default.
GATEWAY_URL = "https://fcapi.flexmuse.com/pay"

_SUCCESS = 200
_QUOTE_LENGTH = 200
_CHUNK_BYTES = 8192
_CODE = re.compile(r"-?[0-9]{1,9}")

_Answer = TypeVar("_Answer", bound=Message)


class GatewayClient:
    """Talks to the gateway for one merchant.

    ``max_amount_shift_fen`` bounds by how much the amount to pay may differ from the amount
    ordered: the gateway shifts it "by a few fen" to tell orders apart, and anything beyond is
    refused rather than shown to a customer.

    Keeps its connections: use it as a context manager, or call :meth:`close`. One client serves one
    thread, like the ``requests.Session`` within.
    """

    def __init__(
        self,
        *,
        merchant_id: int,
        secret: str,
        gateway_url: str = GATEWAY_URL,
        connect_timeout_seconds: float = 3.0,
        read_timeout_seconds: float = 10.0,
        max_amount_shift_fen: int = 100,
    ) -> None:
        self.merchant_id = merchant_id
        self.gateway_url = gateway_url
        self.connect_timeout_seconds = connect_timeout_seconds
        self.read_timeout_seconds = read_timeout_seconds
        self.max_amount_shift_fen = max_amount_shift_fen
        self._secret = secret
        self._session = new_session()
        self._session.headers["User-Agent"] = USER_AGENT

    def __enter__(self) -> GatewayClient:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._session.close()

    def place_order(self, request: PlaceOrderRequest) -> PlaceOrderAnswer:
        """Ask for a payment. Raises :class:`GatewayError`.

        After any but a :class:`GatewayRejection` or a :class:`GatewayUnreachable` the gateway may
        have taken the order all the same.
        """
        answer = _parsed(PlaceOrderAnswer, self._call(Envelope.seal(request, self._secret)))
        self._check_echo(request, answer)
        return answer

    def query_order(self, gateway_order_id: int, *, signed: bool = True) -> QueryOrderAnswer:
        """Ask what became of an order. Raises :class:`GatewayError`.

        The gateway takes this one question without a signature too (``signed=False``).
        """
        request = QueryOrderRequest(
            merchant_id=self.merchant_id, gateway_order_id=gateway_order_id, sent_at=utc_now()
        )
        if signed:
            envelope = Envelope.seal(request, self._secret)
        else:
            envelope = Envelope(data=request.to_data(), sign=NO_SIGNATURE)
        answer = self._call(envelope)
        # Not documented for this answer, but where a number is given it must be the one asked for.
        echoed = answer.get("orderid")
        if echoed is not None and str(echoed) != str(gateway_order_id):
            raise EchoMismatch(f"asked for order {gateway_order_id}, got another order's answer")
        return _parsed(QueryOrderAnswer, answer)

    def _call(self, envelope: Envelope) -> Mapping[str, Scalar]:
        content = self._post(envelope.to_json())
        try:
            answer = parse_answer(content)
        except MessageError as error:
            raise InvalidGatewayAnswer(
                f"the gateway's answer cannot be read: {error}: {self._quote(content)}"
            ) from error
        if not _CODE.fullmatch(str(answer.get("code"))):
            raise InvalidGatewayAnswer(
                f'the gateway\'s answer has no number as "code": {self._quote(content)}'
            )
        code = int(str(answer["code"]))
        if code == _SUCCESS:
            return answer
        reason = self._quote(answer.get("msg") or "no reason given")
        if code // 100 == 2:  # noqa: PLR2004 - any other 2xx
            raise GatewayHasNoData(f"no data ({code}): {reason}", code=code, reason=reason)
        raise GatewayRejection(f"refused ({code}): {reason}", code=code, reason=reason)

    def _post(self, body: bytes) -> bytes:
        try:
            with self._session.post(
                self.gateway_url,
                data=body,
                headers={"Content-Type": "application/json"},
                timeout=(self.connect_timeout_seconds, self.read_timeout_seconds),
                allow_redirects=False,  # a redirected POST would arrive as a GET, without its body
                stream=True,
            ) as response:
                content = self._read(response)
        except (requests.RequestException, HTTPError) as error:
            raise _translated(error) from error
        if response.status_code // 100 != 2:  # noqa: PLR2004
            raise GatewayHTTPError(
                f"HTTP status {response.status_code}: {self._quote(content)}",
                status=response.status_code,
            )
        return content

    def _read(self, response: requests.Response) -> bytes:
        """Read the body, bounded in size; the session bounds the time."""
        content = b""
        while chunk := response.raw.read1(_CHUNK_BYTES, decode_content=True):
            content += chunk
            if len(content) > MAX_MESSAGE_BYTES:
                raise InvalidGatewayAnswer(f"the answer is longer than {MAX_MESSAGE_BYTES} bytes")
        return content

    def _check_echo(self, request: PlaceOrderRequest, answer: PlaceOrderAnswer) -> None:
        for name in ("reference", "amount_fen", "customer_id", "app_name"):
            if getattr(answer, name) != getattr(request, name):
                self._refuse_echo(name, getattr(answer, name))
        if answer.return_url and answer.return_url != request.return_url:
            self._refuse_echo("return_url", answer.return_url)
        if abs(answer.payable_fen - request.amount_fen) > self.max_amount_shift_fen:
            raise EchoMismatch(
                f"the gateway asks for {answer.payable_fen} fen instead of {request.amount_fen}, "
                f"which is over the limit of {self.max_amount_shift_fen} fen of difference"
            )

    def _refuse_echo(self, name: str, value: Scalar) -> NoReturn:
        raise EchoMismatch(
            f"the gateway's answer has another {name} than was ordered: {self._quote(value)}"
        )

    def _quote(self, words: Scalar | bytes) -> str:
        """Return the gateway's words for a log and a database: on one line, without NUL and the
        like, shortened, and without the secret should they hold it.
        """
        text = words.decode(errors="replace") if isinstance(words, bytes) else str(words)
        text = text.replace(self._secret, "***")
        printable = "".join(each if each.isprintable() else " " for each in text)
        return " ".join(printable.split())[:_QUOTE_LENGTH]


def _parsed(kind: type[_Answer], answer: Mapping[str, Scalar]) -> _Answer:
    fields = {name: value for name, value in answer.items() if name not in ("code", "msg")}
    try:
        return kind.parse(fields)
    except MessageError as error:
        raise InvalidGatewayAnswer(f"the gateway's answer cannot be used: {error}") from error


def _translated(error: Exception) -> GatewayError:
    """Return our error for one of the HTTP library's."""
    if isinstance(error, requests.exceptions.SSLError):
        return GatewayTLSError("no trusted connection to the gateway: check its certificate")
    never_connected = (
        requests.exceptions.ConnectTimeout,
        requests.exceptions.ProxyError,
        ValueError,  # the base of all that requests says about a URL that it cannot use
    )
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    if isinstance(error, never_connected) or isinstance(reason, NewConnectionError):
        return GatewayUnreachable("the gateway could not be reached: check the network and its URL")
    if isinstance(error, (requests.exceptions.ReadTimeout, ReadTimeoutError)):
        return GatewayTimeout("the gateway did not answer in time; it may have taken the request")
    if isinstance(error, (requests.exceptions.ContentDecodingError, DecodeError)):
        return InvalidGatewayAnswer("the gateway's answer is damaged: its compression is broken")
    return GatewayConnectionLost(
        "the connection to the gateway broke; it may have taken the request"
    )
