"""Measures of labels: of those just made, and of those that a person has edited since."""

from __future__ import annotations

from ..core.measures import Measures
from ..core.protocol import Measure, Measured
from ..core.segmentation import Segmentation
from ..core.volume import Study
from ..measures.measuring import measure
from ..preparation.masking import brain_of
from .files import read_labels, read_study


def measure_labels(request: Measure) -> Measured:
    """Measure the labels of a request. Raises InputError where a file cannot be read or lies on another grid."""
    study = read_study(request.study)
    geometry = study.reference_volume.geometry
    return Measured(
        request.id, measure_segmentation(study, Segmentation(read_labels(request.labels, geometry), geometry))
    )


def measure_segmentation(study: Study, segmentation: Segmentation) -> Measures:
    """Measure a study's segmentation, its sides by the brain mask or by what the reference shows."""
    return measure(segmentation, brain_of(study))
