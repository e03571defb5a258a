"""Boxes of arrays (z, y, x): around what is there, cut out, and filled up with zeros where they reach beyond."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


class Box(tuple[slice, slice, slice]):
    """A part of an array (z, y, x): three slices of step 1, by which the array can be indexed.

    A box may reach beyond the array, its start below 0 or its stop beyond the end; `cut` gives zeros there.
    """

    __slots__ = ()

    @classmethod
    def at(cls, start: Sequence[int], size: Sequence[int]) -> Box:
        """Return the box of a size (z, y, x) that begins at a voxel."""
        return cls(slice(int(a), int(a) + int(n)) for a, n in zip(start, size, strict=True))

    @property
    def start(self) -> tuple[int, int, int]:
        """The index of the first voxel."""
        z, y, x = self
        return z.start, y.start, x.start

    @property
    def stop(self) -> tuple[int, int, int]:
        """The index after the last voxel."""
        z, y, x = self
        return z.stop, y.stop, x.stop

    @property
    def size(self) -> tuple[int, int, int]:
        """How many voxels each side has."""
        z, y, x = (side.stop - side.start for side in self)
        return z, y, x

    def inside(self, shape: Sequence[int]) -> tuple[Box, Box]:
        """Return what this box and a whole of a shape share: as a box of the whole, and as one of this box.

        Both are empty (some side of length 0) where they are apart.
        """
        whole = Box(
            slice(min(max(side.start, 0), n), min(max(side.stop, 0), n)) for side, n in zip(self, shape, strict=True)
        )
        return whole, whole.shifted([-a for a in self.start])

    def shifted(self, by: Sequence[int]) -> Box:
        """Return the box moved by so many voxels."""
        return Box.at([int(a) + int(step) for a, step in zip(self.start, by, strict=True)], self.size)

    def grown(self, by: int) -> Box:
        """Return the box with so many voxels more on every side."""
        return Box(slice(side.start - by, side.stop + by) for side in self)

    def __reduce__(self) -> tuple[object, ...]:
        return Box.at, (self.start, self.size)


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
        sides.append(slice(first, last))
    box = Box(sides).grown(margin)
    return box.inside(mask.shape)[0] if within else box


def union(boxes: Sequence[Box]) -> Box:
    """Return the smallest box that holds all of several."""
    start = [min(places) for places in zip(*(box.start for box in boxes), strict=True)]
    stop = [max(places) for places in zip(*(box.stop for box in boxes), strict=True)]
    return Box.at(start, [b - a for a, b in zip(start, stop, strict=True)])


def cut(whole: np.ndarray, box: Box) -> np.ndarray:
    """Return the box of (..., z, y, x) as an array of its own, 0 where the box reaches beyond."""
    there, here = box.inside(whole.shape[-3:])
    result = np.zeros((*whole.shape[:-3], *box.size), whole.dtype)
    result[(..., *here)] = whole[(..., *there)]
    return result
