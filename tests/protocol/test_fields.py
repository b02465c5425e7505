from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from django_gemafu.exceptions import MessageError
from django_gemafu.protocol.fields import (
    MAX_INTEGER,
    MAX_UNIX_SECONDS,
    Flag,
    Integer,
    Kind,
    Moment,
    OptionalText,
    Text,
)


@pytest.mark.parametrize(
    ("value", "number"),
    [(0, 0), (7, 7), ("0", 0), ("7", 7), (MAX_INTEGER, MAX_INTEGER), (str(MAX_INTEGER), 2**63 - 1)],
)
def test_an_integer_is_read_from_a_number_or_its_digits(value: object, number: int) -> None:
    assert Integer().read(value) == number


@pytest.mark.parametrize(
    "value",
    [
        *(1.0, 1.5, float("nan"), True, False, None, b"1", [1], -1, MAX_INTEGER + 1, 10**400),
        *("", " 1", "1 ", "1\n", "007", "00", "+1", "-1", "-0", "1e3", "0x1", "1.0", "1_0", "1,0"),
        *("١", "１", "²", "一", "NaN", str(MAX_INTEGER + 1)),
        pytest.param("9" * 5000, id="very long"),
    ],
)
def test_anything_else_is_no_integer(value: object) -> None:
    with pytest.raises(MessageError, match="must "):
        Integer().read(value)


@pytest.mark.parametrize(("value", "fits"), [(1, False), (2, True), (4, True), ("5", False)])
def test_an_integer_keeps_its_bounds(value: object, fits: bool) -> None:
    kind = Integer(minimum=2, maximum=4)
    if fits:
        assert kind.write(kind.read(value)) == value
    else:
        with pytest.raises(MessageError, match="between 2 and 4"):
            kind.read(value)


@pytest.mark.parametrize("kind", [Text(4), OptionalText(4)])
@pytest.mark.parametrize("value", ["a", "四个字符", "😀😀😀😀", " ", "a\nb", "007"])
def test_a_text_is_read_as_it_is(kind: Kind[str], value: str) -> None:
    assert kind.write(kind.read(value)) == value


@pytest.mark.parametrize("kind", [Text(4), OptionalText(4)])
@pytest.mark.parametrize(
    "value", [1, 0, 1.0, True, False, b"a", [], "five5", "a\x00", "\ud83d", "\ude00\ud83d"]
)
def test_anything_else_is_no_text(kind: Kind[str], value: object) -> None:
    with pytest.raises(MessageError, match="must "):
        kind.read(value)


@pytest.mark.parametrize("value", [None, ""])
def test_only_an_optional_text_may_be_empty(value: object) -> None:
    assert OptionalText(4).read(value) == ""
    with pytest.raises(MessageError):
        Text(4).read(value)


@pytest.mark.parametrize("value", [1555000000, "1555000000"])
def test_a_moment_is_unix_seconds_and_reads_as_aware_utc(value: object) -> None:
    moment = Moment().read(value)
    assert moment == datetime(2019, 4, 11, 16, 26, 40, tzinfo=timezone.utc)
    assert moment.utcoffset() == timedelta(0)
    assert Moment().write(moment) == 1555000000


@pytest.mark.parametrize("value", [-1, MAX_UNIX_SECONDS + 1, 1555000000000, 1.5, "now", True])
def test_a_moment_refuses_milliseconds_and_other_mistakes(value: object) -> None:
    with pytest.raises(MessageError):
        Moment().read(value)


def test_a_moment_is_written_from_any_time_zone_but_not_from_none() -> None:
    in_china = datetime(2019, 4, 12, 0, 26, 40, 999999, tzinfo=timezone(timedelta(hours=8)))
    assert Moment().write(in_china) == 1555000000
    with pytest.raises(MessageError, match="aware"):
        Moment().write(in_china.replace(tzinfo=None))


@pytest.mark.parametrize(
    ("value", "truth"),
    [
        *((false, False) for false in (None, False, 0, 0.0, "", "0")),
        *((true, True) for true in (True, 1, -1, 0.1, "1", "00", "0.0", " ", "false", "免")),
    ],
)
def test_a_flag_is_truthy_in_the_sense_of_php(value: object, truth: bool) -> None:
    assert Flag().read(value) is truth
    assert Flag().read(Flag().write(truth)) is truth


def test_a_kind_says_how_it_reads_and_writes() -> None:
    kind: Kind[object] = Kind()
    with pytest.raises(NotImplementedError):
        kind.read("")
    with pytest.raises(NotImplementedError):
        kind.write("")
