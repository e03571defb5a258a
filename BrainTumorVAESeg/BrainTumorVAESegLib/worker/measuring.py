"""Measures of labels: of those just made, and of those that a person has edited since."""

from __future__ import annotations

import numpy as np

from ..core.errors import InputError
from ..core.measures import Measures
from ..core.protocol import Measure, Measured
from ..core.segmentation import Segmentation
from ..core.volume import Volume
from ..measures.measuring import measure
from ..preparation.background import find_background
from .files import read_labels, read_volume


def measure_labels(request: Measure) -> Measured:
    """Measure the labels of a request. Raises InputError where a file cannot be read or lies on another grid."""
    reference = read_volume(request.reference)
    labels = read_labels(request.labels, reference.geometry)
    brain = read_volume(request.brain) if request.brain is not None else None
    segmentation = Segmentation(labels, reference.geometry)
    return Measured(request.id, measure_segmentation(segmentation, reference, brain))


def measure_segmentation(segmentation: Segmentation, reference: Volume, brain: Volume | None = None) -> Measures:
    """Measure a segmentation on its reference's grid.

    brain: a mask on that grid, other than 0 within it; without it the reference tells, which is 0 outside the brain.
    """
    return measure(segmentation, _brain_of(reference, brain))


def _brain_of(reference: Volume, brain: Volume | None) -> np.ndarray:
    if brain is None:
        return np.asarray(find_background(reference).remove(reference.array) != 0)
    if not brain.geometry.same_grid(reference.geometry):
        raise InputError(f"{brain.source}: the brain mask is not on the grid of {reference.source}; make it anew.")
    return np.asarray(brain.array != 0)
