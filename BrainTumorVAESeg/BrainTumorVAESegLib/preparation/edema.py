"""A brain mask made whole where it cuts a tumor: edema beyond its border that FLAIR and T1 show.

A mask made on T1ce alone may take dark edema under the skull for fluid. On FLAIR edema is bright, where fluid, bone and
air are dark; fat, which may be bright there too, is bright on T1, where edema is not.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import SimpleITK as sitk

from ..core.geometry import Geometry
from ..core.modalities import Modality
from ..core.volume import Study, Volume
from ..images.itk import image_from_array, resample
from .masking import mask_on
from .stripping import close_notches, distance_to

_REACH_MM = 10.0
"""Farther from the mask lies nothing that it has cut off."""
_BRIGHT = 85.0
"""Percentile of the brain's FLAIR above which a voxel may be edema."""
_NOT_FAT = 95.0
"""Percentile of the brain's T1 below which it is."""
_LEAST_INSIDE_ML = 1.0
"""Of the same patch that must lie within the mask; less is a patch that only touches it."""


def with_edema(study: Study) -> Study:
    """Return a study whose brain mask includes the edema that borders it, by FLAIR and T1 where they lie now.

    The study stays as it is where it has no mask, or lacks FLAIR or T1.
    """
    if study.brain is None or not {Modality.T1, Modality.FLAIR} <= study.volumes.keys():
        return study
    grid = study.reference_volume.geometry
    brain = mask_on(study.brain, grid)
    added = _patches(_on(study[Modality.FLAIR], grid), _on(study[Modality.T1], grid), brain, grid) & ~brain
    if not added.any():
        return study
    return replace(study, brain=Volume(close_notches(brain | added, grid), grid, study.brain.source))


def _on(volume: Volume, grid: Geometry) -> np.ndarray:
    if volume.geometry.same_grid(grid):
        return np.asarray(volume.array)
    return resample(volume.array, volume.geometry, grid)


def _patches(flair: np.ndarray, t1: np.ndarray, brain: np.ndarray, grid: Geometry) -> np.ndarray:
    """Return the connected patches of what looks like edema that lie in the brain and reach beyond (z, y, x; bool)."""
    alike = (flair > np.percentile(flair[brain], _BRIGHT)) & (t1 < np.percentile(t1[brain], _NOT_FAT))
    near = alike & (distance_to(brain, grid) <= _REACH_MM)
    opened = sitk.BinaryMorphologicalOpening(image_from_array(near, grid), [1, 1, 1])
    parts = sitk.GetArrayFromImage(sitk.ConnectedComponent(opened))
    inside_ml = np.bincount(parts[brain], minlength=int(parts.max()) + 1) * grid.voxel_volume
    inside_ml[0] = 0
    return np.asarray((inside_ml >= _LEAST_INSIDE_ML)[parts])
