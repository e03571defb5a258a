"""Output names that a process claims before it computes, so that no other one replaces its result, nor it theirs."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..errors import OutputError
from .files import missing_folders, output_error
from .locks import Lock, LockTakenError


@contextmanager
def claim(folder: Path, name: str) -> Iterator[None]:
    """Hold a name in a folder, which is made where it is missing, as this process's own.

    The claim is a hidden file that is held locked: it ends with the process, and one that a killed process left behind
    holds nobody up. Where the file system knows no locks, nothing is claimed. At the end the file goes, and folders
    that were made for it and are still empty. Raises OutputError where another process holds the name, or the folder
    cannot be written.
    """
    folder = Path(folder)
    made = missing_folders(folder)
    try:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            lock = _take(folder / f".{name}.claimed")
        except LockTakenError as error:
            raise OutputError(
                f"{folder / name}: another process is writing this at the moment; wait for it, or choose another "
                "folder or name."
            ) from error
        except OSError as error:
            raise output_error(folder, error) from error
        try:
            yield
        finally:
            if lock is not None:
                lock.release()
    finally:
        for parent in made:
            with suppress(OSError):
                os.rmdir(parent)


def _take(path: Path) -> Lock | None:
    try:
        return Lock(path)
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:  # the name itself is held to that by whoever writes it
            return None
        raise
