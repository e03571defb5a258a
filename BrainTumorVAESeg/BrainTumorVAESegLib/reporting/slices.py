"""Slices of a volume as a reader sees them: cut on any grid, with the intensities between which they are shown."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..core.geometry import Geometry
from ..core.volume import Volume
from ..images.itk import resample

_NEIGHBORS = 2
"""Voxels beside a slice that its interpolation may reach for."""


@dataclass(frozen=True)
class Picture:
    """A volume with the intensities between which it is shown."""

    volume: Volume
    dark: float
    bright: float

    @classmethod
    def of(cls, volume: Volume) -> Picture:
        """Choose the window from percentiles of the voxels that are not zero, so that fluid stays above black."""
        values = volume.array[np.isfinite(volume.array) & (volume.array != 0)][::7].astype(np.float32)
        if not values.size:
            return cls(volume, 0.0, 1.0)
        low, high = (float(v) for v in np.percentile(values, (0.5, 99.6)))
        span = max(high - low, 1e-6)
        return cls(volume, low - 0.12 * span, high)

    def cut(self, grid: Geometry) -> np.ndarray:
        """Return the slice (rows, columns) on the grid; where the volume is zero it is black."""
        array, geometry = part_near(self.volume.array, self.volume.geometry, grid)
        return np.where(self.inside(grid), resample(array, geometry, grid)[0], np.float32(self.dark))

    def inside(self, grid: Geometry) -> np.ndarray:
        """Return where on the grid (rows, columns) the volume is not zero."""
        array, geometry = part_near(self.volume.array, self.volume.geometry, grid)
        return resample((array != 0).astype(np.uint8), geometry, grid, nearest=True)[0] > 0

    def shade(self, grid: Geometry) -> np.ndarray:
        """Return the slice (rows, columns) in 0 (dark) to 1 (bright)."""
        return np.clip((self.cut(grid) - self.dark) / (self.bright - self.dark), 0.0, 1.0)


def part_near(array: np.ndarray, geometry: Geometry, grid: Geometry) -> tuple[np.ndarray, Geometry]:
    """Return the part of an image that a slice is cut from, and its grid: a copy of the whole would take longer."""
    box = geometry.covered_by(grid).grown(_NEIGHBORS).inside(geometry.shape)[0]
    if array[box].size == 0:
        return array, geometry
    return array[box], geometry.sub_grid(box)
