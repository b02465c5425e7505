"""Whatever a message holds, it arrives as it was sent."""

from __future__ import annotations

import dataclasses
import string
from datetime import datetime, timezone

from hypothesis import given, settings
from hypothesis import strategies as st

from django_gemafu.protocol.fields import Flag, Integer, Moment, OptionalText, Text
from django_gemafu.protocol.messages import Envelope, Message
from django_gemafu.protocol.signing import verify
from tests.protocol.examples import EXAMPLES, SECRET


def texts(max_length: int, *, min_length: int = 1) -> st.SearchStrategy[str]:
    characters = st.characters(exclude_categories=["Cs"], exclude_characters="\x00")
    return st.text(characters, min_size=min_length, max_size=min(max_length, 40))


def values(kind: object) -> st.SearchStrategy[object]:
    if isinstance(kind, Integer):
        return st.integers(kind.minimum, kind.maximum)
    if isinstance(kind, Text):
        return texts(kind.max_length, min_length=0 if isinstance(kind, OptionalText) else 1)
    if isinstance(kind, Flag):
        return st.booleans()
    assert isinstance(kind, Moment)
    return st.integers(0, 2**32 - 1).map(lambda at: datetime.fromtimestamp(at, timezone.utc))


def messages(kind: type[Message]) -> st.SearchStrategy[Message]:
    plain = (
        st.none()
        | st.booleans()
        | st.integers()
        | texts(40)
        | st.floats(allow_nan=False, allow_infinity=False)
    )
    extra = st.dictionaries(st.text(string.ascii_uppercase, min_size=1), plain, max_size=3)
    known = {
        each.name: values(each.metadata["kind"])
        for each in dataclasses.fields(kind)
        if "kind" in each.metadata
    }
    return st.builds(kind, extra=extra, **known)


@settings(deadline=None)
@given(st.one_of([messages(kind) for kind in EXAMPLES]))
def test_every_message_survives_the_wire_and_its_signature_too(message: Message) -> None:
    received = Envelope.parse(Envelope.seal(message, SECRET).to_json())
    assert verify(received.data, received.sign, SECRET)
    assert type(message).parse(received.data) == message
