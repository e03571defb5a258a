"""How far lesions lie from each other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

_MOST_PAIRS = 1_000_000
"""Distances that are held at once."""
_FEW = 200
"""Points of each lesion by which a first distance is found."""


def nearest_distances(lesions: Sequence[np.ndarray]) -> list[float | None]:
    """Return for each lesion the distance of its nearest voxel's center from that of another lesion, mm.

    lesions: the places (n, 3) in millimeters of each one's voxels. None where there is no other lesion.
    """
    result: list[float | None] = [None] * len(lesions)
    for i, first in enumerate(lesions):
        for j in range(i + 1, len(lesions)):
            known = [result[i], result[j]]
            limit = None if None in known else max(value for value in known if value is not None)
            if limit is not None and _least_gap(first, lesions[j]) >= limit:
                continue
            distance = distance_between(first, lesions[j])
            for index in (i, j):
                before = result[index]
                result[index] = distance if before is None else min(before, distance)
    return result


def distance_between(first: np.ndarray, second: np.ndarray) -> float:
    """Return the least distance of two sets of points (n, 3), (m, 3)."""
    some = first[:: max(1, len(first) // _FEW)], second[:: max(1, len(second) // _FEW)]
    bound = _least(*some)
    # Only what lies as near to the other's box can lie as near to the other.
    near_first = first[_from_box(first, second) <= bound]
    near_second = second[_from_box(second, near_first) <= bound]
    near_first = near_first[_from_box(near_first, near_second) <= bound]
    return min(bound, _least(near_first, near_second))


def _least(first: np.ndarray, second: np.ndarray) -> float:
    step = max(1, _MOST_PAIRS // len(second))
    return min(
        float(np.linalg.norm(first[start : start + step, None] - second, axis=2).min())
        for start in range(0, len(first), step)
    )


def _from_box(points: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return the distance of points (n, 3) from the box around others."""
    outside = np.maximum(others.min(axis=0) - points, points - others.max(axis=0))
    return np.linalg.norm(np.maximum(outside, 0), axis=1) * (1 - 1e-9)


def _least_gap(first: np.ndarray, second: np.ndarray) -> float:
    """Return the distance of the boxes around two sets of points."""
    gap = np.maximum(second.min(axis=0) - first.max(axis=0), first.min(axis=0) - second.max(axis=0))
    return float(np.linalg.norm(np.maximum(gap, 0)))
