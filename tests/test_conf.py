from __future__ import annotations

import os
import traceback
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.conf import settings
from django.test import override_settings

from django_gemafu.conf import KEYS, Settings, conf, unknown_keys
from django_gemafu.exceptions import ConfigurationError
from django_gemafu.protocol.client import GATEWAY_URL

PATH = "/again/{reference}/"
URL = "http://[::1]:9/pay?x=1"
DEFAULTS = {
    "order_again_url": "",
    "gateway_url": GATEWAY_URL,
    "connect_timeout_seconds": 3.0,
    "read_timeout_seconds": 10.0,
    "poll_timeout_seconds": 2.0,
    "check_interval": timedelta(seconds=10),
    "max_amount_shift_fen": 100,
    "sandbox_order_lifetime": timedelta(minutes=5),
    "sandbox_retry_delays_seconds": (2.0, 5.0, 15.0, 60.0, 300.0),
}


class Sample(NamedTuple):
    name: str
    key: str
    in_dict: Any
    in_environment: str
    read: Any


SAMPLES = [
    Sample("merchant_id", "MERCHANT_ID", 77, "77", 77),
    Sample("secret_keys", "SECRET_KEY", ["new", "old"], "new, old,", ["new", "old"]),
    Sample("secret_keys", "SECRET_KEY", "only", "only", ["only"]),
    Sample("secret_key", "SECRET_KEY", ("new", "old"), "new,old", "new"),
    Sample("app_name", "APP_NAME", "小店", "小店", "小店"),
    Sample("site_url", "SITE_URL", "http://a.b:80/", "http://a.b:80", "http://a.b:80"),
    Sample(
        "order_again_url",
        "ORDER_AGAIN_URL",
        "/o/{reference}/",
        "/o/{reference}/",
        "/o/{reference}/",
    ),
    Sample(
        "order_again_url",
        "ORDER_AGAIN_URL",
        "https://a.b/?o=1",
        "https://a.b/?o=1",
        "https://a.b/?o=1",
    ),
    Sample("gateway_url", "GATEWAY_URL", URL, URL, URL),
    Sample("connect_timeout_seconds", "CONNECT_TIMEOUT_SECONDS", 1, "1", 1.0),
    Sample("read_timeout_seconds", "READ_TIMEOUT_SECONDS", 0.5, "0.5", 0.5),
    Sample("poll_timeout_seconds", "POLL_TIMEOUT_SECONDS", "2.5", "2.5", 2.5),
    Sample("check_interval", "CHECK_INTERVAL_SECONDS", 90, "90", timedelta(seconds=90)),
    Sample("max_amount_shift_fen", "MAX_AMOUNT_SHIFT_FEN", 0, "0", 0),
    Sample(
        "sandbox_order_lifetime", "SANDBOX_ORDER_LIFETIME_SECONDS", 60, "60", timedelta(minutes=1)
    ),
    Sample(
        "sandbox_retry_delays_seconds",
        "SANDBOX_RETRY_DELAYS_SECONDS",
        [1, 2.5],
        "1, 2.5",
        (1.0, 2.5),
    ),
]
samples = pytest.mark.parametrize("sample", SAMPLES)
REQUIRED = [
    ("merchant_id", "MERCHANT_ID"),
    ("secret_keys", "SECRET_KEY"),
    ("secret_key", "SECRET_KEY"),
    ("app_name", "APP_NAME"),
    ("site_url", "SITE_URL"),
]
BAD_COUNTS = ["s3cret", "", " 1", "1.0", 1.0, True, -1, "-1", [1], "１", "9" * 19]
BAD_SECONDS = ["s3cret", "", 0, "0", -1, float("nan"), float("inf"), 1e300, [], object]
BAD_TEXTS = ["", " ", 5, b"s3cret", ["s3cret"]]
BAD_SECRETS: list[Any] = ["", " ", [], (), 5, b"s3cret", {"s3cret"}, {"s3cret": 1}, [["s3cret"]]]
BAD_SECRETS += ["s3cret\n", "s3cret\x00", "s3cret\ud800", ["s3cret", ""], ["s3cret", None]]
BAD_ADDRESSES = ["a.example/pay", "ftp://a.example", "https://", "https:///pay", "//a.example"]
BAD_ADDRESSES += ["https://[::1/", "https://a.b:port/", "https://a.b:99999", "https://a.b:0/"]
BAD_ORIGINS = ["https://a.example/shop", "https://a.example/?x=1", "https://a.example/#x"]
#: What a refusal asks for, of which settings, and the values that earn it.
REFUSALS: list[tuple[str, list[str], list[Any]]] = [
    ("a whole number of", ["merchant_id", "max_amount_shift_fen"], BAD_COUNTS),
    ("a whole number above 0", ["merchant_id"], [0, "0"]),
    ("a printable text, or a list of them with the newest first", ["secret_key"], BAD_SECRETS),
    ("a text", ["app_name", "site_url", "gateway_url"], BAD_TEXTS),
    ("an address that starts with https://", ["site_url", "gateway_url"], BAD_ADDRESSES),
    (
        "a path that starts with /, or an address",
        ["order_again_url"],
        [*BAD_TEXTS, *BAD_ADDRESSES, "/\\a.example", "shop:again", "javascript:alert(1)"],
    ),
    ("scheme and host alone", ["site_url"], BAD_ORIGINS),
    (
        "a number of seconds above 0, and at most a year",
        [name for name in DEFAULTS if name.endswith(("timeout_seconds", "interval", "lifetime"))],
        BAD_SECONDS,
    ),
    ("a list of numbers", ["sandbox_retry_delays_seconds"], [5, "12", {1: 2}]),
    ("a number of seconds", ["sandbox_retry_delays_seconds"], [[1, 0], ["s3cret"], [[1]]]),
]
BAD = [
    pytest.param(name, words, value, id=f"{name}-{number}")
    for words, names, values in REFUSALS
    for name in names
    for number, value in enumerate(values)
]
KEY_OF = {sample.name: sample.key for sample in SAMPLES}


@pytest.fixture(autouse=True)
def gemafu(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """Start with nothing set anywhere, whatever this machine's environment says."""
    for name in list(os.environ):
        if name.startswith("GEMAFU_"):
            monkeypatch.delenv(name)
    with override_settings(GEMAFU={}):
        yield settings.GEMAFU


def read(name: str) -> Any:
    return getattr(conf, name)


def refusal(name: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        read(name)
    assert "s3cret" not in "".join(traceback.format_exception(caught.value))
    return str(caught.value)


@samples
def test_a_setting_is_read_from_the_dict_first(
    monkeypatch: pytest.MonkeyPatch, gemafu: dict[str, Any], sample: Sample
) -> None:
    monkeypatch.setenv(f"GEMAFU_{sample.key}", "-")
    gemafu[sample.key] = sample.in_dict
    assert read(sample.name) == sample.read


@samples
@pytest.mark.parametrize("none_in_dict", [True, False])
def test_then_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, gemafu: dict[str, Any], sample: Sample, none_in_dict: bool
) -> None:
    if none_in_dict:
        gemafu[sample.key] = None
    monkeypatch.setenv(f"GEMAFU_{sample.key}", f" {sample.in_environment} ")
    assert read(sample.name) == sample.read


@samples
def test_or_from_the_file_that_the_environment_names(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, sample: Sample
) -> None:
    (tmp_path / "value").write_text(f"{sample.in_environment}\n", encoding="utf-8")
    monkeypatch.setenv(f"GEMAFU_{sample.key}", "-")
    monkeypatch.setenv(f"GEMAFU_{sample.key}_FILE", str(tmp_path / "value"))
    assert read(sample.name) == sample.read


@pytest.mark.parametrize(("name", "value"), DEFAULTS.items())
def test_most_settings_have_a_default(name: str, value: object) -> None:
    assert read(name) == value


@pytest.mark.parametrize(("name", "key"), REQUIRED)
@pytest.mark.parametrize("blank", ["", " ", None])
def test_the_others_must_be_set_and_the_error_says_where(
    monkeypatch: pytest.MonkeyPatch, name: str, key: str, blank: str | None
) -> None:
    if blank is not None:
        monkeypatch.setenv(f"GEMAFU_{key}", blank)
    message = refusal(name)
    assert message.startswith(f"GEMAFU['{key}'] is missing. Set it there, or as GEMAFU_{key} or ")


def test_a_missing_dict_is_an_empty_one() -> None:
    del settings.GEMAFU
    assert conf.gateway_url == GATEWAY_URL
    assert unknown_keys() == []


@pytest.mark.parametrize("value", [None, [], "s3cret", (("MERCHANT_ID", 1),)])
def test_the_setting_must_be_a_dict(value: object) -> None:
    with override_settings(GEMAFU=value):
        assert refusal("gateway_url").startswith("The GEMAFU setting must be a dict")


@pytest.mark.parametrize(("name", "words", "value"), BAD)
def test_a_bad_value_is_refused_with_what_to_do_and_never_shown(
    gemafu: dict[str, Any], name: str, words: str, value: object
) -> None:
    gemafu[KEY_OF[name]] = value
    assert refusal(name).startswith(f"GEMAFU['{KEY_OF[name]}'] must be {words}")


@pytest.mark.parametrize("value", ["$s3cret", "\\$s3cret", "s3=cret;#", "'s3cret'", "密钥"])
def test_a_secret_from_the_environment_is_taken_literally(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("GEMAFU_SECRET_KEY", value)
    assert conf.secret_key == value


def test_an_environment_that_is_no_utf_8_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEMAFU_SECRET_KEY", os.fsdecode(b"s3cret\xff"))
    assert "must be a printable text" in refusal("secret_key")


@pytest.mark.parametrize("unreadable", ["missing", "directory"])
def test_a_file_that_cannot_be_read_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, unreadable: str
) -> None:
    path = tmp_path if unreadable == "directory" else tmp_path / "missing"
    monkeypatch.setenv("GEMAFU_MERCHANT_ID_FILE", str(path))
    message = refusal("merchant_id")
    assert message.startswith("GEMAFU_MERCHANT_ID_FILE names a file that cannot be read: ")
    assert str(path) in message


def test_a_file_that_is_no_text_is_named_and_not_shown(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "key").write_bytes(b"s3cret\xff")
    monkeypatch.setenv("GEMAFU_SECRET_KEY_FILE", str(tmp_path / "key"))
    assert refusal("secret_key").startswith("GEMAFU_SECRET_KEY_FILE names a file that is no text")


def test_settings_are_read_when_they_are_asked_for() -> None:
    for number in (1, 2):
        with override_settings(GEMAFU={"MERCHANT_ID": number}):
            assert conf.merchant_id == number


def test_a_secret_that_changes_in_its_file_is_the_new_one_at_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GEMAFU_SECRET_KEY_FILE", str(tmp_path / "key"))
    for secret in ("old", "new"):
        (tmp_path / "key").write_text(secret)
        assert conf.secret_key == secret


def test_every_key_has_a_property_and_a_sample_here() -> None:
    properties = {name for name, each in vars(Settings).items() if isinstance(each, property)}
    assert {sample.name for sample in SAMPLES} == properties
    assert {sample.key for sample in SAMPLES} == KEYS
    assert {name for name, _ in REQUIRED} | set(DEFAULTS) == properties


@override_settings(GEMAFU={"MERCHANT_ID": 1, "SECRET": "s3cret", "merchant_id": 1, 7: 7})
def test_misspelt_keys_are_found() -> None:
    assert unknown_keys() == ["7", "SECRET", "merchant_id"]
