"""Labelled cases looked at before any training: each by itself as it is read, then all against each other."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import asdict
from itertools import combinations
from pathlib import Path
from typing import TypeVar

import numpy as np

from ...cases.faults import Fault
from ...cases.labelled import LabelledCase
from ...cases.reading import read_study
from ...core.disk.files import write_json
from ...core.errors import BrainTumorVAESegError, InputError, TrainingError
from ...core.findings import Severity, group_findings
from ...core.labelmap import LabelMap
from ...core.segmentation import Segmentation
from ...core.settings import CascadeSettings
from ...core.volume import Study
from ...images.reading import read_label_map
from ...preparation.checks import check
from ...preparation.preparing import PreparedStudy, prepare, prepare_labels
from .entries import CachedCase, CaseFacts

_LEAST_SIDE = 16
"""Voxels of the shortest side of a brain that a network can be trained on."""
_LEAST_INSIDE, _FEW_INSIDE = 0.5, 0.95
"""Share of the tumor that must lie within the brain, and below which it is strange."""

_T = TypeVar("_T")


def prepare_case(case: LabelledCase, settings: CascadeSettings) -> tuple[np.ndarray, np.ndarray, CaseFacts]:
    """Read a case once, check it, and return its images (4, z, y, x; float16), labels (z, y, x; uint8) and facts.

    Raises InputError, naming all that is wrong with it, where it cannot be trained on.
    """
    study, labels, warnings = _read_checked(case)
    order = settings.channels
    prepared = prepare(study, settings.preprocessing, order)
    _require_size(prepared, settings.preprocessing.margin)
    images = prepared.images.astype(np.float16)
    reference = study.reference_volume.geometry
    facts = CaseFacts(
        size=reference.size,
        spacing=reference.spacing,
        axes=reference.axis_codes,
        volumes_ml=Segmentation(labels.array, labels.geometry).volumes_ml(),
        images=tuple(_digest(image) for image in images),
        warnings=tuple(warnings),
    )
    return images, prepare_labels(labels, prepared), facts


def find_namesakes(cases: Sequence[LabelledCase]) -> list[Fault]:
    """Return a fault for every case that has another's name, as cases of several data sets may."""
    first: dict[str, LabelledCase] = {}
    return [
        Fault(
            case.name, f"{first[case.name].folder} and {case.folder}: two cases have the name {case.name}; rename one."
        )
        for case in cases
        if first.setdefault(case.name, case) is not case
    ]


def find_duplicates(cases: Sequence[CachedCase]) -> list[Fault]:
    """Return a fault for every two cases that share an image, since one may be trained on and the other held out."""
    by_image: dict[str, list[CachedCase]] = {}
    for case in cases:
        for image in dict.fromkeys(case.facts.images if case.facts else ()):
            by_image.setdefault(image, []).append(case)
    pairs = dict.fromkeys(
        (first.name, second.name)
        for same in by_image.values()
        for first, second in combinations(same, 2)
        if first.name != second.name
    )
    return [Fault(two, f"{one} and {two} hold the same image; remove one of the cases.") for one, two in pairs]


def require_apart(training: Sequence[CachedCase], held_out: Sequence[CachedCase]) -> None:
    """Raise TrainingError where held-out cases share an image or a patient with those trained on, naming all."""
    names = {case.name for case in training}
    patients = {case.patient or case.name: case.name for case in training}
    images = {image: case.name for case in training if case.facts for image in case.facts.images}
    said = []
    for case in held_out:
        same = next((images[image] for image in (case.facts.images if case.facts else ()) if image in images), None)
        if case.name in names:
            said.append(f"{case.name} is among both.")
        elif same is not None:
            said.append(f"{case.name} holds the same image as {same}.")
        elif (other := patients.get(case.patient or case.name)) is not None:
            said.append(f"{case.name} is of the same patient as {other}.")
    if said:
        raise TrainingError(
            f"The held-out cases are not apart from those trained on: {' '.join(said)} Remove them from one of both."
        )


def write_record(path: Path, cases: Sequence[CachedCase], faults: Sequence[Fault]) -> None:
    """Write what is known of every case of a data set, and what is wrong with which, as JSON. Raises OutputError."""
    wrong: dict[str, list[str]] = {}
    for fault in faults:
        wrong.setdefault(fault.case, []).append(fault.message)
    known = {
        case.name: {"patient": case.patient or case.name, **(asdict(case.facts) if case.facts else {})}
        for case in cases
    }
    write_json(path, {"cannot be used": wrong, "cases": known})


def _read_checked(case: LabelledCase) -> tuple[Study, LabelMap, list[str]]:
    """Return a case's study and ground truth and what is strange about them. Raises InputError with all problems."""
    problems: list[str] = []
    warnings: list[str] = []
    study = _try(lambda: read_study(case.images, name=case.name), problems)
    labels = _try(lambda: read_label_map(case.segmentation, case.convention), problems)
    if study is not None:
        for finding in group_findings(check(study)):
            if finding.severity is not Severity.NOTE:
                (problems if finding.severity is Severity.ERROR else warnings).append(str(finding))
        if labels is not None:
            _check_labels(study, labels, problems, warnings)
    if study is None or labels is None or problems:
        raise InputError(" ".join(problems))
    return study, labels, warnings


def _check_labels(study: Study, labels: LabelMap, problems: list[str], warnings: list[str]) -> None:
    reference = study.reference_volume
    if labels.cavity_ml:
        warnings.append(f"{labels.source}: holds a resection cavity of {labels.cavity_ml:.1f} ml, which is left out.")
    if not labels.geometry.same_grid(reference.geometry):
        problems.append(
            f"{labels.source}: lies on another grid ({labels.geometry}) than {study.reference} ({reference.geometry});"
            " give the ground truth on the grid of its images."
        )
        return
    tumor = labels.array != 0
    if not tumor.any():
        warnings.append(f"{labels.source}: marks no tumor; check that it is the case's own.")
        return
    inside = float(np.count_nonzero(reference.array[tumor]) / np.count_nonzero(tumor))
    if inside < _FEW_INSIDE:
        where = problems if inside < _LEAST_INSIDE else warnings
        where.append(
            f"{labels.source}: only {100 * inside:.0f} % of its tumor lie within the brain; check that it is the case's"
            " own and not mirrored."
        )


def _require_size(prepared: PreparedStudy, margin: int) -> None:
    sides = [n - 2 * margin for n in reversed(prepared.brain.shape)]
    if min(sides) < _LEAST_SIDE:
        size = "x".join(map(str, sides))
        raise InputError(
            f"The brain is only {size} voxels of {prepared.geometry.spacing[0]:g} mm, too small to train on; check the"
            " voxel spacing and that the whole brain is there."
        )


def _try(action: Callable[[], _T], problems: list[str]) -> _T | None:
    try:
        return action()
    except BrainTumorVAESegError as error:
        problems.append(str(error))
        return None


def _digest(image: np.ndarray) -> str:
    return hashlib.blake2b(image.data, digest_size=16, salt=str(image.shape).encode()[:16]).hexdigest()
