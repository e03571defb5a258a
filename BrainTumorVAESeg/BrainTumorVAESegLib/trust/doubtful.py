"""Which slices to look at first: those through the most uncertain border of the tumor."""

from __future__ import annotations

import numpy as np

from ..core.boxes import bounding_box
from ..core.geometry import Geometry
from ..core.inspection import DoubtfulSlice
from ..core.labels import regions_from_labels
from .probabilities import chance_of_error

DOUBTFUL = 0.4
"""From this chance of a wrong label on a voxel is doubtful."""


def doubtful_voxels(labels: np.ndarray, regions: np.ndarray) -> np.ndarray:
    """Say of each voxel (...) whether its label is in doubt; see `chance_of_error` for what is given."""
    return chance_of_error(labels, regions) >= DOUBTFUL


def border(mask: np.ndarray) -> np.ndarray:
    """Return the voxels on both sides of a mask's border (z, y, x): those with a neighbor across a face beyond it."""
    result = np.zeros(mask.shape, bool)
    for axis in range(mask.ndim):
        near: tuple[slice, ...] = (slice(None),) * axis + (slice(None, -1),)
        far: tuple[slice, ...] = (slice(None),) * axis + (slice(1, None),)
        differs = mask[near] != mask[far]
        result[near] |= differs
        result[far] |= differs
    return result


def doubtful_slices(labels: np.ndarray, regions: np.ndarray, geometry: Geometry) -> tuple[DoubtfulSlice, ...]:
    """Return the slices along the first axis through doubtful border, the one with most of it first.

    labels: (z, y, x) in the library's values. regions: probabilities of WT, TC and ET (3, z, y, x) on the same grid,
    the geometry. The border is that of all three regions. None where there is no tumor, or no doubt.
    """
    box = bounding_box(labels > 0, margin=2, within=True)
    if box is None:
        return ()
    edge = np.zeros(box.size, bool)
    for mask in regions_from_labels(labels[box]):
        edge |= border(mask)
    doubt = edge.copy()
    doubt[edge] = doubtful_voxels(labels[box][edge], regions[(slice(None), *box)][:, edge])
    counts, totals = doubt.sum(axis=(1, 2)), edge.sum(axis=(1, 2))
    order = sorted(np.flatnonzero(counts), key=lambda index: (-counts[index], index))
    return tuple(_describe(doubt[index], int(index), int(totals[index]), box.start, geometry) for index in order)


def _describe(
    doubt: np.ndarray, index: int, total: int, start: tuple[int, int, int], geometry: Geometry
) -> DoubtfulSlice:
    rows, columns = np.nonzero(doubt)
    place = np.array([columns.mean() + start[2], rows.mean() + start[1], index + start[0], 1.0])
    x, y, z = (float(value) for value in (geometry.index_to_physical @ place)[:3])
    return DoubtfulSlice(index + start[0], (x, y, z), len(rows), len(rows) / total)
