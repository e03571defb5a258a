"""Which label map of one folder belongs to which of another, by the cases' names.

A folder holds a file for each case (`CASE.nii.gz`, `CASE_seg.nii.gz`, `CASE-seg.nii`, `CASE_pred.nrrd`), or a subfolder
named as the case with one label map in it, or both; folders of visits lie below the patient's. Images
(`CASE_t1.nii.gz`), probability maps and masks of the brain are left out, and Slicer's own segmentation files
(`.seg.nrrd`) where there is another label map of the case.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from ..cases.naming import case_name
from ..core.errors import InputError
from ..core.modalities import is_brain_mask_name, is_image_name, is_segmentation_name, recognise_modality, strip_suffix
from ..images.opening import no_folder, searched

_WORD = (
    r"(?:(?:(?:tumou?r|lesion)[-_ ]?|d)?(?:seg|mask)|final|segm|segmentations?|labels?|labelmap|gt|"
    r"ground[-_ ]?truth|annotations?|pred|preds|predictions?)"
)
_AFTER = re.compile(rf"(?:[-_. ]{_WORD})+$", re.IGNORECASE)
_BEFORE = re.compile(rf"^(?:{_WORD}[-_. ])+", re.IGNORECASE)
_OTHER = re.compile(
    r"(?:^|[-_. ])(?:prob(?:s|abilit(?:y|ies))?|softmax|logits?|uncertainty|(?:brain|skull)[-_. ]?(?:seg|mask)?)$",
    re.IGNORECASE,
)
_SLICER = ".seg.nrrd"
_NAMED = 20
_DEEPEST = 4


@dataclass(frozen=True)
class Pair:
    """A case's label maps: the prediction's file and the truth's."""

    name: str
    prediction: Path
    truth: Path


@dataclass
class _Found:
    """What a folder may hold for each case.

    segments: Slicer's. images: named as a modality. Both are label maps only if nothing else fits.
    """

    maps: dict[str, list[Path]] = field(default_factory=lambda: defaultdict(list))
    segments: dict[str, list[Path]] = field(default_factory=lambda: defaultdict(list))
    images: dict[str, list[Path]] = field(default_factory=lambda: defaultdict(list))


def pair_folders(predictions: Path, truth: Path, partial: bool = False) -> list[Pair]:
    """Return the pairs of two folders, by name; with partial only the cases that both hold.

    Raises InputError, naming the cases, where one is claimed by several files, where (without partial) one of the
    folders lacks it, and where no case is in both.
    """
    mine, theirs = _look(Path(predictions)), _look(Path(truth))
    _adopt_images(mine, theirs)
    _adopt_images(theirs, mine)
    both = sorted(set(mine.maps) & set(theirs.maps))
    if not both:
        raise InputError(
            f"{predictions} ({_list(mine.maps)}) and {truth} ({_list(theirs.maps)}) have no case in common; name the"
            " label maps CASE.nii.gz or CASE_seg.nii.gz, or put each into a folder CASE."
        )
    lacking = set(mine.maps) ^ set(theirs.maps)
    if lacking and not partial:
        faults = [
            f"{what} for {_list(sorted(names))}"
            for what, names in (
                ("no prediction", set(theirs.maps) - set(mine.maps)),
                ("no ground truth", set(mine.maps) - set(theirs.maps)),
            )
            if names
        ]
        raise InputError(
            f"{predictions} and {truth} do not hold the same cases: {'; '.join(faults)}; complete them, or compare only"
            " what both hold (--partial)."
        )
    _refuse_double(both, (mine, theirs))
    return [Pair(name, mine.maps[name][0], theirs.maps[name][0]) for name in both]


def _refuse_double(names: Iterable[str], folders: Iterable[_Found]) -> None:
    faults = [
        f"{name} by {' and '.join(str(path) for path in found.maps[name])}"
        for found in folders
        for name in names
        if len(found.maps[name]) > 1
    ]
    if faults:
        raise InputError(f"Some cases are claimed by several label maps: {'; '.join(faults)}; keep one for each.")


def _adopt_images(found: _Found, other: _Found) -> None:
    """Take a file named as an image for the label map of a case that the other folder has: `PATIENT-T1.nii.gz`."""
    for name in set(other.maps) - set(found.maps):
        if name in found.images:
            found.maps[name] = found.images[name]


def _look(folder: Path) -> _Found:
    """List the label maps of a folder and its subfolders by case."""
    found = _Found()
    with searched(folder):
        if not folder.is_dir():
            raise InputError(f"{folder}: {no_folder(folder)}; give one that holds a label map for each case.")
        for path in sorted(folder.iterdir()):
            if path.name.startswith("."):
                continue
            if path.is_dir():
                _look_into(path, found)
            elif _may_be_label_map(path):
                _add(found, path)
    for name, segments in found.segments.items():
        if name not in found.maps:
            found.maps[name] = segments
    return found


def _look_into(folder: Path, found: _Found, depth: int = 1) -> None:
    """Add a case's own folder: the files named as a segmentation, or else those that are named as no image.

    Where it holds no label map, those of its folders are looked for, as of a patient's visits.
    """
    there = sorted(file for file in folder.iterdir() if not file.name.startswith("."))
    files = [file for file in there if _may_be_label_map(file)]
    plain = [file for file in files if not _is_slicers(file)]
    named = [file for file in plain if is_segmentation_name(file.name)]
    maps = named or [file for file in plain if recognise_modality(file.name) is None]
    if maps:
        found.maps[case_name(folder)] += maps
    elif files and any(map(_is_slicers, files)):
        found.segments[case_name(folder)] += filter(_is_slicers, files)
    elif depth < _DEEPEST:
        for sub in (file for file in there if file.is_dir()):
            _look_into(sub, found, depth + 1)


def _add(found: _Found, path: Path) -> None:
    stem = strip_suffix(path.name)
    if not is_segmentation_name(path.name) and recognise_modality(path.name) is not None:
        found.images[stem].append(path)
        return
    where = found.segments if _is_slicers(path) else found.maps
    where[_BEFORE.sub("", _AFTER.sub("", stem)) or stem].append(path)


def _may_be_label_map(path: Path) -> bool:
    name = path.name.lower()
    return (
        path.is_file()
        and is_image_name(path)
        and not is_brain_mask_name(path.name)
        and not _OTHER.search(strip_suffix(name))
    )


def _is_slicers(path: Path) -> bool:
    return path.name.lower().endswith(_SLICER)


def _list(names: Iterable[str]) -> str:
    """Name the first cases of many."""
    known = list(names)
    rest = len(known) - _NAMED
    return (", ".join(known[:_NAMED]) or "no label map") + (f" and {rest} more" if rest > 0 else "")
