"""Bodies that nobody should send, from noise to nearly genuine."""

from __future__ import annotations

import codecs
import gzip
import json
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from django_gemafu.protocol.messages import MAX_MESSAGE_BYTES
from django_gemafu.protocol.signing import Scalar

Data = dict[str, Scalar]

_FULL = MAX_MESSAGE_BYTES - 64


def _envelope(data: bytes, sign: bytes = b'"x"') -> bytes:
    return b'{"data": ' + data + b', "sign": ' + sign + b"}"


def _many(pattern: bytes, separator: bytes = b",") -> bytes:
    """Repeat a pattern with a number in it until the message is full."""
    count = _FULL // (len(pattern % 10000) + len(separator))
    return separator.join(pattern % (10000 + number) for number in range(count))


#: The worst of what fits into a message, by name.
BOMBS: dict[str, bytes] = {
    "nothing": b"",
    "blank": b" " * MAX_MESSAGE_BYTES,
    "nested arrays": b"[" * MAX_MESSAGE_BYTES,
    "closed nested arrays": b"[" * (_FULL // 2) + b"]" * (_FULL // 2),
    "nested objects": b'{"a":' * (_FULL // 5),
    "nested data": _envelope(b"[" * 20000 + b"]" * 20000),
    "nested signature": _envelope(b"{}", b"[" * 20000 + b"]" * 20000),
    "the longest integer": _envelope(b'{"money": ' + b"9" * (_FULL - 12) + b"}"),
    "an integer just short enough": _envelope(b'{"money": ' + b"9" * 4300 + b"}"),
    "an integer just too long": _envelope(b'{"money": ' + b"9" * 4301 + b"}"),
    "many long integers": _envelope(b"{" + _many(b'"%d": ' + b"9" * 4000) + b"}"),
    "many integers": _envelope(b"{" + _many(b'"%d":1') + b"}"),
    "many floats": _envelope(b"{" + _many(b'"%d":1.7976931348623157e308') + b"}"),
    "a float too large": _envelope(b'{"money": 1e999}'),
    "a float too small": _envelope(b'{"money": -1e999}'),
    "a float of many digits": _envelope(b'{"money": 0.' + b"1" * (_FULL - 12) + b"}"),
    "NaN": _envelope(b'{"money": NaN}'),
    "infinity": _envelope(b'{"money": -Infinity}'),
    "a field twice": _envelope(b'{"money": 1, "money": 1}'),
    "a field many times": _envelope(b"{" + b'"a":1,' * (_FULL // 6 - 2) + b'"a":1}'),
    "data twice": b'{"data": {}, "data": {}, "sign": "x"}',
    "half a surrogate pair": _envelope(b'{"userid": "\\ud800"}'),
    "half a pair as a name": _envelope(b'{"\\udfff": 1}'),
    "half a pair as signature": _envelope(b"{}", b'"\\ud800"'),
    "an encoded surrogate": _envelope(b'{"userid": "\xed\xa0\x80"}'),
    "NUL": _envelope(b'{"userid": "\\u0000"}'),
    "raw NUL": _envelope(b'{"userid": "\x00"}'),
    "a long name": _envelope(b'{"' + b"n" * (_FULL - 6) + b'":1}'),
    "a long signature": _envelope(b"{}", b'"' + b"f" * (_FULL - 2) + b'"'),
    "many escapes": _envelope(b'{"a": "' + b"\\u00e9" * ((_FULL - 10) // 6) + b'"}'),
    "UTF-8 with a mark": codecs.BOM_UTF8 + _envelope(b"{}"),
    "UTF-16": _envelope(b"{}").decode().encode("utf-16"),
    "UTF-32": _envelope(b"{}").decode().encode("utf-32"),
    "Latin-1": _envelope(b'{"userid": "\xe9"}'),
    "two messages": _envelope(b"{}") * 2,
    "half a message": _envelope(b"{}")[:-1],
    "a form": b"data=%7B%7D&sign=x",
    "gzip": gzip.compress(_envelope(b"{}")),
    "a gzip bomb": gzip.compress(b" " * 50_000_000),
    "one byte too long": b" " * (MAX_MESSAGE_BYTES + 1),
    "much too long": b" " * 3_000_000,
    "XML": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
}

characters = st.characters(exclude_categories=["Cs"], exclude_characters="\x00")
texts = st.text(characters, max_size=30)
#: What a field may hold, and much that it may not.
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(
        ["0", "-1", "01", "+1", "1.0", "1e3", " 1", "1\n", "١", "１", "0x1", "", "null"]
    )
)
nested = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)


def json_bytes(value: Any) -> bytes:
    return json.dumps(value).encode()


#: Anything that is JSON, with a preference for what looks like an envelope.
documents = nested.map(json_bytes) | st.builds(
    lambda data, sign: json_bytes({"data": data, "sign": sign}), nested, nested
)


def _retyped(value: Scalar) -> list[Any]:
    """Return other values that the signature cannot tell from this one, and some that it can."""
    number = value if isinstance(value, int) else 0
    return [str(value), float(number), number + 0.5, -number, bool(number), None, "", [value], {}]


@st.composite
def mutations(draw: st.DrawFn, data: Data) -> dict[str, Any]:
    """Return the data with one to three changes."""
    changed: dict[str, Any] = dict(data)
    for _ in range(draw(st.integers(1, 3))):
        if not changed:
            break
        name = draw(st.sampled_from(sorted(changed)))
        change = draw(st.sampled_from(_CHANGES))
        change(draw, changed, name)
    return changed


def _drop(draw: st.DrawFn, data: dict[str, Any], name: str) -> None:
    del data[name]


def _rename(draw: st.DrawFn, data: dict[str, Any], name: str) -> None:
    data[draw(st.sampled_from([name.upper(), name + " ", "x" + name, name[:-1], ""]))] = data.pop(
        name
    )


def _retype(draw: st.DrawFn, data: dict[str, Any], name: str) -> None:
    value = data[name]
    data[name] = draw(st.sampled_from(_retyped(value if isinstance(value, (int, str)) else 1)))


def _perturb(draw: st.DrawFn, data: dict[str, Any], name: str) -> None:
    value = data[name]
    if isinstance(value, int):
        data[name] = value + draw(st.sampled_from([-1, 1, 100, 2**31, 2**32, 2**63, -(2**63)]))
    else:
        data[name] = draw(st.sampled_from(["{} ", " {}", "{}\u200b", "{}{}"])).format(value, value)


def _replace(draw: st.DrawFn, data: dict[str, Any], name: str) -> None:
    data[name] = draw(nested)


def _add(draw: st.DrawFn, data: dict[str, Any], name: str) -> None:
    data[draw(texts)] = draw(scalars)


def _swap(draw: st.DrawFn, data: dict[str, Any], name: str) -> None:
    other = draw(st.sampled_from(sorted(data)))
    data[name], data[other] = data[other], data[name]


_CHANGES: list[Callable[[st.DrawFn, dict[str, Any], str], None]] = [
    *(_drop, _rename, _retype, _perturb, _replace, _add, _swap)
]
