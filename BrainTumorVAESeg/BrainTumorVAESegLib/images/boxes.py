"""Boxes of arrays (z, y, x): around what is there, cut out, and filled up with zeros where they reach beyond."""

from __future__ import annotations

import numpy as np

from ..core.geometry import Box


def bounding_box(mask: np.ndarray, margin: int = 0, within: bool = False) -> Box | None:
    """Return the box of a mask's voxels with a margin, or None where there is none.

    The box may reach beyond the array unless it is to stay within.
    """
    sides = []
    part = mask
    for axis in range(3):
        # Each axis looks only at what the earlier ones left.
        line = np.flatnonzero(part.any(axis=tuple(other for other in range(3) if other != axis)))
        if not len(line):
            return None
        first, last = int(line[0]), int(line[-1]) + 1
        part = part[(slice(None),) * axis + (slice(first, last),)]
        first, last = first - margin, last + margin
        sides.append(slice(max(first, 0), min(last, mask.shape[axis])) if within else slice(first, last))
    return sides[0], sides[1], sides[2]


def union(boxes: list[Box]) -> Box:
    """Return the smallest box that holds all of several."""
    z, y, x = (slice(min(s.start for s in sides), max(s.stop for s in sides)) for sides in zip(*boxes, strict=True))
    return z, y, x


def shift(box: Box, by: Box) -> Box:
    """Return a box of a part of an array as a box of the whole; by is the part's box."""
    z, y, x = (slice(s.start + b.start, s.stop + b.start) for s, b in zip(box, by, strict=True))
    return z, y, x


def cut(array: np.ndarray, box: Box) -> np.ndarray:
    """Return the box of an array, 0 where the box reaches beyond it."""
    inside = tuple(
        slice(min(max(s.start, 0), n), min(max(s.stop, 0), n)) for s, n in zip(box, array.shape, strict=True)
    )
    part = array[inside]
    if part.shape == tuple(s.stop - s.start for s in box):
        return part
    result = np.zeros([s.stop - s.start for s in box], array.dtype)
    z, y, x = (slice(i.start - s.start, i.stop - s.start) for s, i in zip(box, inside, strict=True))
    result[z, y, x] = part
    return result
