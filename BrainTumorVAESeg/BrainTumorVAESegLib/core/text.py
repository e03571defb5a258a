"""Foreign text made fit to be quoted in a message: short, on one line, and printable."""

from __future__ import annotations

import os
from pathlib import Path

QUOTED = 80
"""How many characters of a foreign value a message quotes."""


def shorten(text: object, limit: int = QUOTED) -> str:
    """Return at most limit characters of a value's text on one line, and how long it is where that is not all of it.

    What cannot be printed, such as line ends, a terminal's commands or bytes that are no UTF-8, is spelled out.
    """
    whole = text if isinstance(text, str) else str(text)
    start = "".join(char if char.isprintable() else _spelled(char) for char in whole[:limit])
    if len(whole) <= limit and len(start) <= limit:
        return start
    return f"{start[:limit].rstrip()}... ({len(whole)} characters)"


def printable(path: Path | str) -> str:
    """Return a path as it can be printed and written anywhere: bytes of it that are no UTF-8 are spelled out."""
    return os.fspath(path).encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _spelled(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")
