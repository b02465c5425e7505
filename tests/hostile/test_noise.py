"""The notify view against bytes that are no message."""

from __future__ import annotations

import gzip
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_gemafu.conf import conf
from django_gemafu.enums import OrderStatus
from django_gemafu.protocol.messages import MAX_MESSAGE_BYTES
from django_gemafu.protocol.signing import sign
from django_gemafu.testing import make_order
from tests.hostile.messages import BOMBS, documents, json_bytes
from tests.hostile.requests import METHODS, environs
from tests.hostile.world import address, examples, genuine, harmless, proof_of, send, signed

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_goes_off_nowhere(name: str) -> None:
    order = make_order()
    with harmless():
        assert send(address(order), BOMBS[name]).status_code in (400, 403, 413)


@pytest.mark.parametrize("name", BOMBS)
def test_nor_does_it_where_the_address_is_wrong(name: str) -> None:
    order = make_order()
    with harmless():
        assert send(address(order, "x"), BOMBS[name]).status_code in (403, 413)


@given(body=st.binary(max_size=300) | documents)
@examples(70)
def test_no_bytes_do_any_harm(body: bytes) -> None:
    order = make_order()
    with harmless():
        assert send(address(order), body).status_code in (400, 403)
    order.delete()


@given(method=METHODS, environ=environs(), body=st.binary(max_size=50) | documents)
@examples(70)
def test_no_method_and_no_headers_do_any_harm(
    method: str, environ: dict[str, str], body: bytes
) -> None:
    order = make_order()
    with harmless():
        answer = send(address(order), body, method=method, environ=environ)
        assert 400 <= answer.status_code < 500
    order.delete()


@given(environ=environs())
@examples(30)
def test_a_genuine_message_is_taken_whatever_the_headers_or_not_at_all(
    environ: dict[str, str],
) -> None:
    order = make_order()

    answer = send(address(order), signed(genuine(order)), environ=environ, statements=6)

    order.refresh_from_db()
    if answer.content == b"200":
        assert order.status == OrderStatus.PAID
    else:
        assert order.status == OrderStatus.PENDING
        assert {"CONTENT_LENGTH", "HTTP_HOST"} & environ.keys()


@pytest.mark.parametrize("length", ["-1", "0", "", "x", "1e9", " 5", "9" * 18, "9" * 5000, "1,1"])
def test_a_length_that_lies_is_not_believed(length: str) -> None:
    order = make_order()
    with harmless():
        answer = send(address(order), b"{", environ={"CONTENT_LENGTH": length}, endless=True)
        assert answer.status_code in (400, 413)


def test_a_compressed_message_is_not_unpacked() -> None:
    order = make_order()
    body = gzip.compress(signed(genuine(order)))
    with harmless():
        assert (
            send(address(order), body, environ={"HTTP_CONTENT_ENCODING": "gzip"}).status_code == 400
        )


@given(signature=st.none() | st.text(max_size=40) | st.integers() | st.lists(st.text(max_size=5)))
@examples(30)
def test_no_other_signature_will_do(signature: Any) -> None:
    order = make_order()
    with harmless():
        body = json_bytes({"data": genuine(order), "sign": signature})
        assert send(address(order), body).status_code in (400, 403)
    order.delete()


@pytest.mark.parametrize(
    "change", ["upper", "title", "blank", "longer", "shorter", "wide", "bytes"]
)
def test_nor_will_one_that_is_nearly_right(change: str) -> None:
    order = make_order()
    data = genuine(order, gateway_payment_id=5)  # its signature has letters in it, surely
    right = sign(data, conf.secret_key)
    signature = {
        "upper": right.upper(),
        "title": right[:-1] + right[-1].swapcase() + "\u0301",
        "blank": right + " ",
        "longer": right + right,
        "shorter": right[:-1],
        "wide": "".join(chr(ord(each) + 0xFEE0) for each in right),
        "bytes": f"b'{right}'",
    }[change]
    with harmless():
        assert send(address(order), signed(data, signature)).status_code == 403


class TestTheAddress:
    @given(proof=st.binary(min_size=1, max_size=60) | st.text(min_size=1, max_size=60))
    @examples(100)
    def test_no_other_proof_will_do(self, proof: str | bytes) -> None:
        order = make_order()
        encoded = proof if isinstance(proof, bytes) else proof.encode("utf-8", "surrogatepass")
        with harmless():
            answer = send(address(order, encoded), signed(genuine(order)))
            assert answer.status_code in (403, 404)
        order.delete()

    @given(st.data())
    @examples(100)
    def test_nor_will_one_that_is_nearly_right(self, data: st.DataObject) -> None:
        order = make_order()
        right = proof_of(order)
        at = data.draw(st.integers(0, len(right) - 1))
        wrong = data.draw(
            st.sampled_from(
                [
                    right[:at],
                    right[at:],
                    right[:at] + right[at].swapcase() + right[at + 1 :],
                    right + right[at],
                    right + "=",
                    right + "%00",
                    right + ":" + right,
                    f"{order.token}:{right}",
                    right.upper(),
                    right.lower(),
                    right[:at] + "é" + right[at:],
                    right[::-1],
                ]
            )
        )
        if wrong not in ("", right):
            with harmless():
                assert send(address(order, wrong), signed(genuine(order))).status_code == 403
        order.delete()

    def test_nor_will_another_orders(self) -> None:
        order, other = make_order(), make_order()
        with harmless():
            for about in (order, other):
                answer = send(address(order, proof_of(other)), signed(genuine(about)))
                assert answer.status_code == 403

    def test_an_order_that_is_not_there_is_asked_for_once(self) -> None:
        order = make_order()
        path, body = address(order), signed(genuine(order))
        order.delete()
        assert send(path, body, statements=1).status_code == 404
        order.token = uuid4()
        assert send(address(order), body, statements=1).status_code == 404

    def test_what_is_too_long_costs_nothing_whoever_sends_it(self) -> None:
        order = make_order()
        body = signed(genuine(order)).ljust(MAX_MESSAGE_BYTES + 1)
        with harmless():
            assert send(address(order), body).status_code == 413
