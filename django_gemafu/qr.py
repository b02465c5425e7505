"""The picture that the customer scans. No Django: usable from any Python program."""

from __future__ import annotations

import io
from functools import lru_cache

import segno

#: The white margin in modules; scanners need it whole.
QUIET_ZONE_MODULES = 4
#: The page shows the code 264 CSS pixels wide, and phones have up to three pixels for each.
MINIMUM_WIDTH_PIXELS = 264 * 3


# Encoding takes milliseconds, and a page that is loaded again shows the same code: a kilobyte each.
@lru_cache(maxsize=1024)
def png(text: str) -> bytes:
    """Return ``text`` as a QR code: a black-on-white PNG, at least 792 pixels wide.

    Every module is a whole number of pixels, so that nothing is blurred before the browser scales
    it. WeChat recognises nothing but a raster picture when an image is pressed long.

    Raises :class:`ValueError` when the text is empty or too long for any QR code.
    """
    if not text:
        raise ValueError("There is no text to put into a QR code.")
    # micro=False: WeChat does not read Micro QR codes, and segno prefers them for short texts.
    # Bytes, always in UTF-8: left to itself, segno takes the Japanese character sets for some
    # texts, and decoders guess those wrongly.
    code = segno.make(text.encode(), error="m", mode="byte", micro=False)
    width_modules = code.symbol_size(border=QUIET_ZONE_MODULES)[0]
    buffer = io.BytesIO()
    code.save(
        buffer,
        kind="png",
        scale=-(-MINIMUM_WIDTH_PIXELS // width_modules),
        border=QUIET_ZONE_MODULES,
        dark="black",
        light="white",
    )
    return buffer.getvalue()
