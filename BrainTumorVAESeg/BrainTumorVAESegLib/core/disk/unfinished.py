"""Hidden folders in which work is done until it is moved into place; those of killed processes are removed."""

from __future__ import annotations

import os
import re
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .locks import Lock, LockTakenError

BEFORE = "before-"
"""How a folder in it begins that keeps the files which the new ones replace."""
PURPOSES = ("unfinished", "installing", "writing", "exporting", "sharing", "calibrating", "shipping", "optimizing")
"""What such folders are made for; their names begin with it."""
_LOCK = ".lock"
"""How the file beside such a folder ends that its process holds locked: beside, for the folder is moved whole."""
_NAME = re.compile(rf"\.({'|'.join(PURPOSES)})-[0-9a-z_]{{8,12}}")
_YOUNG_S = 60.0
"""A file this new may not be locked yet by whoever makes it."""
_OLD_S = 24 * 3600.0
"""Without a lock that tells, what nobody has touched for so long is nobody's."""


@contextmanager
def unfinished_folder(parent: Path, purpose: str) -> Iterator[Path]:
    """Give an empty hidden folder in parent, a folder; it goes at the end with what is left in it.

    purpose: one of `PURPOSES`. The folder may be moved elsewhere whole. What killed processes left of such folders goes
    as well. Raises OSError.
    """
    if purpose not in PURPOSES:
        raise ValueError(f"{purpose} is none of {', '.join(PURPOSES)}, whose folders are found again")
    remove_abandoned(parent)
    # Not tempfile.mkdtemp: its folders are closed to others, and a package may be meant for all of a machine.
    folder = parent / f".{purpose}-{uuid.uuid4().hex[:12]}"
    lock = Lock(_lock_of(folder))
    try:
        folder.mkdir()
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        lock.release()


def remove_abandoned(parent: Path) -> None:
    """Remove the unfinished folders in a folder whose process has surely ended; nothing is raised."""
    with suppress(OSError), os.scandir(parent) as entries:
        names = {entry.name.removesuffix(_LOCK) for entry in entries if not entry.is_symlink()}
        for folder in (parent / name for name in names if _NAME.fullmatch(name)):
            with suppress(OSError):
                _remove_if_abandoned(folder, parent)


def is_old(path: Path) -> bool:
    """Say whether nobody has touched a file or folder for a day. Raises OSError."""
    return time.time() - os.lstat(path).st_mtime > _OLD_S


def _put_back(folder: Path, parent: Path) -> None:
    """Move back what was set aside for files that never came: the process was killed between the two moves."""
    for before in folder.glob(f"{BEFORE}*/*"):
        if not os.path.lexists(parent / before.name):
            os.replace(before, parent / before.name)


def _remove_if_abandoned(folder: Path, parent: Path) -> None:
    """Remove a folder, whose lock may be left alone, unless its process lives or cannot be told to have ended."""
    path = _lock_of(folder)
    if not os.path.lexists(path):
        if is_old(folder):
            _remove(folder, parent)
        return
    if time.time() - os.lstat(path).st_mtime < _YOUNG_S:
        return
    try:
        lock = Lock(path, create=False)
    except LockTakenError:
        return
    if lock.is_real or is_old(path):
        _remove(folder, parent)
    lock.release()


def _remove(folder: Path, parent: Path) -> None:
    _put_back(folder, parent)
    shutil.rmtree(folder, ignore_errors=True)


def _lock_of(folder: Path) -> Path:
    return folder.with_name(folder.name + _LOCK)
