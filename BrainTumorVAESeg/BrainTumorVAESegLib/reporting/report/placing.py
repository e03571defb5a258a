"""The earlier of two examinations brought to where the later one lies: its reference registered to the later one's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from ...core.errors import InputError
from ...core.modalities import MODALITIES
from ...core.preparation import Outcome
from ...core.segmentation import Segmentation
from ...core.transform import Transform
from ...core.volume import Study
from ...preparation.aligning import align
from ...preparation.masking import brain_of

_LEAST_OVERLAP = 0.7
"""Share of the smaller brain that both must have in common: heads of one patient have more."""


@dataclass(frozen=True)
class Placed:
    """The earlier examination where the later one lies; nothing of it is interpolated.

    to_after: the matrix (4, 4) that brought it, from its points to the later one's, LPS millimeters. registered:
    `moved_mm` and `turned_degrees`, empty where it lay there already. kept: whether it stays as the scanner says, since
    no registration fitted better.
    """

    study: Study
    segmentation: Segmentation
    to_after: np.ndarray
    registered: Mapping[str, float]
    kept: bool


def place(before: Study, segmentation: Segmentation, after: Study) -> Placed:
    """Register the earlier study's reference to the later one's, rigidly, and bring all that is of it along.

    Raises InputError where the two brains have too little in common to be one patient's.
    """
    fixed, moving = after.reference_volume, before.reference_volume
    other = next(modality for modality in MODALITIES if modality is not after.reference)
    # The earlier reference stands beside the later one as one more image of that study, which is what `align` takes.
    pair = Study({after.reference: fixed, other: moving}, after.reference, after.name, brain=after.brain)
    found = align(pair, (other,))[1][other]
    transform = found.transform or Transform()
    brought = _bring(before, transform)
    _require_overlap(brought, after)
    registered = {"moved_mm": found.moved_mm, "turned_degrees": found.turned_degrees} if found.transform else {}
    return Placed(
        brought,
        replace(segmentation, geometry=transform.bring(segmentation.geometry)) if found.transform else segmentation,
        np.linalg.inv(transform.array),
        registered,
        found.outcome is Outcome.KEPT,
    )


def _bring(study: Study, transform: Transform) -> Study:
    """Return a study with every volume where it lies in another one's space."""
    volumes = {
        modality: replace(study[modality], geometry=transform.bring(study[modality].geometry)) for modality in study
    }
    brain = study.brain and replace(study.brain, geometry=transform.bring(study.brain.geometry))
    return Study(volumes, study.reference, study.name, brain=brain)


def _require_overlap(before: Study, after: Study) -> None:
    from ...images.itk import resample

    own = brain_of(after)
    grid = after.reference_volume.geometry
    theirs = resample(brain_of(before).astype(np.uint8), before.reference_volume.geometry, grid, nearest=True) > 0
    least = min(np.count_nonzero(own), np.count_nonzero(theirs))
    if least == 0 or np.count_nonzero(own & theirs) < _LEAST_OVERLAP * least:
        raise InputError(
            "The two examinations do not lie in one place, and no registration brings them there;"
            " are both of one patient?"
        )
