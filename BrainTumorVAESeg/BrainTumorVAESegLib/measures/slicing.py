"""The slices of a grid that a reader takes for axial, and the way from their pixels to the patient."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..core.geometry import Geometry


@dataclass(frozen=True)
class Slicing:
    """The planes of a grid's own voxels that are nearest to the patient's axial plane; nothing is resampled.

    axis: of the array (z, y, x), along which they are stacked. matrix: 4x4, from (row, column, slice) to LPS
    millimeters, rows and columns being the array's other two axes in their order. thickness_mm: between two planes.
    tilt_degrees: between their normal and the patient's long axis.
    """

    axis: int
    matrix: np.ndarray
    thickness_mm: float
    tilt_degrees: float

    def arrange(self, voxels: np.ndarray) -> np.ndarray:
        """Return voxels (n, 3), each (z, y, x), as (slice, row, column), sorted by all three."""
        others = [axis for axis in range(3) if axis != self.axis]
        result = voxels[:, [self.axis, *others]]
        return result[np.lexsort(result.T[::-1])]

    def place(self, pixels: np.ndarray) -> np.ndarray:
        """Return the places (n, 3) in LPS millimeters of points (n, 3), each (slice, row, column), may be halves."""
        return pixels[:, [1, 2, 0]] @ self.matrix[:3, :3].T + self.matrix[:3, 3]


def slice_axially(geometry: Geometry) -> Slicing:
    """Find a grid's slices that are nearest to axial: those of an axial acquisition are its own, tilted or not.

    Of a sagittal or coronal acquisition they are the planes across its slices, with pixels as long as its slices are
    thick. Each axis of the array is given to one of the patient's (see `Geometry.axis_codes`).
    """
    itk_axis = next(index for index, code in enumerate(geometry.axis_codes) if code in "SI")
    own = geometry.index_to_physical
    order = [axis for axis in (2, 1, 0) if axis != itk_axis]
    matrix = own[:, [*order, itk_axis, 3]]
    normal = np.cross(matrix[:3, 0], matrix[:3, 1])
    normal /= np.linalg.norm(normal)
    tilt = float(np.degrees(np.arccos(min(1.0, abs(float(normal[2]))))))
    return Slicing(2 - itk_axis, matrix, abs(float(normal @ matrix[:3, 2])), tilt)
