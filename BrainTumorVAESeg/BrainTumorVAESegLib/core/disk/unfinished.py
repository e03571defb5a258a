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

ALIVE = ".alive"
"""File of an unfinished folder that its process holds locked."""
BEFORE = "before-"
"""How a folder in it begins that keeps the files which the new ones replace."""
_NAME = re.compile(r"\.(unfinished|installing|writing|exporting)-[0-9a-z_]{8,12}")
_YOUNG_S = 60.0
"""A folder this new may not be locked yet by whoever makes it."""
_OLD_S = 24 * 3600.0
"""Without a lock that tells, what nobody has touched for so long is nobody's."""


@contextmanager
def unfinished_folder(parent: Path, purpose: str) -> Iterator[Path]:
    """Give an empty hidden folder in parent, a folder; it goes at the end with what is left in it.

    What killed processes left of such folders goes as well. `ALIVE` in it belongs to this module. Raises OSError.
    """
    remove_abandoned(parent)
    # Not tempfile.mkdtemp: its folders are closed to others, and a package may be meant for all of a machine.
    folder = parent / f".{purpose}-{uuid.uuid4().hex[:12]}"
    folder.mkdir()
    lock: Lock | None = None
    try:
        lock = Lock(folder / ALIVE)
        yield folder
    finally:
        if lock is not None:
            lock.release()
        shutil.rmtree(folder, ignore_errors=True)


def remove_abandoned(parent: Path) -> None:
    """Remove the unfinished folders in a folder whose process has surely ended; nothing is raised."""
    with suppress(OSError), os.scandir(parent) as entries:
        found = [
            Path(entry) for entry in entries if _NAME.fullmatch(entry.name) and entry.is_dir(follow_symlinks=False)
        ]
        for folder in found:
            with suppress(OSError):
                if _is_abandoned(folder):
                    _put_back(folder, parent)
                    shutil.rmtree(folder, ignore_errors=True)


def is_old(path: Path) -> bool:
    """Say whether nobody has touched a file or folder for a day. Raises OSError."""
    return time.time() - os.lstat(path).st_mtime > _OLD_S


def _put_back(folder: Path, parent: Path) -> None:
    """Move back what was set aside for files that never came: the process was killed between the two moves."""
    for before in folder.glob(f"{BEFORE}*/*"):
        if not os.path.lexists(parent / before.name):
            os.replace(before, parent / before.name)


def _is_abandoned(folder: Path) -> bool:
    if time.time() - os.lstat(folder).st_mtime < _YOUNG_S:
        return False
    try:
        lock = Lock(folder / ALIVE, create=False)
    except LockTakenError:
        return False
    except FileNotFoundError:
        return is_old(folder)
    real = lock.is_real
    lock.release()
    return real or is_old(folder)
