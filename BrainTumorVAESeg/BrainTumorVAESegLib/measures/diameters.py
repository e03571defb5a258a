"""Diameters of a lesion: the longest in an axial slice with its perpendicular, and the longest of all.

A mask is a set of voxels, a lesion has an outline. It is taken halfway between the center of a voxel inside and that of
one outside, as surface meshes of masks have it and as the Image Biomarker Standardisation Initiative measures maximum
diameters (Zwanenburg et al. 2020, doi 10.1148/radiol.2020191145): a box of n voxels is n spacings long along its axis,
and one voxel alone has the diameter of its spacing.
"""

from __future__ import annotations

import numpy as np

from .hull import convex_hull, outline, row_ends
from .results import Diameters, Point
from .slicing import Slicing

_TIE = 1e-9
"""Lengths that differ by less, relatively, are the same."""
_MOST_PAIRS = 1_000_000
"""Distances that are held at once."""


def measure_axially(pixels: np.ndarray, slicing: Slicing) -> Diameters:
    """Return the longest axial diameter of a lesion and its longest perpendicular in the same slice.

    pixels: (n, 3), each (slice, row, column), as `Slicing.arrange` sorts them. The longest diameter is the longest
    distance of two points of the outline in any slice; the perpendicular is the longest line at a right angle to it
    between two points of the outline's convex hull. Both may so cross what is no lesion: the necrosis within a ring,
    the notch of an L. Of slices, and of lines, that are equally long the one with the larger product counts.
    """
    ends = row_ends(pixels)
    order = np.argsort(ends[:, 0], kind="stable")
    ends = ends[order]
    numbers, starts = np.unique(ends[:, 0], return_index=True)
    best: Diameters | None = None
    for number, part in zip(numbers.tolist(), np.split(ends[:, 1:], starts[1:]), strict=True):
        corners = slicing.place(_in_slice(number, outline(np.concatenate([part.min(0), part.max(0)]).reshape(2, 2))))
        if best is not None and np.linalg.norm(np.ptp(corners, axis=0)) < best.longest_mm:
            continue
        here = _measure_slice(number, slicing.place(_in_slice(number, convex_hull(outline(part)))))
        if best is None or _rank(here) > _rank(best):
            best = here
    assert best is not None
    return best


def _rank(diameters: Diameters) -> tuple[float, float]:
    return round(diameters.longest_mm, 6), diameters.product_mm2


def _in_slice(number: float, doubled: np.ndarray) -> np.ndarray:
    """Return points (n, 2), doubled, of a slice as (slice, row, column)."""
    return np.column_stack([np.full(len(doubled), number, float), doubled / 2])


def _measure_slice(number: int, corners: np.ndarray) -> Diameters:
    """Measure one slice by the corners (n, 3) of its convex hull, LPS millimeters and in their order around it."""
    distances = np.linalg.norm(corners[:, None] - corners[None], axis=2)
    longest = float(distances.max())
    firsts, seconds = np.nonzero(np.triu(distances >= longest * (1 - _TIE)))
    pairs = [(corners[i], corners[j]) for i, j in zip(firsts, seconds, strict=True)]
    lines = [(first, second, *_perpendicular(corners, first, second)) for first, second in pairs]
    first, second, start, stop = max(lines, key=lambda line: float(np.linalg.norm(line[3] - line[2])))
    width = float(np.linalg.norm(stop - start))
    return Diameters(
        longest, width, longest * width, number, (_point(first), _point(second)), (_point(start), _point(stop))
    )


def _perpendicular(corners: np.ndarray, first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the ends of the longest chord of a convex polygon at a right angle to a line between two of its corners.

    The chord's length is a concave, piecewise linear function of its place on the line, whose breaks are the corners:
    one through a corner is the longest.
    """
    along = (second - first) / np.linalg.norm(second - first)
    normal = np.cross(corners[1] - corners[0], corners[2] - corners[1])
    across = np.cross(normal / np.linalg.norm(normal), along)
    t, height = (corners - first) @ along, (corners - first) @ across
    run, rise = np.roll(t, -1) - t, np.roll(height, -1) - height
    steady = np.abs(run) > 1e-9
    slope = rise[steady] / run[steady]
    # (places, edges): how high each edge is at each corner's place, where it reaches there.
    offset = t[:, None] - t[steady]
    reached = (offset / run[steady] >= -_TIE) & (offset / run[steady] <= 1 + _TIE)
    heights = height[steady] + offset * slope
    top = np.where(reached, heights, -np.inf).max(axis=1)
    bottom = np.where(reached, heights, np.inf).min(axis=1)
    best = int(np.argmax(top - bottom))
    foot = first + t[best] * along
    return foot + bottom[best] * across, foot + top[best] * across


def measure_in_3d(pixels: np.ndarray, slicing: Slicing) -> float:
    """Return the longest distance of two points of a lesion's surface, in millimeters; pixels as above."""
    ends = row_ends(pixels)
    parts = []
    for number in np.unique(ends[:, 0]).tolist():
        part = ends[ends[:, 0] == number][:, 1:]
        middle = convex_hull(part)
        parts.append(_in_slice(number, convex_hull(outline(part))))
        parts += [_in_slice(number + step, 2 * middle) for step in (-0.5, 0.5)]
    points = slicing.place(np.concatenate(parts))
    return _longest(_prune(points))


def _prune(points: np.ndarray) -> np.ndarray:
    """Leave out points (n, 3) from which no other is as far as the longest distance surely is."""
    start = points[0]
    known = 0.0
    for _ in range(4):
        distances = np.linalg.norm(points - start, axis=1)
        start, known = points[int(distances.argmax())], max(known, float(distances.max()))
    low, high = points.min(axis=0), points.max(axis=0)
    reach = np.linalg.norm(np.maximum(points - low, high - points), axis=1)
    return points[reach >= known * (1 - _TIE)]


def _longest(points: np.ndarray) -> float:
    """Return the longest distance of two of several points (n, 3)."""
    centered = points - points.mean(axis=0)
    squares = (centered**2).sum(axis=1)
    step = max(1, _MOST_PAIRS // len(points))
    longest = 0.0
    for start in range(0, len(points), step):
        some = slice(start, start + step)
        longest = max(longest, float((squares[some, None] + squares - 2 * centered[some] @ centered.T).max()))
    return float(np.sqrt(longest))


def _point(place: np.ndarray) -> Point:
    x, y, z = (float(value) for value in place)
    return x, y, z
