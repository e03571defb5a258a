"""Convex hulls of pixels, in whole numbers and so without rounding."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

_Pair = tuple[int, int]


def row_ends(pixels: np.ndarray) -> np.ndarray:
    """Return for each row of sorted pixels (n, 3), each (slice, row, column), the first and the last one, (2 m, 3).

    A convex hull needs no others.
    """
    new = np.any(pixels[1:, :2] != pixels[:-1, :2], axis=1)
    first, last = np.concatenate([[True], new]), np.concatenate([new, [True]])
    return np.concatenate([pixels[first], pixels[last]])


def outline(pixels: np.ndarray) -> np.ndarray:
    """Return the middles of the edges of pixels (n, 2), doubled so that they are whole numbers, (4 n, 2)."""
    steps = np.array([[-1, 0], [1, 0], [0, -1], [0, 1]])
    return (2 * pixels[:, None] + steps).reshape(-1, 2)


def convex_hull(points: np.ndarray) -> np.ndarray:
    """Return the corners of the convex hull of points (n, 2) of whole numbers, counterclockwise.

    A. M. Andrew's monotone chain (1979, doi 10.1016/0020-0190(79)90072-3). One point, or two, where there are no more.
    """
    ordered = _column_ends(points)
    if len(ordered) < 3:
        return np.array(ordered)
    return np.array(_chain(ordered)[:-1] + _chain(reversed(ordered))[:-1])


def _column_ends(points: np.ndarray) -> list[_Pair]:
    """Return the distinct points of least and largest second number for each first one, in order."""
    if not len(points):
        return []
    ordered = points[np.lexsort((points[:, 1], points[:, 0]))]
    new = ordered[1:, 0] != ordered[:-1, 0]
    ends = np.concatenate([[True], new]) | np.concatenate([new, [True]])
    pairs: list[_Pair] = [(x, y) for x, y in ordered[ends].tolist()]
    return list(dict.fromkeys(pairs))


def _chain(points: Iterable[_Pair]) -> list[_Pair]:
    chain: list[_Pair] = []
    for x, y in points:
        while len(chain) > 1:
            (ax, ay), (bx, by) = chain[-2:]
            if (bx - ax) * (y - ay) - (by - ay) * (x - ax) > 0:
                break
            chain.pop()
        chain.append((x, y))
    return chain
