"""Where a registered image lies: a linear transform between points of two images, in LPS millimeters."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from .errors import InputError
from .geometry import Geometry

_IDENTITY = (1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0)


@dataclass(frozen=True)
class Transform:
    """A rigid or affine transform that takes a point of the reference image to the same place in another image.

    matrix: 4x4, row-major, LPS millimeters; the direction is the one that ITK resamples and stores by.
    """

    matrix: tuple[float, ...] = _IDENTITY

    def __post_init__(self) -> None:
        """Raise InputError where the numbers are no transform that can be undone."""
        values = np.array(self.matrix, float)
        if values.shape != (16,) or not np.isfinite(values).all() or not np.allclose(values[12:], (0, 0, 0, 1)):
            raise InputError("The numbers are no linear transform; they must be a matrix of 4 x 4.")
        if abs(np.linalg.det(self.array[:3, :3])) < 1e-3:
            raise InputError("The linear transform flattens the image; register it again.")

    @classmethod
    def of(cls, matrix: np.ndarray) -> Transform:
        """Return the transform of a 4x4 array."""
        return cls(tuple(float(value) for value in np.ravel(matrix)))

    @property
    def array(self) -> np.ndarray:
        """The matrix as an array of 4x4."""
        return np.reshape(np.array(self.matrix, float), (4, 4))

    @property
    def turned_degrees(self) -> float:
        """The angle by which the image was turned."""
        u, _, v = np.linalg.svd(self.array[:3, :3])
        cosine = (np.trace(u @ v) - 1) / 2
        return float(np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0))))

    def points(self, places: np.ndarray) -> np.ndarray:
        """Return where the reference's points (n, 3) lie in the other image."""
        return np.asarray(places @ self.array[:3, :3].T + self.array[:3, 3])

    def bring(self, geometry: Geometry) -> Geometry:
        """Return the other image's grid as it lies in the reference's space; no voxel is interpolated by that."""
        matrix = np.linalg.inv(self.array) @ geometry.index_to_physical
        spacing = np.linalg.norm(matrix[:3, :3], axis=0)
        x, y, z = (float(value) for value in matrix[:3, 3])
        dx, dy, dz = (float(value) for value in spacing)
        direction = tuple(float(value) for value in (matrix[:3, :3] / spacing).ravel())
        return replace(geometry, spacing=(dx, dy, dz), origin=(x, y, z), direction=direction, forms=None)
