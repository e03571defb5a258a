"""The files that a segmentation is to leave, checked and claimed before the computing."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ...core.disk.claims import claim
from ...core.disk.files import output_error
from ...core.disk.paths import require_output_path
from ...core.errors import OutputError

if TYPE_CHECKING:
    from ...cohort.results import ResultFiles


def check_folder(folder: Path) -> None:
    """Raise OutputError unless files can be written to a folder, or it can be made; nothing is left there."""
    require_output_path(folder)
    place = folder
    while not place.exists() and place != place.parent:
        place = place.parent
    if not place.is_dir():
        raise OutputError(f"{folder}: cannot be made, since {place} is a file; choose another folder.")
    try:
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError as error:
        raise output_error(folder, error) from error


def check_results(files: ResultFiles, overwrite: bool) -> None:
    """Raise OutputError where results cannot be written, or exist and must not be replaced."""
    check_folder(files.folder)
    for path in files.paths.values():
        require_output_path(path)
    existing = [path for path in files.paths.values() if path.exists()]
    folders = [path for path in existing if path.is_dir()]
    if folders:
        raise OutputError(f"{folders[0]}: is a folder and is in the way; choose another folder or name.")
    if existing and not overwrite:
        raise OutputError(f"{existing[0]}: exists already; give --overwrite, or another folder or name.")


@contextmanager
def claimed_results(files: ResultFiles, overwrite: bool) -> Iterator[None]:
    """Hold the names of a case's results as this process's own while it computes and writes them.

    Raises OutputError where another process holds them, and as `check_results` does.
    """
    check_results(files, overwrite)
    with claim(files.folder, files.name):
        check_results(files, overwrite)  # once more: another process may just have finished
        yield
