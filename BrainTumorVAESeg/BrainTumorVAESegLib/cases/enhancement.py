"""Which of two T1 images of one head was taken with contrast agent, told by the images."""

from __future__ import annotations

import numpy as np

from ..core.volume import Volume
from ..images.itk import resample

_BRIGHT, _USUAL = 0.98, 0.5
"""Ranks among the voxels of the head from which one is bright, and below which it is not."""
_CLEARLY = 5.0
"""By how many times more voxels must be bright in one image alone than in the other alone."""
_FEWEST = 50
"""Voxels that must be bright in one image alone."""


def enhanced_one(first: Volume, second: Volume) -> int | None:
    """Return 0 or 1, the one of two T1 images that was taken with contrast agent, or None where that is not clear.

    Agent makes vessels and tumor bright that are not so without it, and nothing dark: many voxels are bright in one
    image and not in the other, but few the other way about. Ranks are compared, which a scale does not change; the
    second image is brought onto the grid of the first by its header. None also where they hardly overlap.
    """
    one = first.array.astype(np.float32, copy=False)
    other = second.array.astype(np.float32, copy=False)
    if not first.geometry.same_grid(second.geometry):
        other = resample(other, second.geometry, first.geometry)
    head = (one > _background(one)) & (other > _background(other))
    if np.count_nonzero(head) < 1000:
        return None
    a, b = _ranks(one[head]), _ranks(other[head])
    only = [int(np.count_nonzero((x > _BRIGHT) & (y < _USUAL))) for x, y in ((a, b), (b, a))]
    more = int(np.argmax(only))
    return more if only[more] >= max(_FEWEST, _CLEARLY * only[1 - more]) else None


def _background(array: np.ndarray) -> float:
    """Return the value up to which a voxel is taken for air: 0 where the image is stripped, noise where it is not."""
    low, high = np.percentile(array, [1, 99.5])
    return float(low + 0.05 * (high - low))


def _ranks(values: np.ndarray) -> np.ndarray:
    """Return the rank of each value among all, 0 to 1, equal ones alike."""
    return np.searchsorted(np.sort(values), values) / len(values)
