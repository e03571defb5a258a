"""Files that appear whole or not at all: written under another name, then moved into place."""

from __future__ import annotations

import errno
import json
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeGuard

from ..errors import OutputError
from ..text import printable, shorten
from .unfinished import BEFORE, is_old, unfinished_folder

_ADVICE: dict[int | None, str] = {
    errno.ENOSPC: "the disk is full; free some space or choose another folder",
    errno.EDQUOT: "the disk quota is used up; free some space or choose another folder",
    errno.EFBIG: "the file is too large for this file system; choose another folder",
    errno.EROFS: "the file system is read-only; choose another folder",
    errno.EACCES: "writing there is not permitted; choose another folder",
    errno.EPERM: "writing there is not permitted; choose another folder",
    errno.ENOENT: "its folder does not exist; make it or choose another",
    errno.ENOTDIR: "a part of the path is a file, not a folder; choose another folder",
    errno.EEXIST: "a file of that name is in the way; choose another folder",
    errno.EISDIR: "a folder of that name is there; choose another name",
    errno.ELOOP: "a link on its path leads back to itself; choose another folder",
    errno.ENAMETOOLONG: "the name is too long; choose a shorter one",
}


def advice(error: OSError) -> str:
    """Say why something cannot be written and what to do, without a full stop."""
    return _ADVICE.get(error.errno, f"{error.strerror or shorten(error)}; choose another folder")


def is_full_disk(error: BaseException) -> TypeGuard[OSError]:
    """Say whether an error means that a disk, or a person's share of it, is full."""
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)


def comes_of_full_disk(error: BaseException) -> bool:
    """Say whether an error, or one that it was raised from, means that a disk is full."""
    return is_full_disk(error) or (error.__cause__ is not None and comes_of_full_disk(error.__cause__))


def output_error(path: Path, error: OSError) -> OutputError:
    """Return the error to raise where a file or folder cannot be written."""
    return OutputError(f"{printable(path)}: cannot be written: {advice(error)}.")


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give the path to write to, beside the final one and with its ending; move it into place at the end.

    Where writing fails, what is there stays as it was. Raises OutputError for an OSError.
    """
    path = Path(path)
    part = path.with_name(f".{os.getpid()}.{path.name}")
    try:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, "is a folder")
        _remove_old_parts(path)
        yield part
        os.replace(part, path)
    except OSError as error:
        raise output_error(path, error) from error
    finally:
        _quietly(part.unlink)


@contextmanager
def outputs(folder: Path) -> Iterator[Path]:
    """Give an empty folder to write a set of files to; at the end they all appear in the folder, or none does.

    The folder is made where it is missing. Files of the same name there are replaced; where anything fails they stay,
    nothing new is left behind, and OutputError is raised for an OSError. The set is flat: files, no folders.
    """
    folder = Path(folder)
    made = missing_folders(folder)
    try:
        make_folder(folder)
        with unfinished_folder(folder, "unfinished") as place:
            try:
                yield place
                _move_all(place, folder)
            except OutputError as error:
                raise OutputError(str(error).replace(str(place), str(folder))) from error
    except BaseException as error:
        for parent in made:
            _quietly(parent.rmdir)
        if isinstance(error, OSError):
            raise output_error(folder, error) from error
        raise


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, where they are missing. Raises OutputError."""
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise output_error(Path(folder), error) from error


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file whole or not at all. Raises OutputError."""
    with replacing(path) as part:
        part.write_bytes(data)


def write_json(path: Path, values: Any) -> None:
    """Write plain values as indented JSON (UTF-8), whole or not at all. Raises OutputError."""
    write_bytes(path, (json.dumps(values, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode())


def missing_folders(folder: Path) -> list[Path]:
    """Return the folders that have to be made for this one, itself first."""
    return [parent for parent in (folder, *folder.parents) if not os.path.lexists(parent)]


def _move_all(place: Path, folder: Path) -> None:
    """Move every file into the folder; where one cannot be moved, put back what was there before."""
    names = sorted(file.name for file in place.iterdir())
    before = Path(tempfile.mkdtemp(prefix=BEFORE, dir=place))
    done: list[str] = []
    try:
        for name in names:
            if (folder / name).is_dir():
                raise OutputError(f"{folder / name}: is a folder, so the output cannot be written; move it away.")
            if (folder / name).exists():
                os.replace(folder / name, before / name)
            done.append(name)
            os.replace(place / name, folder / name)
    except BaseException:
        for name in done:
            _quietly((folder / name).unlink)
            if (before / name).exists():
                os.replace(before / name, folder / name)
        raise


def _remove_old_parts(path: Path) -> None:
    """Remove what killed processes left of a file a day ago or longer."""
    part = re.compile(rf"\.\d+\.{re.escape(path.name)}")
    with suppress(OSError), os.scandir(path.parent) as entries:
        for entry in entries:
            if part.fullmatch(entry.name) and is_old(Path(entry)):
                _quietly(Path(entry).unlink)


def _quietly(action: Callable[[], object]) -> None:
    """Do what may fail for a file or folder that is no longer there or still needed."""
    try:
        action()
    except OSError:
        return
