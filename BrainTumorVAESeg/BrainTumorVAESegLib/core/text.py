"""Foreign text made fit to be quoted in a message: short, on one line, and printable."""

from __future__ import annotations

import os
from pathlib import Path

QUOTED = 80
"""How many characters of a foreign value a message quotes."""
_LONGEST_PATH = 4096


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
    """Return a path as it can be printed and written anywhere: what is no letter or sign of UTF-8 is spelled out.

    It is told whole, since its end is the file's own name; of what no file system takes, the middle is left out.
    """
    text = os.fspath(path)
    if len(text) > _LONGEST_PATH:
        text = f"{text[:QUOTED]}...{text[-QUOTED:]}"
    return "".join(char if char.isprintable() else _spelled(char) for char in text)


def _spelled(char: str) -> str:
    if "\udc80" <= char <= "\udcff":  # how Python keeps a byte of a path that is no UTF-8
        return f"\\x{ord(char) - 0xDC00:02x}"
    return char.encode("unicode_escape").decode("ascii")
