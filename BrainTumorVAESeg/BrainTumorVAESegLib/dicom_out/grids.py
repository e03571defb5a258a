"""An array moved onto a grid of the same voxels that is stored otherwise: mirrored, or with its axes in another order.

A NIfTI file that was made from a DICOM series mostly holds its rows the other way round.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..core.geometry import Geometry

_SAME_MM = 0.05
"""By how much voxels' centers may differ: headers round."""


@dataclass(frozen=True)
class Rearrangement:
    """axes: for each axis (z, y, x) of the new array, which one of the old it is. mirrored: those it runs against."""

    axes: tuple[int, int, int]
    mirrored: tuple[int, ...]

    def __call__(self, array: np.ndarray) -> np.ndarray:
        """Return an array (z, y, x) of the old grid on the new one; a view."""
        return np.flip(array.transpose(self.axes), self.mirrored)


def find_rearrangement(grid: Geometry, target: Geometry) -> Rearrangement | None:
    """Return how arrays on a grid come onto a target of the same voxels; None where the voxels are others."""
    turn = np.linalg.solve(target.index_to_physical[:3, :3], grid.index_to_physical[:3, :3])
    steps = np.rint(turn)
    if not np.array_equal(np.abs(steps).sum(axis=0), np.ones(3)) or np.abs(steps).sum(axis=1).max() > 1:
        return None
    sources = [int(np.argmax(np.abs(row))) for row in steps]  # in ITK's order, the reverse of an array's
    if tuple(grid.size[source] for source in sources) != target.size:
        return None
    signs = [steps[axis, source] for axis, source in enumerate(sources)]
    if not _same_places(grid, target, sources, signs):
        return None
    z, y, x = (2 - source for source in reversed(sources))
    return Rearrangement((z, y, x), tuple(2 - axis for axis, sign in enumerate(signs) if sign < 0))


def _same_places(grid: Geometry, target: Geometry, sources: list[int], signs: list[float]) -> bool:
    """Say whether the target's corners are the grid's, taken in the target's order."""
    last = np.array(target.size) - 1
    corners = np.array([[(last[axis] if corner >> axis & 1 else 0) for axis in range(3)] for corner in range(8)])
    index = np.zeros((8, 3))
    for axis, (source, sign) in enumerate(zip(sources, signs, strict=True)):
        index[:, source] = corners[:, axis] if sign > 0 else last[axis] - corners[:, axis]
    matrix = grid.index_to_physical
    places = index @ matrix[:3, :3].T + matrix[:3, 3]
    return bool(np.abs(places - target.corners()).max() <= _SAME_MM)
