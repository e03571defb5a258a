"""The brain of a study, the voxels that are not 0 in any volume, and its values on another grid."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..core.geometry import Geometry
from ..core.volume import Study, Volume
from ..images.itk import resample

HALF = 0.5 - 1e-4
"""A share of one half, with room for rounding."""


def brain_on(study: Study, grid: Geometry) -> np.ndarray:
    """Return the brain on a grid (z, y, x; bool); volumes on another grid count by their nearest voxels."""
    brain = np.zeros(grid.shape, bool)
    for volume in study.volumes.values():
        own = volume.array != 0
        brain |= own if volume.geometry.same_grid(grid) else resample(own, volume.geometry, grid, nearest=True)
    return brain


def resample_brain(volume: Volume, target: Geometry, linear: Callable[[np.ndarray], np.ndarray]) -> Volume:
    """Bring a volume onto a grid by a linear mapping of arrays, in which the zeros outside the brain have no say.

    As in `preparing`: the values are divided by the share that is brain, and are 0 where that is under one half.
    """
    share = linear((volume.array != 0).astype(np.float32))
    values = linear(volume.array.astype(np.float32))
    values /= np.maximum(share, HALF)
    values[share < HALF] = 0
    return Volume(values, target, volume.source)
