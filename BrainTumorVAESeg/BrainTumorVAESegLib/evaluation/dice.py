"""Dice of the nested regions, as BraTS 2018 to 2021 count empty ones."""

from __future__ import annotations

import numpy as np

from ..core.labels import REGIONS, regions_from_labels


def dice(prediction: np.ndarray, truth: np.ndarray) -> float:
    """Dice 2|A and B| / (|A| + |B|) of two masks of one shape; 1 where both are empty, 0 where one is."""
    total = int(np.count_nonzero(prediction)) + int(np.count_nonzero(truth))
    if total == 0:
        return 1.0
    return 2.0 * int(np.count_nonzero(np.logical_and(prediction, truth))) / total


def region_dice(prediction: np.ndarray, truth: np.ndarray) -> dict[str, float]:
    """Dice of WT, TC and ET of two label maps (z, y, x) in the library's values."""
    pairs = zip(REGIONS, regions_from_labels(prediction), regions_from_labels(truth), strict=True)
    return {region.key: dice(mine, theirs) for region, mine, theirs in pairs}
