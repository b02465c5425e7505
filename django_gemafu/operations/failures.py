"""What the story keeps of a receiver's failure."""

from __future__ import annotations

import traceback

#: The end of a traceback is the part that tells.
_TRACEBACK_LENGTH = 4000


def failure_facts(error: BaseException) -> dict[str, str]:
    """Return the error and where it came from, for :meth:`Order.record`."""
    trace = "".join(traceback.format_exception(error))[-_TRACEBACK_LENGTH:]
    return {
        "error": _storable(f"{type(error).__name__}: {error}")[:500],
        "traceback": _storable(trace),
    }


def _storable(text: str) -> str:
    """Return the text without what PostgreSQL's JSON cannot hold."""
    return text.replace("\x00", "").encode(errors="replace").decode()
