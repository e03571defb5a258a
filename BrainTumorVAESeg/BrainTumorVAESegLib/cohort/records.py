"""What tells that a case is finished: a file that comes into place with its results, at once and last of all."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from ..core.disk.files import output_error, write_json
from ..core.disk.guarded import UnreadableError, parse_json, read_regular
from ..core.disk.unfinished import BEFORE, unfinished_folder
from ..core.errors import OutputError
from .places import Places


@dataclass(frozen=True)
class Record:
    """A finished case. key: see `contents.Identity`. settings, stamp: see `contents`. files: name -> bytes.

    row: of the cohort's table.
    """

    key: str
    settings: str
    stamp: str
    files: Mapping[str, int]
    row: Mapping[str, Any]


def read_record(places: Places, name: str) -> Record | None:
    """Return the record of a case whose results are all there, or None."""
    try:
        values = parse_json(read_regular(places.record(name)))
        record = Record(**{key: values[key] for key in ("key", "settings", "stamp", "files", "row")})
        whole = all(os.stat(places.case(name) / file).st_size == size for file, size in record.files.items())
    except (OSError, UnreadableError, KeyError, TypeError, AttributeError):
        return None
    return record if whole else None


def write_record(places: Places, name: str, record: Record) -> None:
    """Write anew the record of a case that is in place. Raises OutputError."""
    write_json(places.record(name), asdict(record))


def install(places: Places, name: str, make: Callable[[Path], Record]) -> Record:
    """Make a case's results in a hidden folder and move them into place whole, in place of older ones.

    make: writes the results into the folder that it is given and returns their record, without files. Raises
    OutputError.
    """
    target = places.case(name)
    try:
        places.work.mkdir(parents=True, exist_ok=True)
        places.cases.mkdir(parents=True, exist_ok=True)
        with unfinished_folder(places.work, "writing") as place:
            folder = place / name
            folder.mkdir()
            made = _make(folder, target, make)
            record = replace(made, files={file.name: file.stat().st_size for file in folder.iterdir()})
            write_json(folder / places.record(name).name, asdict(record))
            _replace(folder, target, place / f"{BEFORE}this" / name)
    except OSError as error:
        raise output_error(target, error) from error
    return record


def _make(folder: Path, target: Path, make: Callable[[Path], Record]) -> Record:
    """Make results in a folder; errors tell of the target, where a person would look for them."""
    try:
        return make(folder)
    except OutputError as error:
        raise OutputError(str(error).replace(str(folder), str(target))) from error


def _replace(folder: Path, target: Path, aside: Path) -> None:
    """Move a folder into place and what is there aside; where that fails, put it back."""
    if os.path.lexists(target):
        aside.parent.mkdir()
        os.replace(target, aside)
    try:
        os.replace(folder, target)
    except OSError:
        with suppress(OSError):
            os.replace(aside, target)
        raise
