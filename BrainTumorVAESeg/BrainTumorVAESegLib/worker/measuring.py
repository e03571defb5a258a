"""Measures of labels that a person has edited since they were made."""

from __future__ import annotations

from ..cohort.summary import measure_result
from ..core.answers import Measured
from ..core.requests import Measure
from ..core.segmentation import Segmentation
from .files import read_labels, read_study


def measure_labels(request: Measure) -> Measured:
    """Measure the labels of a request. Raises InputError where a file cannot be read or lies on another grid."""
    study = read_study(request.study)
    geometry = study.reference_volume.geometry
    segmentation = Segmentation(read_labels(request.labels, geometry), geometry)
    return Measured(request.id, measure_result(study, segmentation))
