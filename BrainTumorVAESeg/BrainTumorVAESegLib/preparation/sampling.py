"""A volume at points some millimeters apart: what checks and the search for the background look at, to be quick."""

from __future__ import annotations

import math

import numpy as np

from ..core.geometry import Geometry
from ..core.volume import Volume

DISTANCE_MM = 3.0
"""Distance of the points; the volume of a brain comes out within 1 % all the same."""
FEWEST, MOST = 32, 170
"""Points on an axis, which matter where a spacing is no brain's: then there are not too few and not too many."""


def sample_coarsely(volume: Volume) -> tuple[np.ndarray, Geometry]:
    """Return the values (z, y, x) of every few voxels of a volume, and the grid that they lie on."""
    own = volume.geometry
    steps = [_step(spacing, n) for spacing, n in zip(own.spacing, own.size, strict=True)]
    starts = [min(step // 2, n - 1) for step, n in zip(steps, own.size, strict=True)]
    x, y, z = (slice(start, None, step) for start, step in zip(starts, steps, strict=True))
    values = np.ascontiguousarray(volume.array[z, y, x])
    first = own.index_to_physical @ np.array([*starts, 1.0])
    sx, sy, sz = (spacing * step for spacing, step in zip(own.spacing, steps, strict=True))
    nz, ny, nx = values.shape
    origin = (float(first[0]), float(first[1]), float(first[2]))
    return values, Geometry((nx, ny, nz), (sx, sy, sz), origin, own.direction)


def sample_at(volume: Volume, points: Geometry) -> tuple[np.ndarray, np.ndarray]:
    """Return the values nearest to a grid's points (z, y, x), 0 outside the volume, and which points lie within it."""
    matrix = np.linalg.inv(volume.geometry.index_to_physical) @ points.index_to_physical
    nx, ny, nz = points.size
    z, y, x = np.ogrid[:nz, :ny, :nx]
    index = [np.rint(row[0] * x + row[1] * y + row[2] * z + row[3]) for row in matrix[:3]]
    covered = np.ones(points.shape, bool)
    for place, n in zip(index, volume.geometry.size, strict=True):
        covered &= (place >= 0) & (place < n)
    result = np.zeros(points.shape, volume.array.dtype)
    i, j, k = (place[covered].astype(np.intp) for place in index)
    result[covered] = volume.array[k, j, i]
    return result, covered


def _step(spacing: float, n: int) -> int:
    wanted = max(round(min(DISTANCE_MM / spacing, n)), math.ceil(n / MOST))
    return max(1, min(wanted, n // FEWEST))
