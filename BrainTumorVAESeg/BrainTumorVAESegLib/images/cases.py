"""Labelled cases in a data set's folder: one subfolder each, with four images and a ground truth."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..core.errors import BrainTumorVAESegError, InputError
from ..core.modalities import Modality
from .reading import find_case_files, find_segmentation_file


@dataclass(frozen=True)
class LabelledCase:
    """A case's folder, its four images and its ground truth."""

    name: str
    folder: Path
    images: dict[Modality, Path]
    segmentation: Path


def discover_cases(folder: Path) -> list[LabelledCase]:
    """Find the labelled cases among a folder's subfolders, by name.

    Raises InputError, naming every case at fault, where one is incomplete, and where there is none at all.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; give one that holds a subfolder for each case.")
    cases, faults = [], []
    for sub in sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")):
        try:
            cases.append(_labelled_case(sub))
        except BrainTumorVAESegError as error:
            faults.append(str(error))
    if faults:
        count = f"{len(faults)} of {len(faults) + len(cases)} cases"
        raise InputError(f"{folder}: {count} cannot be used. " + " ".join(faults))
    if not cases:
        raise InputError(f"{folder}: holds no case; give a folder with a subfolder for each case.")
    return cases


def _labelled_case(folder: Path) -> LabelledCase:
    segmentation = find_segmentation_file(folder)
    if segmentation is None:
        raise InputError(f"{folder}: no segmentation (a file named like *_seg.nii.gz).")
    return LabelledCase(folder.name, folder, find_case_files(folder), segmentation)
