"""Lists of cases that need no ground truth: a table in CSV, or the same as an array of objects in JSON.

| column | what |
|---|---|
| `case` | the case's name; where it is absent, that of its folder or files |
| `folder` | a case's folder, a file of four frames, or nnU-Net's files up to their numbers |
| `t1`, `t1ce`, `t2`, `flair` | an image each, in place of a folder; other names for them are known |
| `dicom` | a folder with the DICOM files of one study, in place of both |

Paths are relative to the list.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..core.disk.guarded import UnreadableError, cause_of, parse_json, read_regular
from ..core.errors import InputError
from ..core.modalities import Modality, recognise_modality
from ..core.text import printable, shorten
from ..core.volume import require_modalities
from ..images.opening import no_folder, require_image_file
from .found import FoundCase
from .naming import case_name
from .sources import find_case

_NAMES = ("case", "name", "id")
_FOLDERS = ("folder", "path", "dir")
_DICOM = ("dicom",)
_KNOWN = "case, folder, t1, t1ce, t2, flair, dicom"
_MOST_BYTES = 64 * 2**20


@dataclass(frozen=True)
class TableRow:
    """A row of a list: the list's file, the row's number (from 1, without the heading), and its cells by column."""

    path: Path
    number: int
    cells: Mapping[str, str]

    @property
    def label(self) -> str:
        """What the row is called in messages."""
        return self._first(_NAMES) or f"row {self.number}"

    def find(self, optional: Collection[Modality] = ()) -> FoundCase:
        """Return the row's case. Raises InputError where it names no images, or they are not there."""
        folder, dicom = self._first(_FOLDERS), self._first(_DICOM)
        images = {modality: self._path(cell) for column, cell in self.cells.items() if cell
                  and (modality := _modality(column))}  # fmt: skip
        ways = [way for way in (folder, dicom, images) if way]
        if len(ways) != 1:
            what = "names no images" if not ways else "names its images in two ways"
            raise InputError(f"{self._where}: {what}; give folder, dicom, or t1, t1ce, t2 and flair.")
        name = self._first(_NAMES)
        if dicom:
            return self._dicom(self._path(dicom), name)
        if folder:
            found = find_case(self._path(folder), optional)
            return FoundCase(name or found.name, found.images)
        require_modalities(images, optional)
        for path in images.values():
            require_image_file(path)
        if len(set(images.values())) < len(images):
            raise InputError(f"{self._where}: names one file for two modalities; give each its own.")
        return FoundCase(name or case_name(next(iter(images.values())).parent), images)

    @property
    def _where(self) -> str:
        return f"{printable(self.path)}: row {self.number} ({shorten(self.label)})"

    def _dicom(self, folder: Path, name: str) -> FoundCase:
        if not folder.is_dir():
            raise InputError(f"{self._where}: {printable(folder)}: {no_folder(folder)}; correct the list.")
        return FoundCase(name or case_name(folder), dicom=folder)

    def _first(self, columns: Sequence[str]) -> str:
        return next((self.cells[column] for column in columns if self.cells.get(column)), "")

    def _path(self, cell: str) -> Path:
        return Path(self.path).absolute().parent / cell


def read_rows(path: Path) -> list[TableRow]:
    """Read a list in CSV (commas, semicolons or tabs). Raises InputError for an unknown column or no row."""
    try:
        text = read_regular(path, _MOST_BYTES).decode("utf-8-sig")
        first = text.splitlines()[0] if text.strip() else ""
        delimiter = max(",;\t", key=first.count)
        reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
        rows = [row for row in reader if any(cell for cell in row.values())]
        columns = reader.fieldnames or []
    except (OSError, UnreadableError) as error:
        raise InputError(f"{printable(path)}: {cause_of(error)}; give a list of cases in CSV.") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{printable(path)}: cannot be read as CSV ({error}); save it as CSV in UTF-8.") from error
    if wide := [number for number, row in enumerate(rows, start=1) if None in row]:
        raise InputError(
            f"{printable(path)}: row {wide[0]} has more cells than the first line has columns; correct the list."
        )
    return _rows(path, columns, rows)


def rows_of_array(path: Path, values: Sequence[Any]) -> list[TableRow]:
    """Return the rows of a list in JSON that is an array of objects. Raises InputError as `read_rows` does."""
    if not all(isinstance(row, dict) and all(isinstance(cell, str) for cell in row.values()) for row in values):
        raise InputError(f"{printable(path)}: is no array of objects with texts; give case, folder, t1 and so on.")
    return _rows(path, list(dict.fromkeys(column for row in values for column in row)), values)


def read_json(path: Path) -> Any:
    """Return the values of a list in JSON. Raises InputError."""
    try:
        return parse_json(read_regular(path))
    except (OSError, UnreadableError) as error:
        raise InputError(f"{printable(path)}: {cause_of(error)}; give a list of cases in JSON or CSV.") from error


def _rows(path: Path, columns: Sequence[str], rows: Sequence[Mapping[str, str | None]]) -> list[TableRow]:
    names = {column: _plain(column) for column in columns}
    unknown = [column for column, name in names.items() if name not in (*_NAMES, *_FOLDERS, *_DICOM)
               and _modality(name) is None]  # fmt: skip
    if unknown:
        told = ", ".join(repr(shorten(column, 40)) for column in unknown[:5])
        noun = "column" if len(unknown) == 1 else "columns"
        raise InputError(f"{printable(path)}: has the unknown {noun} {told}; known are {_KNOWN}.")
    modalities = [modality for name in names.values() if (modality := _modality(name))]
    if len(set(names.values())) < len(names) or len(set(modalities)) < len(modalities):
        raise InputError(f"{printable(path)}: has two columns for one thing; keep one of each: {_KNOWN}.")
    if not rows:
        raise InputError(f"{printable(path)}: lists no case; give a row for each, under the columns {_KNOWN}.")
    return [
        TableRow(path, number, {names[column]: (cell or "").strip() for column, cell in row.items()})
        for number, row in enumerate(rows, start=1)
    ]


def _plain(column: str) -> str:
    return (column or "").strip().lower()


def _modality(column: str) -> Modality | None:
    return recognise_modality(column) if column else None
