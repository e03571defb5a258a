"""A result on another volume's own grid."""

from __future__ import annotations

from dataclasses import replace

from ..core.errors import InputError
from ..core.modalities import Modality
from ..preparation.restoring import restore
from .finishing import finish
from .segmenting import Result


def on_grid_of(result: Result, modality: Modality) -> Result:
    """Return a result on an input volume's own grid: labels, probabilities where there are some, evidence for maps.

    The evidence lies where the volume was registered to; what is written of it belongs on `study.volumes[modality]`'s
    grid. Raises InputError where the result was made without `Options.keep_evidence`, or has no such volume.
    """
    if result.evidence is None or result.study is None:
        raise InputError("The result was made without what another grid needs; segment with keep_evidence.")
    if modality not in result.study.volumes:
        raise InputError(f"There is no {modality} on whose grid the answer could be given.")
    placed = result.study[modality].geometry
    prediction, settings = result.evidence.prediction, result.package.settings
    segmentation = restore(
        prediction.probabilities,
        prediction.channels,
        settings.thresholds,
        result.evidence.prepared,
        placed,
        result.segmentation.probabilities is not None,
    )
    labels = finish(segmentation, prediction, result.evidence.prepared, settings).labels
    native = result.study.volumes[modality].geometry
    return replace(
        result,
        segmentation=replace(segmentation, labels=labels, geometry=native),
        evidence=replace(result.evidence, reference=placed),
    )
