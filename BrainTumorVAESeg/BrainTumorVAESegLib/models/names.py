"""Names of packages and of the files inside them, safe on every platform."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from ..core.errors import PackageError
from ..core.text import shorten

FILE_KINDS: tuple[str, ...] = (".safetensors", ".json", ".md", ".txt", ".png")
"""Endings of the files that a package may hold, beside `LICENSE`: none of them is ever run."""
LEFT_BY_SYSTEMS: tuple[str, ...] = (".DS_Store", "Thumbs.db", "desktop.ini")
"""Files that macOS and Windows put into folders that a person looks at; they are never read."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))}


def is_name(text: str) -> bool:
    """Say whether a text can name a package or one of its files: letters, digits, `.`, `_` and `-`, at most 64.

    It starts with a letter or digit, does not end with a dot, and is no device's name on Windows.
    """
    return bool(_NAME.fullmatch(text)) and not text.endswith(".") and text.split(".")[0].lower() not in _RESERVED


def check_name(name: str) -> str:
    """Return a package's name. Raises PackageError where it cannot be a folder's name everywhere."""
    if not is_name(name):
        given = shorten(repr(name))
        raise PackageError(f"{given} cannot name a package; use at most 64 letters, digits, dots, dashes, underscores.")
    return name


def check_member(path: str, where: str) -> PurePosixPath:
    """Return a file's path inside a package, relative, with forward slashes.

    Raises PackageError (naming where) on an absolute path, a drive letter, a backslash, `..`, a name that is not safe
    everywhere, or a kind of file that packages do not hold.
    """
    parts = path.split("/")
    if not 1 <= len(parts) <= 8 or not all(is_name(part) for part in parts):
        raise PackageError(
            f"{where}: {shorten(repr(path))} is no safe path inside a package; get the package from its source again."
        )
    member = PurePosixPath(*parts)
    if member.suffix.lower() not in FILE_KINDS and member.name != "LICENSE":
        given = shorten(repr(path))
        raise PackageError(
            f"{where}: {given} is not a kind of file that packages hold ({', '.join(FILE_KINDS)}, LICENSE)."
        )
    return member
