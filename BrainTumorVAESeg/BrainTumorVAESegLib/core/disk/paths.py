"""What makes a path unfit before anything is read from it or written to it."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from ..errors import OutputError
from ..text import printable

_LONGEST_NAME = 255
"""Bytes of a name that every common file system takes."""
_CAUSES = {
    errno.ELOOP: "a link on its path leads back to itself",
    errno.EACCES: "a folder on its path may not be entered",
    errno.ENOTDIR: "a part of its path is a file, not a folder",
}
_ASIDE = len(".4194304.")
"""Bytes that the name under which a file is first written is longer than its own; see `core.disk.files.replacing`."""


def path_fault(path: Path, spare: int = 0) -> str | None:
    """Say what makes a path unfit for any file, and what to do, or None where nothing does.

    Names that are no UTF-8 end the whole process within the libraries that write images, and no report can hold them.
    spare: bytes by which the name must stay below the longest there is.
    """
    text = os.fspath(path)
    if "\0" in text:
        return "holds a zero character; give another path"
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return "its path holds bytes that are no UTF-8; rename the file or its folder"
    if any(len(part.encode()) > _LONGEST_NAME - spare for part in Path(text).parts):
        return "the name is too long; choose a shorter one"
    return None


def require_output_path(path: Path) -> None:
    """Raise OutputError where a file or folder of that path can never be written; folders may be missing as yet."""
    if fault := path_fault(path, _ASIDE):
        raise OutputError(f"{printable(path)}: cannot be written: {fault}.")
    for place in (path, *path.parents):
        try:
            os.stat(place)
        except FileNotFoundError:
            continue
        except OSError as error:
            cause = _CAUSES.get(error.errno or 0, error.strerror or str(error))
            raise OutputError(f"{path}: cannot be written: {cause}; choose another folder.") from error
        return
