"""A segmentation measured by the worker as it is now, as after a person has edited it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from slicer.i18n import tr as _

from ..core.answers import Measured
from ..core.errors import InputError
from ..core.modalities import Modality
from ..core.requests import Measure, StudyFiles, VolumeFile
from .client.handover import Exchange, pieces
from .client.stepping import Steps
from .nodes.brainmask import mask_of, read_mask
from .nodes.measured import is_measurable, write_measures
from .nodes.output import reference_of
from .nodes.segments import labels_of
from .nodes.volumes import volume


def measure_steps(segmentation: Any, exchange: Exchange) -> Steps:
    """Measure a segmentation's segments anew, a step a turn; return its table of lesions.

    Where a person edits meanwhile, the table says that it is out of date. Raises InputError where the segmentation has
    lost its volume or holds no segment of ours.
    """
    if not is_measurable(segmentation):
        raise InputError(
            _("{name} has lost its volume or its segments; segment again.").format(name=segmentation.GetName())
        )
    reference = reference_of(segmentation)
    image, labels = volume(reference), labels_of(segmentation, reference)
    mask = _mask(segmentation, reference)
    yield
    arrays = {"reference": image.array, "labels": labels} | ({} if mask is None else {"brain": mask.astype(np.uint8)})
    files = [exchange.new_path(name) for name in arrays]
    try:
        yield from _write(tuple(arrays.values()), files)
        brain = VolumeFile(str(files[2]), image.geometry, "brain") if mask is not None else None
        alone = {Modality.T1CE: VolumeFile(str(files[0]), image.geometry, image.source)}  # whichever it is
        told: Measured = yield Measure(StudyFiles(alone, brain=brain), str(files[1]))
    finally:
        exchange.forget(*files)
    return write_measures(segmentation, reference, labels, told.measures)


def _mask(segmentation: Any, reference: Any) -> np.ndarray | None:
    """Return the brain mask that a segmentation was made with, None where there is none that fits any more."""
    node = mask_of(segmentation)
    try:
        return read_mask(node, reference) if node is not None else None
    except InputError:
        return None


def _write(arrays: tuple[np.ndarray, ...], files: list[Path]) -> Iterator[None]:
    for array, file in zip(arrays, files, strict=True):
        for _share in pieces(array, file):
            yield
