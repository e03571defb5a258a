"""The kinds of inputs that are tried: each a module beside this one that has a function `attempt`.

    def attempt(seed: int, folder: Path, shared: Path) -> str | None

makes the seed's input in an empty folder and gives it to the library. It returns None where the library took it, or a
word for what is wrong with that, and raises what the library raises. Equal seeds make equal inputs. shared: a folder
that the seeds of one process share, for what is made once (see `once`).
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path

KINDS: dict[str, str] = {
    "images": "fuzzing.images",
    "packages": "fuzzing.packages",
    "recipes": "fuzzing.recipes",
    "messages": "fuzzing.messages",
}
"""Name on the command line -> module. A further kind is one more line."""

Attempt = Callable[[int, Path, Path], str | None]


def find_kind(name: str) -> Attempt:
    """Return what tries an input of a kind; its module is imported only now."""
    attempt: Attempt = importlib.import_module(KINDS[name]).attempt
    return attempt


def once(shared: Path, name: str, make: Callable[[Path], object]) -> Path:
    """Return a folder in the shared one that a function filled the first time it was asked for."""
    folder = shared / name
    if not folder.exists():
        folder.mkdir(parents=True)
        make(folder)
    return folder
