"""Two results of one patient side by side: `compare_results` tells what changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ...core.errors import InputError
from ...core.segmentation import Segmentation
from ...core.volume import Study
from ...images.dicom_patient import Patient
from ...measures.changes import Changes, compare_measures
from ...measures.measuring import measure
from ...measures.results import Measures
from ...preparation.masking import brain_of
from .identity import case_code
from .placing import Placed, place


@dataclass(frozen=True)
class Examination:
    """A result of one examination: its images, its segmentation on the grid of their reference, its `CASE.json`.

    patient: as DICOM series tell, None where other files do not.
    """

    study: Study
    segmentation: Segmentation
    summary: Mapping[str, Any] = field(default_factory=dict)
    patient: Patient | None = None


@dataclass(frozen=True)
class Followup:
    """Two examinations compared.

    placed: the earlier one where it lies in the later one's space; how: what brought it there. measures: of both, each
    on its own grid.
    """

    before: Examination
    after: Examination
    placed: Examination
    measures: tuple[Measures, Measures]
    changes: Changes
    how: Placed


def compare_results(before: Examination, after: Examination) -> Followup:
    """Compare two examinations of one patient: the earlier reference is registered to the later one, rigidly.

    Raises InputError where both are of the same images, or their brains cannot be brought to one place.
    """
    if case_code(before.study) == case_code(after.study):
        raise InputError(
            "Both results are of the same images; give results of two examinations, or `evaluate` to hold two"
            " segmentations of one against each other."
        )
    placed = place(before.study, before.segmentation, after.study)
    measures = tuple(measure(each.segmentation, brain_of(each.study)) for each in (before, after))
    pair = ((before.segmentation, measures[0]), (after.segmentation, measures[1]))
    return Followup(
        before,
        after,
        Examination(placed.study, placed.segmentation, before.summary),
        (measures[0], measures[1]),
        compare_measures(*pair, placed.to_after),
        placed,
    )
