"""How public data sets lay out their cases in folders.

| data set | a case |
|---|---|
| BraTS 2018, 2019 | `HGG/ID/` and `LGG/ID/` with `ID_t1, _t1ce, _t2, _flair, _seg` |
| BraTS 2020, 2021 | `ID/` with the same |
| BraTS 2023 and later | `ID/` with `ID-t1n, -t1c, -t2w, -t2f, -seg` |
| UPENN-GBM as published | `images_structural/ID/` with `ID_T1, _T1GD, _T2, _FLAIR`, and beside `images_structural` the ground truth, `images_segm/ID_segm` by an expert or `automated_segm/ID_automated_approx_segm` |
| MSD Task01 | `imagesTr/ID` of four frames and `labelsTr/ID`, told by `dataset.json` |
| nnU-Net | `imagesTr/ID_0000` to `_0003` and `labelsTr/ID`, told by `dataset.json` |
| BIDS | `sub-ID/ses-VISIT/anat/` with `_T1w` and so on, and a segmentation (`_dseg`) beside them |

Any folder of folders with four images and a ground truth each is read, at whatever depth its cases lie.
"""  # noqa: E501  (a table)

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ..core.errors import InputError
from ..core.modalities import Modality, is_image_name, strip_suffix
from ..images.imagefile import ImageSource
from ..images.opening import holds_dicom
from .channels import TABLE_FILE
from .datalists import listed_cases, read_data_list
from .labelled import LabelledCase, convention_of, patient_of
from .naming import case_name, case_parts
from .reading import find_case_files, find_segmentation_file

_DEEPEST = 5
_STRUCTURAL = "images_structural"
_TRUTHS = (("automated_segm", "_automated_approx_segm"), ("images_segm", "_segm"))
"""Folders of UPENN-GBM's ground truths and what follows the case's name there; the later one is preferred."""
_FOLLOW_UP = "_21"
"""Ends the name of UPENN-GBM's scans after an operation, none of which has a ground truth."""
_NO_DATA = ("__macosx", "@eadir")
_NO_SUBJECTS = ("derivatives", "sourcedata", "code")
"""Folders beside the subjects' of BIDS."""


FindImages = Callable[[Collection[Modality]], Mapping[Modality, ImageSource]]


@dataclass(frozen=True)
class Place:
    """Where a layout has a case, which is not looked into before `look` or `images` is called (they raise InputError).

    images: finds the case's images, whether it has a ground truth or not; given what modalities may be absent.
    unlabelled: the data set itself gives this scan no ground truth.
    """

    name: str
    folder: Path
    look: Callable[[], LabelledCase]
    images: FindImages
    unlabelled: bool = False


def find_places(folder: Path, depth: int = 0) -> Iterator[Place]:
    """Find the places of cases below a folder, by their order in it. Raises InputError for a bad dataset.json."""
    folders, images = _list(folder)
    by_name = {path.name.lower(): path for path in folders}
    if folder.name.lower() == _STRUCTURAL:
        yield from _upenn_places(folder, folders)
    elif _STRUCTURAL in by_name:
        yield from find_places(by_name[_STRUCTURAL], depth + 1)
    elif "imagestr" in by_name and (folder / TABLE_FILE).is_file():
        entries = listed_cases(read_data_list(folder / TABLE_FILE), "train")
        yield from (Place(entry.name, folder, entry.look, entry.images) for entry in entries)
    elif "anat" in by_name:
        yield folder_place(by_name["anat"])
    elif depth and (images or not folders or depth == _DEEPEST):
        yield folder_place(folder)
    else:
        subjects = any(name.startswith("sub-") for name in by_name)
        for sub in folders:
            if not (subjects and sub.name.lower() in _NO_SUBJECTS):
                yield from find_places(sub, depth + 1)


def folder_place(folder: Path) -> Place:
    """Return the place of a case whose images and ground truth lie in one folder."""
    return Place(case_name(folder), folder, lambda: _case_of(folder, None), partial(find_case_files, folder))


def _case_of(folder: Path, truth: Path | None) -> LabelledCase:
    parts, name = case_parts(folder), case_name(folder)
    truth = truth or find_segmentation_file(folder)
    if truth is None:
        if holds_dicom(folder):
            raise InputError(f"{folder}: holds DICOM files; segment --dicom takes them, all else needs NIfTI files.")
        if not _list(folder)[1]:
            raise InputError(f"{folder}: holds no image; put the case's images there or remove the folder.")
        raise InputError(f"{folder}: no segmentation (a file named like *_seg.nii.gz); add it or remove the case.")
    patient = parts[0] if len(parts) > 1 else patient_of(name)
    return LabelledCase(name, folder, find_case_files(folder), truth, patient, convention_of(name))


def _upenn_places(structural: Path, folders: list[Path]) -> Iterator[Place]:
    truths: dict[str, Path] = {}
    beside = {path.name.lower(): path for path in _list(structural.parent)[0]}
    for name, ending in _TRUTHS:
        for file in _list(beside[name])[1] if name in beside else ():
            truths[strip_suffix(file.name).lower().removesuffix(ending)] = file
    for folder in folders:
        truth = truths.get(folder.name.lower())
        unlabelled = truth is None and folder.name.endswith(_FOLLOW_UP) and find_segmentation_file(folder) is None
        look = partial(_case_of, folder, truth)
        yield Place(folder.name, folder, look, partial(find_case_files, folder), unlabelled)


def _list(folder: Path) -> tuple[list[Path], list[Path]]:
    """Return a folder's folders and its image files, sorted by name."""
    try:
        with os.scandir(folder) as entries:
            there = sorted((entry for entry in entries if not entry.name.startswith(".")), key=lambda e: e.name)
            folders = [Path(entry) for entry in there if entry.is_dir() and entry.name.lower() not in _NO_DATA]
            return folders, [Path(entry) for entry in there if entry.is_file() and is_image_name(Path(entry))]
    except OSError as error:
        raise InputError(f"{folder}: cannot be read ({error.strerror or error}); check the folder.") from error
