"""What an examination found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "warning", "problem"]


@dataclass(frozen=True)
class Finding:
    """``detail`` says what is so, ``advice`` what to do about it.

    ``code`` is for programs, and stays; the texts are for people.
    """

    code: str
    level: Level
    title: str
    detail: str = ""
    advice: str = ""


#: By code: the level, what is so, why that matters, what to do.
Catalogue = Mapping[str, tuple[Level, str, str, str]]
