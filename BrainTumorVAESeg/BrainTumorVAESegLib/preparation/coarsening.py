"""Prepared images at half their resolution, for what is told of them at a glance."""

from __future__ import annotations

import numpy as np

FACTOR = 2
"""Voxels along a side of a coarse one."""


def coarsened(images: np.ndarray, brain: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Average over cubes of 2 voxels; return the images and where most of a cube is brain."""
    shape = [n - n % FACTOR for n in brain.shape]
    z, y, x = (n // FACTOR for n in shape)
    part = tuple(slice(n) for n in shape)

    def pooled(array: np.ndarray) -> np.ndarray:
        cubes = array[part].astype(np.float32).reshape(z, FACTOR, y, FACTOR, x, FACTOR)
        return np.asarray(cubes.mean(axis=(1, 3, 5)))

    return np.stack([pooled(image) for image in images]), pooled(brain) > 0.75
