"""Shading taken away: the slow change of brightness that coils and the head itself leave across an image, fitted by N4.

N4 (Tustison et al., IEEE TMI 2010; SimpleITK's) takes a large tumor for a bright field and darkens it. It is fitted
outside the tumor here, as far as a first answer knows it, and goes on smoothly through it.
"""

from __future__ import annotations

import numpy as np
import SimpleITK as sitk

_COARSE_MM = 8.0
"""Side of the cubes whose means the field is fitted to: it changes over some centimeters."""
_ITERATIONS = (20, 20, 20)
"""On each level of the field's B-splines, twice as fine as the one before."""
_CONTROL_POINTS = 4
_LEAST_CUBES = 200
"""Cubes outside the tumor, 100 ml, from which a field can still be told."""
_LEAST_SHARE = 0.5
"""Of a cube that must be brain outside the tumor for it to count."""


def find_field(image: np.ndarray, brain: np.ndarray, tumor: np.ndarray, spacing: float) -> np.ndarray | None:
    """Return the field (z, y, x; float32) by which a coil brightened an image, with a mean log of 0 over the brain.

    image: (z, y, x), before any normalization. brain, tumor: (z, y, x) bool; the field is fitted to voxels above 0 in
    the brain that no tumor is near (4 mm). spacing: mm of a voxel. None where too little is left to fit it to.
    """
    side = max(round(_COARSE_MM / spacing), 1)
    counts = brain & (image > 0) & ~_grown(tumor, max(side // 2, 1))
    share = _means(counts.astype(np.float32), side)
    means = _means(np.where(counts, image, 0).astype(np.float32), side) / np.maximum(share, _LEAST_SHARE)
    fitted = share >= _LEAST_SHARE
    if np.count_nonzero(fitted) < _LEAST_CUBES or np.ptp(means[fitted]) == 0:
        return None
    n4 = sitk.N4BiasFieldCorrectionImageFilter()
    n4.SetMaximumNumberOfIterations(_ITERATIONS)
    n4.SetNumberOfControlPoints([_CONTROL_POINTS] * 3)
    coarse = sitk.GetImageFromArray(means)
    n4.Execute(coarse, sitk.GetImageFromArray(fitted.astype(np.uint8)))
    log = _refined(n4.GetLogBiasFieldAsImage(coarse), image.shape, side)
    field: np.ndarray = np.exp(log - log[brain].mean())
    return field


def _means(values: np.ndarray, side: int) -> np.ndarray:
    """Average (z, y, x) over cubes of so many voxels, the last ones filled up with 0."""
    padded = np.pad(values, [(0, -n % side) for n in values.shape])
    z, y, x = (n // side for n in padded.shape)
    result: np.ndarray = padded.reshape(z, side, y, side, x, side).mean((1, 3, 5), dtype=np.float32)
    return result


def _grown(mask: np.ndarray, by: int) -> np.ndarray:
    """Grow a mask by so many voxels, roughly: by whole cubes of that side."""
    there = np.pad(_means(mask.astype(np.float32), by) > 0, 1)
    for axis in range(3):
        there = there | np.roll(there, 1, axis) | np.roll(there, -1, axis)
    near = there[1:-1, 1:-1, 1:-1]
    for axis in range(3):
        near = near.repeat(by, axis)
    z, y, x = mask.shape
    return near[:z, :y, :x]


def _refined(coarse: sitk.Image, shape: tuple[int, ...], side: int) -> np.ndarray:
    """Interpolate an image of cubes linearly to the voxels of a grid (z, y, x); beyond the outer centers it is even."""
    coarse.SetSpacing([float(side)] * 3)
    coarse.SetOrigin([(side - 1) / 2] * 3)
    grid = sitk.Image([int(n) for n in reversed(shape)], sitk.sitkFloat32)
    resampler = sitk.ResampleImageFilter()
    resampler.SetReferenceImage(grid)
    resampler.SetInterpolator(sitk.sitkLinear)
    resampler.SetUseNearestNeighborExtrapolator(True)
    result: np.ndarray = sitk.GetArrayFromImage(resampler.Execute(sitk.Cast(coarse, sitk.sitkFloat32)))
    return result
