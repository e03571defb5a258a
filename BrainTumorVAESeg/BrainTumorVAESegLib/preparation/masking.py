"""The brain mask of a study: what it says of the reference's voxels and of any other grid."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..core.errors import InputError
from ..core.geometry import Geometry
from ..core.volume import Study, Volume
from ..images.itk import orient, resample
from .background import find_background

LEAST_ML = 100.0
"""Less is no brain."""


def brain_of(study: Study) -> np.ndarray:
    """Return the brain on the reference's grid (z, y, x; bool): the mask, or what is not background."""
    reference = study.reference_volume
    if study.brain is not None:
        return mask_on(study.brain, reference.geometry)
    return np.asarray(find_background(reference).remove(reference.array) != 0)


def mask_on(mask: Volume, grid: Geometry) -> np.ndarray:
    """Return a mask on another grid (z, y, x; bool): where at least half of a voxel is in it."""
    if mask.geometry.same_grid(grid):
        return np.asarray(mask.array != 0)
    turned, own = orient(mask.array, mask.geometry, grid.axis_codes)
    if own.same_grid(grid):
        return np.ascontiguousarray(turned != 0)
    return np.asarray(resample((mask.array != 0).astype(np.float32), mask.geometry, grid) >= 0.5)


def with_mask(study: Study, mask: Volume) -> Study:
    """Return a study with a brain mask that a person gives.

    Raises InputError where the mask is on another grid than the reference, holds nothing, or is no brain's size.
    """
    grid = study.reference_volume.geometry
    name = mask.source or "the brain mask"
    turned, own = orient(mask.array, mask.geometry, grid.axis_codes)
    if not own.same_grid(grid):
        raise InputError(
            f"{name}: the brain mask lies on another grid ({mask.geometry}) than {study.reference} ({grid}); make it on"
            f" that image."
        )
    inside = np.ascontiguousarray(turned != 0)
    ml = int(np.count_nonzero(inside)) * grid.voxel_volume
    if not inside.any():
        raise InputError(f"{name}: the brain mask is empty; draw the brain in it, or leave it out.")
    if inside.all() or ml < LEAST_ML:
        size = "is the whole image" if inside.all() else f"has {ml:.2g} ml, which is no brain's size"
        raise InputError(f"{name}: the brain mask {size}; give one that is not 0 within the brain alone.")
    return replace(study, brain=Volume(inside, grid, mask.source))
