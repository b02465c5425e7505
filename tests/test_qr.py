from __future__ import annotations

import io
import struct

import pytest

from django_gemafu.qr import MINIMUM_WIDTH_PIXELS, png

PAYMENT_TEXT = "wxp://f2f0Kx9Zq3vT7nB1mL5pR8sW2yU6cE4aD0gH"


def width_and_height(picture: bytes) -> tuple[int, int]:
    width, height = struct.unpack(">II", picture[16:24])
    return width, height


def test_it_is_a_square_png_that_is_crisp_on_a_3x_screen() -> None:
    picture = png(PAYMENT_TEXT)

    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = width_and_height(picture)
    assert width == height
    assert MINIMUM_WIDTH_PIXELS <= width < 2 * MINIMUM_WIDTH_PIXELS


def test_it_is_small() -> None:
    assert len(png(PAYMENT_TEXT)) < 2_000


def test_it_is_black_on_white_without_transparency() -> None:
    picture = png(PAYMENT_TEXT)

    assert picture[24:26] == b"\x01\x00"  # one bit a pixel, greyscale: nothing but black and white
    assert b"tRNS" not in picture


def test_the_same_text_gives_the_same_picture() -> None:
    assert png(PAYMENT_TEXT) == png(PAYMENT_TEXT)
    assert png(PAYMENT_TEXT) != png(PAYMENT_TEXT + "1")


@pytest.mark.parametrize("text", ["", "x" * 2332])
def test_what_no_code_can_hold_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"no text|too large"):
        png(text)


@pytest.mark.parametrize(
    "text",
    [
        PAYMENT_TEXT,
        "1",  # would fit a Micro QR code, which WeChat does not read
        "https://shop.example/pay?amount=12.50&note=支付",
        "日本語",  # would become a Kanji segment
        "x" * 600,
    ],
)
def test_a_scanner_reads_it(text: str) -> None:
    zxingcpp = pytest.importorskip("zxingcpp")
    image = pytest.importorskip("PIL.Image")

    (found,) = zxingcpp.read_barcodes(image.open(io.BytesIO(png(text))))

    assert found.text == text
    assert found.format == zxingcpp.BarcodeFormat.QRCode
    assert found.ec_level in ("M", "Q", "H")


def test_the_quiet_zone_is_four_modules_wide() -> None:
    image = pytest.importorskip("PIL.Image")
    picture = image.open(io.BytesIO(png(PAYMENT_TEXT))).convert("L")

    left, top, right, bottom = picture.point(lambda grey: 255 - grey).getbbox()

    width = picture.width
    # The symbol is 29 modules wide (version 3), 37 with its margin: 22 pixels each.
    assert (left, top, width - right, width - bottom) == (88, 88, 88, 88)
