"""The same signed text in other fields: what a signature without separators cannot rule out."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping

from hypothesis import strategies as st

from django_gemafu.protocol.signing import Scalar

Fields = dict[str, str]

NAMES = ["appname", "body", "f_url", "m_oid", "money", "orderid", "payid", "pubtime", "userid"]
_OPTIONAL = {"body", "f_url"}


def text_of(data: Mapping[str, Scalar]) -> str:
    """Return what is signed, without the secret. For texts and whole numbers alone."""
    return "".join(f"{name}{data[name]}" for name in sorted(data))


def retyped(fields: Fields) -> dict[str, Scalar]:
    """Return the fields with numbers for digits, as a forger sends them."""
    plain = {"orderid", "payid", "pubtime", "money"}
    return {
        name: int(value)
        if name in plain and value.isdecimal() and str(int(value)) == value
        else value
        for name, value in fields.items()
    }


@st.composite
def any_split(draw: st.DrawFn, text: str) -> Fields:
    """Cut the text anywhere, as long as the names ascend."""
    fields: Fields = {}
    previous = ""
    while text:
        sizes = [size for size in range(1, min(len(text), 12) + 1) if text[:size] > previous]
        if not sizes:  # no name may start here: it all belongs to the value before
            fields[previous] = fields.get(previous, "") + text
            break
        size = draw(st.sampled_from(sizes))
        previous, text = text[:size], text[size:]
        size = draw(st.integers(0, len(text)))
        fields[previous], text = text[:size], text[size:]
    return fields


def moved(fields: Fields) -> Iterator[Fields]:
    """Move each single boundary to every other place that keeps the order."""
    text, names = text_of(fields), sorted(fields)
    ends = list(itertools.accumulate(len(part) for name in names for part in (name, fields[name])))
    for index, old in enumerate(ends[:-1]):
        lowest = ends[index - 1] if index else 0
        for new in range(lowest, ends[index + 1] + 1):
            cuts = [0, *ends[:index], new, *ends[index + 1 :]]
            parts = [text[start:end] for start, end in itertools.pairwise(cuts)]
            split = dict(zip(parts[::2], parts[1::2], strict=True))
            if new != old and len(split) == len(names) and text_of(split) == text:
                yield split


def forgeries(text: str) -> Iterator[Fields]:
    """Read messages out of the text: names wherever they stand, and at most one value cut short.

    What is cut off becomes a field that nobody knows.
    """
    for fields in _readings(text):
        yield fields
        names = sorted(fields)
        for name, following in itertools.zip_longest(names, names[1:]):
            for size in range(len(fields[name])):
                yield from _cut(fields, name, size, following)


@st.composite
def any_forgery(draw: st.DrawFn, text: str) -> Fields | None:
    """Return one such message with any number of values cut short; ``None`` if there is none."""
    readings = list(itertools.islice(_readings(text), 200))
    if not readings:
        return None
    fields = draw(st.sampled_from(readings))
    names = sorted(fields)
    for name, following in itertools.zip_longest(names, names[1:]):
        if fields[name] and draw(st.booleans()):
            size = draw(st.integers(0, len(fields[name]) - 1))
            fields = next(_cut(fields, name, size, following), fields)
    return fields


def _readings(text: str) -> Iterator[Fields]:
    places = [
        [at for at in range(len(text)) if text.startswith(name, at)]
        + ([-1] if name in _OPTIONAL else [])
        for name in NAMES
    ]
    for chosen in itertools.product(*places):
        starts = [(at, name) for at, name in zip(chosen, NAMES, strict=True) if at >= 0]
        if any(at + len(name) > later for (at, name), (later, _) in itertools.pairwise(starts)):
            continue
        ends = [at for at, _ in starts[1:]] + [len(text)]
        first = starts[0][0]
        lead = {text[:1]: text[1:first]} if first else {}
        fields = lead | {
            name: text[at + len(name) : end] for (at, name), end in zip(starts, ends, strict=True)
        }
        if text_of(fields) == text:
            yield fields


def _cut(fields: Fields, name: str, size: int, following: str | None) -> Iterator[Fields]:
    """Make what is behind ``size`` characters of a value a field of its own, if it can be one."""
    value, rest = fields[name][:size], fields[name][size:]
    for length in range(1, len(rest) + 1):
        further = rest[:length]
        if name < further and (following is None or further < following):
            yield {**fields, name: value, further: rest[length:]}
            return
