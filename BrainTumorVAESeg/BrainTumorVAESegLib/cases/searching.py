"""The cases of a cohort, which need no ground truth: below folders, in lists, as DICOM studies."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..core.errors import BrainTumorVAESegError, InputError
from ..core.modalities import Modality, is_image_name
from ..core.text import printable, shorten
from ..images.dicom_headers import dicom_files, read_header
from ..images.opening import holds_dicom, image_files, searched
from .datalists import DataList, listed_cases
from .discovery import place_of
from .faults import Fault
from .found import FoundCase
from .layouts import Place, find_places, folder_place
from .naming import case_name
from .sources import find_case
from .tables import TableRow, read_json, read_rows, rows_of_array

_WAYS = "give a folder of cases, or a list in CSV or JSON"


@dataclass
class Search:
    """Finds cases by name; see `find_cases`."""

    optional: Collection[Modality] = ()
    cases: dict[str, FoundCase] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    _taken: dict[str, FoundCase] = field(default_factory=dict)
    """A name in small letters -> the first case of that name."""

    def add(self, case: FoundCase) -> None:
        """Take a case, once where it is given twice.

        Of two with one name neither is taken, since nobody could tell their results apart.
        """
        key = case.name.casefold()
        if key not in self._taken:
            self._taken[key] = self.cases[case.name] = case
        elif self._taken[key] != case:
            both = f"{self._taken[key].place} and {case.place}"
            self.cases = {name: kept for name, kept in self.cases.items() if name.casefold() != key}
            self.fail(case.name, f"{both}: two cases have the name {case.name}; rename or remove one.")

    def fail(self, name: str, message: str) -> None:
        """Note a case that cannot be used, once where it is given twice."""
        if (fault := Fault(name, message)) not in self.faults:
            self.faults.append(fault)

    def try_place(self, place: Place) -> None:
        """Take the case of a place, or note why it cannot be used."""
        try:
            self.add(FoundCase(place.name, place.images(self.optional)))
        except BrainTumorVAESegError as error:
            self.fail(place.name, str(error))


def find_cases(
    paths: Sequence[Path], part: str = "test", optional: Collection[Modality] = ()
) -> tuple[list[FoundCase], list[Fault]]:
    """Find the cases of folders and lists, by name, and those that cannot be used and why.

    paths: folders (see `layouts`; DICOM studies at any depth as well) and lists (`tables`, `datalists`); part: of a
    list in JSON that has parts. optional: modalities that may be absent. Of an image nothing but its name is looked at,
    of a DICOM folder one header. Raises InputError where a path is neither, or there is no case at all.
    """
    search = Search(optional)
    for path in (Path(os.path.abspath(path)) for path in paths):
        with searched(path):
            _search(path, part, search)
    if not search.cases and not search.faults:
        raise InputError(f"{', '.join(map(printable, paths))}: no case is there; {_WAYS}.")
    return [search.cases[name] for name in sorted(search.cases)], search.faults


def _search(path: Path, part: str, search: Search) -> None:
    if path.is_dir():
        _search_folder(path, search)
    elif not path.is_file():
        raise InputError(f"{printable(path)}: no such folder or file; {_WAYS}.")
    elif path.suffix.lower() == ".csv":
        _take_rows(read_rows(path), search)
    elif path.suffix.lower() == ".json":
        values = read_json(path)
        if isinstance(values, list):
            _take_rows(rows_of_array(path, values), search)
        elif isinstance(values, dict):
            _take_list(DataList(path, values), part, search)
        else:
            raise InputError(f"{printable(path)}: is no list of cases; {_WAYS}.")
    else:
        raise InputError(f"{printable(path)}: is neither a folder nor a list; {_WAYS}.")


def _search_folder(folder: Path, search: Search) -> None:
    places = list(find_places(folder))
    if image_files(folder) and not any(place.folder != folder for place in places):
        places = [place for place in places if place.folder == folder] or [folder_place(folder)]
    dicom = [place.folder for place in places if not image_files(place.folder) and holds_dicom(place.folder)]
    if holds_dicom(folder) and not image_files(folder):
        dicom.append(folder)
    for place in places:
        if place.folder not in dicom:
            search.try_place(place)
    for case in _studies(dicom, search):
        search.add(case)


def _studies(folders: Sequence[Path], search: Search) -> Iterator[FoundCase]:
    """Give a case for each study of which folders hold series, told by one header of each folder."""
    by_study: dict[str, list[Path]] = {}
    for folder in folders:
        try:
            header = next((header for path in dicom_files(folder) if (header := read_header(path))), None)
        except BrainTumorVAESegError as error:
            search.fail(case_name(folder), str(error))
            continue
        if header is not None:
            by_study.setdefault(header.study, []).append(folder)
    for study, places in by_study.items():
        common = Path(os.path.commonpath(places))
        alone = not any(_is_below(other, common) for key, those in by_study.items() if key != study for other in those)
        yield FoundCase(case_name(common), dicom=common, study="" if alone else study)


def _is_below(path: Path, folder: Path) -> bool:
    return path == folder or folder in path.parents


def _take_rows(rows: Sequence[TableRow], search: Search) -> None:
    for row in rows:
        try:
            search.add(row.find(search.optional))
        except BrainTumorVAESegError as error:
            search.fail(shorten(row.label), str(error))


def _take_list(listed: DataList, part: str, search: Search) -> None:
    for case in listed_cases(listed, part, labelled=False):
        search.try_place(Place(case.name, listed.root, case.look, case.images))
    entries = [entry for entry in listed.part(part) if not isinstance(entry, dict)]
    names = [entry for entry in entries if not _is_image(entry)]
    below = list(find_places(listed.root)) if names else []
    for entry in entries:
        _take_entry(entry, listed, below, search)


def _take_entry(entry: Any, listed: DataList, below: Sequence[Place], search: Search) -> None:
    try:
        if _is_image(entry):
            found = find_case(listed.root / entry, search.optional)
            search.add(FoundCase(found.name, found.images))
            return
        place = place_of(entry, listed.root, below)
    except BrainTumorVAESegError as error:
        search.fail(shorten(entry), str(error))
        return
    if isinstance(place, Place):
        search.try_place(place)
    else:
        search.fail(shorten(entry), f"{printable(listed.path)}: {shorten(entry)!r} {place}")


def _is_image(entry: Any) -> bool:
    return isinstance(entry, str) and is_image_name(Path(entry))
