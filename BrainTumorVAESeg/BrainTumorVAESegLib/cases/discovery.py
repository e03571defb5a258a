"""The labelled cases of a data set: all below a folder, or those of one part of a list."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from ..core.errors import BrainTumorVAESegError, InputError
from ..core.modalities import is_image_name
from ..images.opening import holds_dicom, searched
from .datalists import DataList, listed_cases, read_data_list
from .faults import Fault, describe_faults
from .labelled import LabelledCase, with_patients
from .layouts import Place, find_places, folder_place

__all__ = ["LabelledCase", "discover_cases"]


def discover_cases(
    path: Path,
    part: str = "train",
    patients: Path | None = None,
    report: Callable[[str], None] = lambda _: None,
    on_fault: Callable[[Fault], None] | None = None,
) -> list[LabelledCase]:
    """Find the labelled cases of a data set, by name; see `layouts` and `datalists` for what is known.

    path: a folder, all of whose cases are taken, or a list in JSON, of which one part is taken; names in a list are
    those of cases below its own folder, at any depth. patients: a CSV of case and patient that goes before what the
    names tell. report: told what is left out. on_fault: told of each case that is incomplete or has another one's name,
    which is then left out. No image is opened. Raises InputError where there is no case at all, and, unless on_fault is
    given, naming every case at fault.
    """
    path = Path(path)
    faults: list[Fault] = []
    with searched(path):
        places = _find(path, part, report, faults)
        total = len(places) + len(faults)
        cases = list(_look(_with_one_name(places, faults), faults))
    if faults and (on_fault is None or not cases):
        raise InputError(f"{path}: {describe_faults(faults, total)}")
    for fault in faults:
        assert on_fault is not None
        on_fault(fault)
    if not cases and holds_dicom(path):
        raise InputError(f"{path}: holds DICOM files; segment --dicom takes them, all else needs NIfTI files.")
    if not cases:
        raise InputError(f"{path}: holds no case; give a folder with a subfolder for each case.")
    return with_patients(cases, patients) if patients else cases


def _find(path: Path, part: str, report: Callable[[str], None], faults: list[Fault]) -> list[Place]:
    """Return the labelled cases' places of a folder or a list."""
    if path.is_dir():
        found = list(find_places(path))
        left_out = [place.name for place in found if place.unlabelled]
        if left_out:
            report(f"left out, since the data set gives follow-up scans no segmentation: {', '.join(left_out)}")
        return [place for place in found if not place.unlabelled]
    if path.is_file():
        return list(_listed_places(read_data_list(path), part, faults))
    raise InputError(f"{path}: no such folder; give one that holds a subfolder for each case, or a list in JSON.")


def _with_one_name(places: Sequence[Place], faults: list[Fault]) -> Iterator[Place]:
    """Give the places in the order of their names, and note those that share one."""
    by_name: dict[str, Place] = {}
    for place in places:
        first = by_name.setdefault(place.name, place)
        if first is not place:
            both = f"{first.folder} and {place.folder}"
            faults.append(Fault(place.name, f"{both}: two cases have the name {place.name}; rename or remove one."))
    yield from (by_name[name] for name in sorted(by_name))


def _look(places: Iterator[Place], faults: list[Fault]) -> Iterator[LabelledCase]:
    for place in places:
        try:
            yield place.look()
        except BrainTumorVAESegError as error:
            faults.append(Fault(place.name, str(error)))


def _listed_places(listed: DataList, part: str, faults: list[Fault]) -> Iterator[Place]:
    """Give the places of a part's entries, and note the entries that lead to none or to two."""
    yield from (Place(entry.name, listed.root, entry.look, entry.images) for entry in listed_cases(listed, part))
    entries = [entry for entry in listed.part(part) if not isinstance(entry, dict)]
    below = list(find_places(listed.root)) if entries else []
    for number, entry in enumerate(entries):
        place = "is listed twice; keep one." if entry in entries[:number] else place_of(entry, listed.root, below)
        if isinstance(place, Place):
            yield place
        else:
            faults.append(Fault(str(entry), f"{listed.path}: {part}: {entry!r} {place}"))


def place_of(entry: Any, root: Path, below: Sequence[Place]) -> Place | str:
    """Return the place that an entry means, or what is wrong with it."""
    if not isinstance(entry, str) or not entry.strip():
        return "is no name or folder of a case; correct the list."
    if is_image_name(Path(entry)):
        return "is an image without a ground truth; give a part that has labels."
    folder = root / entry
    found = [place for place in below if place.name == entry or place.folder == folder != root]
    if len(found) > 1:
        return f"is the name of several cases ({', '.join(str(place.folder) for place in found)}); list their folders."
    if found:
        return found[0]
    if folder.is_dir():
        return folder_place(folder)
    return f"is no case below {root}; correct the name or add the case."
