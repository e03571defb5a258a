"""The brain's plane of symmetry, and on which side of it something lies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..core.geometry import Geometry
from .results import Side

_POINTS_MM = 4.0
"""Distance of the points at which the brain is looked at."""
LEAST_AGREEMENT = 0.85
"""Share of the brain that must fall on the brain when mirrored: less is no whole brain."""
_STEPS = np.array([0.16, 0.16, 8.0])
"""The search's first steps: two slopes of the plane, and its place in millimeters; each is halved six times."""
_HALVINGS = 6


@dataclass(frozen=True)
class Midline:
    """A plane: where normal (LPS, of length 1, towards the patient's left) times place (mm) is offset.

    agreement: share of the brain that falls on the brain when mirrored in it, 0 to 1.
    """

    normal: np.ndarray
    offset: float
    agreement: float

    def side_of(self, places: np.ndarray) -> Side:
        """Say on which side points (n, 3) in LPS millimeters, the centers of a lesion's voxels, mostly lie."""
        distances = places @ self.normal - self.offset
        left = float((distances > 0).mean())
        beyond = float(-distances.min() if left >= 0.5 else distances.max())
        return Side("left" if left >= 0.5 else "right", left, max(0.0, beyond))


def find_midline(brain: np.ndarray, geometry: Geometry) -> Midline | None:
    """Find the plane in which a brain's mask (z, y, x; bool) is most nearly its own mirror image.

    The search begins with the sagittal plane through the center of mass and improves two slopes and the place, one
    after another with ever smaller steps. None where the mask is empty or nowhere symmetric (see `LEAST_AGREEMENT`).
    """
    steps = [max(1, round(_POINTS_MM / spacing)) for spacing in geometry.spacing[::-1]]
    index = np.argwhere(brain[tuple(slice(None, None, step) for step in steps)]) * steps
    if not len(index):
        return None
    matrix = geometry.index_to_physical
    points = index[:, ::-1] @ matrix[:3, :3].T + matrix[:3, 3]
    score = _Mirror(brain, matrix, points)
    plane = np.array([0.0, 0.0, float(points[:, 0].mean())])
    best = score(plane)
    for halving in range(_HALVINGS + 1):
        best, plane = _climb(score, best, plane, _STEPS / 2**halving)
    if best < LEAST_AGREEMENT:
        return None
    normal, offset = score.plane(plane)
    return Midline(normal, offset, best)


def _climb(score: _Mirror, best: float, plane: np.ndarray, steps: np.ndarray) -> tuple[float, np.ndarray]:
    """Take the steps that better a plane's score, each as often as it does."""
    found = True
    while found:
        found = False
        for step in np.concatenate([np.diag(steps), -np.diag(steps)]):
            if (value := score(plane + step)) > best:
                best, plane, found = value, plane + step, True
    return best, plane


class _Mirror:
    """Scores planes: two slopes of the normal against the patient's left, and the place at the brain's center."""

    def __init__(self, brain: np.ndarray, matrix: np.ndarray, points: np.ndarray) -> None:
        self._brain, self._points = brain, points
        self._inverse = np.linalg.inv(matrix)
        self._center = points.mean(axis=0)

    def plane(self, values: np.ndarray) -> tuple[np.ndarray, float]:
        """Return a plane's normal and offset."""
        normal = np.array([1.0, values[0], values[1]])
        normal /= np.linalg.norm(normal)
        through = np.array([values[2], self._center[1], self._center[2]])
        return normal, float(normal @ through)

    def __call__(self, values: np.ndarray) -> float:
        """Return the share of the brain's points that lie on the brain when mirrored."""
        normal, offset = self.plane(values)
        mirrored = self._points - 2 * np.outer(self._points @ normal - offset, normal)
        index = np.rint(mirrored @ self._inverse[:3, :3].T + self._inverse[:3, 3]).astype(int)[:, ::-1]
        inside = ((index >= 0) & (index < self._brain.shape)).all(axis=1)
        return float(self._brain[tuple(index[inside].T)].sum() / len(index))
