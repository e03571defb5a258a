"""A segmentation measured by the worker as it is now, as after a person has edited it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from slicer.i18n import tr as _

from ..core.errors import InputError
from ..core.protocol import Measure, Measured, VolumeFile
from .client.handover import Exchange, pieces
from .client.stepping import Steps
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
    yield
    files = [exchange.new_path("reference"), exchange.new_path("labels")]
    try:
        yield from _write((image.array, labels), files)
        told: Measured = yield Measure(VolumeFile(str(files[0]), image.geometry, image.source), str(files[1]))
    finally:
        exchange.forget(*files)
    return write_measures(segmentation, reference, labels, told.measures)


def _write(arrays: tuple[np.ndarray, ...], files: list[Path]) -> Iterator[None]:
    for array, file in zip(arrays, files, strict=True):
        for _share in pieces(array, file):
            yield
