"""Where stage 2 changed stage 1's answer."""

from __future__ import annotations

import numpy as np

from ..core.inspection import StageChange
from ..core.labels import REGIONS, regions_from_labels


def change_maps(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Return for WT, TC and ET (3, z, y, x), int8: 1 where a voxel was won, -1 where it was lost, else 0.

    before, after: label maps (z, y, x) in the library's values.
    """
    return regions_from_labels(after).astype(np.int8) - regions_from_labels(before).astype(np.int8)


def count_changes(changes: np.ndarray, voxel_volume: float) -> tuple[StageChange, ...]:
    """Return what was won and lost of each region, voxel_volume in ml; changes: those of `change_maps`."""
    rows = []
    for region, change in zip(REGIONS, changes, strict=True):
        won, lost = int(np.count_nonzero(change > 0)), int(np.count_nonzero(change < 0))
        rows.append(StageChange(region.key, won, lost, won * voxel_volume, lost * voxel_volume))
    return tuple(rows)
