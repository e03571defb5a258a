"""Whether two of a study's images are one that was given twice, told by their detail.

Detail is what an image has beyond its own mean over the voxels around, in local SD. Two copies of one image have the
same, whatever contrast, shading, noise or smoothing was done to one of them; two sequences of one head have not, though
edges lie in the same places. The copies may lie some millimeters apart, so that small shifts are tried.
"""

from __future__ import annotations

import numpy as np

from ..core.boxes import bounding_box, cut
from ..core.threads import thread_pool

_AROUND = 9
"""Voxels along a side of the cube that detail is told from."""
_BLOCK = (48, 80, 64)
"""Voxels in the middle of the brain that are looked at."""
_MOST_SHIFT = 4
_FEWEST = 60_000
"""Voxels of the brain in the block: fewer are no brain, and tell nothing."""
_LEAST_SPREAD = 0.05
"""In SD of the image: where less than this changes there is no detail."""


def likeness(images: np.ndarray, brain: np.ndarray) -> np.ndarray:
    """Return how alike each two of a study's images are in detail, at the shift where they are most, (n, n) of -1 to 1.

    images: (n, z, y, x), z-scored over the brain (z, y, x), voxels of 1 mm. 0 where an image has no detail, or the
    brain is too small to tell.
    """
    count, box = len(images), bounding_box(brain)
    found = np.eye(count)
    if box is None:
        return found
    middle = [int(first + side // 2) for first, side in zip(box.start, box.size, strict=True)]
    block = box.at([at - side // 2 for at, side in zip(middle, _BLOCK, strict=True)], _BLOCK)
    inside = cut(brain, block)
    if np.count_nonzero(inside) < _FEWEST:
        return found
    with thread_pool(count) as pool:
        details = list(pool.map(lambda image: detail(cut(image, block), inside), images))
        lines = list(pool.map(np.fft.rfftn, details))
    sizes = [float(np.sqrt((each * each).sum())) for each in details]
    for first in range(count):
        for second in range(first):
            size = sizes[first] * sizes[second]
            if size > 0:
                product = np.fft.irfftn(lines[first] * np.conj(lines[second]), s=_BLOCK, axes=(0, 1, 2))
                found[first, second] = found[second, first] = float(_near(product).max()) / size
    return found


def detail(image: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Return an image (z, y, x) less its mean around each voxel, over its SD there; float32, 0 outside the brain."""
    if not inside.any():
        return np.zeros(image.shape, np.float32)
    share = np.maximum(_mean_around(inside.astype(np.float32)), 1e-3)
    rest = (image - _mean_around(image * inside) / share) * inside
    spread = np.sqrt(_mean_around(rest * rest) / share)
    return np.asarray(rest / (spread + _LEAST_SPREAD * float(image[inside].std()) + 1e-6), np.float32)


def _mean_around(values: np.ndarray) -> np.ndarray:
    """Return the means over a cube around each voxel, 0 beyond the array."""
    for axis in range(3):
        sides = [(0, 0)] * 3
        sides[axis] = (_AROUND // 2 + 1, _AROUND // 2)
        total = np.cumsum(np.pad(values, sides), axis=axis, dtype=np.float64)
        ahead = [slice(None)] * 3
        behind = list(ahead)
        ahead[axis], behind[axis] = slice(_AROUND, None), slice(None, -_AROUND)
        values = ((total[tuple(ahead)] - total[tuple(behind)]) / _AROUND).astype(np.float32)
    return values


def _near(product: np.ndarray) -> np.ndarray:
    """Return the values of a correlation (z, y, x) at small shifts, which lie at both ends of each axis."""
    for axis in range(3):
        product = np.take(product, np.r_[-_MOST_SHIFT : _MOST_SHIFT + 1], axis=axis)
    return product
