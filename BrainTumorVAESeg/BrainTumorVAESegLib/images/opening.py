"""Image files opened safely: regular files alone, and the true cause where one cannot be opened."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from ..core.disk.paths import path_fault
from ..core.errors import InputError
from ..core.modalities import IMAGE_SUFFIXES, is_image_name
from ..core.text import printable

SUFFIXES = ", ".join(IMAGE_SUFFIXES)
_CAUSES = {
    errno.ENOENT: "no such file; check the path",
    errno.ENOTDIR: "no such file, since a part of its path is no folder; check the path",
    errno.EACCES: "may not be read; check who may read it and its folders",
    errno.EPERM: "may not be read; check who may read it and its folders",
    errno.ELOOP: "is a link that leads back to itself; check the link",
    errno.ENAMETOOLONG: "no such file, since the name is too long for one; check the path",
    errno.EISDIR: f"is a folder; give an image file ({SUFFIXES})",
}


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """Open a regular file to read its bytes. Raises InputError, naming the file and the cause, for all else.

    Nothing is waited for: a named pipe or a device is refused, however it came to the name. An OSError while it is
    read is an InputError too.
    """
    stream = _open(path)
    with stream:
        try:
            yield stream
        except OSError as error:
            raise read_error(path, error) from error


@contextmanager
def searched(path: Path) -> Iterator[None]:
    """Raise what a folder that is looked through gives (no permission, a disk that fails) as an InputError."""
    try:
        yield
    except OSError as error:
        raise read_error(Path(error.filename or path), error) from error


def read_error(path: Path, error: OSError) -> InputError:
    """Return the error to raise where a file cannot be opened or read."""
    cause = _CAUSES.get(error.errno or 0, f"cannot be read ({error.strerror or error}); check the file")
    return InputError(f"{printable(path)}: {cause}.")


def require_image_file(path: Path) -> None:
    """Raise InputError unless a path is that of a regular file that is not empty and ends like an image's."""
    if fault := path_fault(path):
        raise InputError(f"{printable(path)}: {fault}.")
    try:
        mode = os.stat(path)
    except OSError as error:
        if error.errno == errno.ENOENT and path.is_symlink():
            target = printable(os.readlink(path))
            raise InputError(f"{path}: is a link to {target}, which does not exist; check the link.") from error
        raise read_error(path, error) from error
    if stat.S_ISDIR(mode.st_mode):
        dicom = " of DICOM files, which segment --dicom takes as a whole study" if holds_dicom(path) else ""
        raise InputError(f"{path}: is a folder{dicom}; give an image file ({SUFFIXES}).")
    if not stat.S_ISREG(mode.st_mode):
        raise InputError(f"{path}: is no regular file but a pipe or device; give an image file ({SUFFIXES}).")
    if not is_image_name(path):
        advice = "convert the series to NIfTI first" if _is_dicom(path) else f"give one of {SUFFIXES}"
        kind = "is a DICOM file" if _is_dicom(path) else "is not an image that can be read"
        raise InputError(f"{path}: {kind}; {advice}.")
    if mode.st_size == 0:
        raise InputError(f"{path}: is empty (0 bytes); copy or export it again.")


def no_folder(path: Path) -> str:
    """Say of a path that is no folder what it is, without a full stop."""
    return "is a file, no folder" if path.is_file() else "no such folder"


def image_files(folder: Path) -> list[Path]:
    """Return the files of a folder that end like images, by name; hidden ones are left out, folders within too.

    A link that leads nowhere is among them, so that reading it tells what is wrong with it. Raises InputError, naming
    the folder and the cause, where it cannot be listed.
    """
    try:
        names = sorted(name for name in os.listdir(folder) if not name.startswith(".") and is_image_name(Path(name)))
    except OSError as error:
        if error.errno not in (errno.ENOENT, errno.ENOTDIR):
            raise read_error(folder, error) from error
        advice = "give the folder that holds a case's four images"
        raise InputError(f"{printable(folder)}: {no_folder(folder)}; {advice}.") from error
    return [folder / name for name in names if not os.path.isdir(folder / name)]


def _open(path: Path) -> BinaryIO:
    """Open without waiting for the other end of a pipe, and look at what was opened, not at what has the name later."""
    try:
        number = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except OSError as error:
        raise read_error(path, error) from error
    except ValueError as error:  # a zero byte in the path
        raise InputError(f"{printable(path)}: no such file; check the path.") from error
    mode = os.fstat(number).st_mode
    if not stat.S_ISREG(mode):
        os.close(number)
        kind = "a folder" if stat.S_ISDIR(mode) else "no regular file but a pipe or device"
        raise InputError(f"{printable(path)}: is {kind}; give an image file ({SUFFIXES}).")
    return os.fdopen(number, "rb")


def _is_dicom(path: Path) -> bool:
    with opened(path) as stream:
        return stream.read(132)[128:] == b"DICM"


def holds_dicom(folder: Path) -> bool:
    """Say whether there is a DICOM file among the first few files of a folder."""
    try:
        files = [Path(entry.path) for entry in os.scandir(folder) if entry.is_file()][:20]
        return any(map(_is_dicom, files))
    except (OSError, InputError):
        return False
