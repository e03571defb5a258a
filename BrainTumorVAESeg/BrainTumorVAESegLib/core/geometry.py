"""Where an image's voxels lie in the patient: size, spacing, origin and direction, in LPS millimeters as ITK's."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import permutations

import numpy as np

from .boxes import Box
from .errors import InputError


@dataclass(frozen=True)
class NiftiForms:
    """The two transforms of a NIfTI-1 header in its own numbers, so that a file on the same grid can hold the same.

    codes: qform_code, sform_code. pixdim: qfac, then the spacing. quaternion: b, c, d, then the offset. rows: srow_x,
    srow_y, srow_z. units: code of the unit of length.
    """

    codes: tuple[int, int]
    pixdim: tuple[float, ...]
    quaternion: tuple[float, ...]
    rows: tuple[float, ...]
    units: int = 2


@dataclass(frozen=True)
class Geometry:
    """The grid of a 3D image.

    size, spacing (mm) and the columns of direction belong to the array's axes in ITK's order (x, y, z), the reverse of
    a numpy array's (z, y, x). origin is the center of the first voxel in LPS millimeters; direction is row-major 3x3.
    forms: what a NIfTI header said of this very grid, for files that are written on it; two grids may differ in it.
    """

    size: tuple[int, int, int]
    spacing: tuple[float, float, float]
    origin: tuple[float, float, float]
    direction: tuple[float, ...] = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)
    forms: NiftiForms | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Raise InputError where the values are those of no grid."""
        if not all(np.isfinite(s) and s > 0 for s in self.spacing):
            raise InputError(f"The spacing {self.spacing} is not above 0 mm on each axis; export the image again.")
        finite = np.isfinite((*self.origin, *self.direction)).all()
        if not finite or abs(np.linalg.det(np.reshape(self.direction, (3, 3)))) < 1e-3:
            raise InputError("The origin or the directions of the axes are those of no grid; export the image again.")

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape of the numpy array, (z, y, x)."""
        return self.size[2], self.size[1], self.size[0]

    @property
    def voxel_volume(self) -> float:
        """Volume of one voxel in millilitres."""
        return float(np.prod(self.spacing)) / 1000.0

    @property
    def index_to_physical(self) -> np.ndarray:
        """The 4x4 matrix from voxel index (x, y, z) to LPS millimeters."""
        matrix = np.eye(4)
        matrix[:3, :3] = np.reshape(self.direction, (3, 3)) * np.asarray(self.spacing)
        matrix[:3, 3] = self.origin
        return matrix

    @property
    def axis_codes(self) -> str:
        """The anatomical direction towards which each axis (x, y, z) mostly rises, e.g. `LPS`, `RAS`, `PSR`.

        Each of the three pairs of directions is named once, also where the axes are turned by 45 degrees or more.
        """
        columns = np.reshape(self.direction, (3, 3)).T
        best = max(permutations(range(3)), key=lambda order: sum(abs(columns[i, axis]) for i, axis in enumerate(order)))
        return "".join(("LR", "PA", "SI")[axis][0 if columns[i, axis] > 0 else 1] for i, axis in enumerate(best))

    def corners(self, outer: bool = False) -> np.ndarray:
        """The centers of the eight corner voxels in LPS millimeters, (8, 3); outer: their outermost points instead."""
        near, far = (-0.5, -0.5) if outer else (0.0, -1.0)
        index = [[(self.size[axis] + far if corner >> axis & 1 else near) for axis in range(3)] for corner in range(8)]
        matrix = self.index_to_physical
        return np.array(index) @ matrix[:3, :3].T + matrix[:3, 3]

    def same_grid(self, other: Geometry, tolerance: float = 1e-2) -> bool:
        """Say whether both grids have the same size and their corners lie within tolerance millimeters."""
        return self.size == other.size and bool(np.allclose(self.corners(), other.corners(), rtol=0, atol=tolerance))

    def sub_grid(self, box: Box) -> Geometry:
        """Return the grid of a box of this one's voxels; the box may reach beyond this grid."""
        first = np.array([side.start for side in reversed(box)] + [1.0])
        x, y, z = (float(value) for value in (self.index_to_physical @ first)[:3])
        nx, ny, nz = (side.stop - side.start for side in reversed(box))
        return Geometry((nx, ny, nz), self.spacing, (x, y, z), self.direction)

    def covered_by(self, other: Geometry) -> Box:
        """Return the box of this grid's voxels that holds all whose centers may lie within the other grid.

        The box lies within this grid and is empty (some side of length 0) where the grids are apart.
        """
        matrix = np.linalg.inv(self.index_to_physical)
        index = other.corners(outer=True) @ matrix[:3, :3].T + matrix[:3, 3]
        low, high = np.floor(index.min(axis=0)).astype(int), np.ceil(index.max(axis=0)).astype(int) + 1
        low, high = np.clip(low, 0, self.size), np.clip(high, 0, self.size)
        return Box.at(low[::-1], np.maximum(high - low, 0)[::-1])

    def __str__(self) -> str:
        size = "x".join(str(n) for n in self.size)
        spacing = "x".join(f"{s:.4g}" for s in self.spacing)
        return f"{size} at {spacing} mm, {self.axis_codes}"
