"""A region's border moved by the threshold of its probability, fast enough to follow a slider.

numpy alone: the panel calls this in Slicer's own process.
"""

from __future__ import annotations

import numpy as np

from ..core.boxes import Box, bounding_box
from ..core.labels import ED, ENHANCING, NCR, REGIONS, TC, WT, Region

LOWEST = 0.02
"""The lowest threshold that the editable box is made for."""
_FILLED_WITH = {WT.key: ED.value, TC.key: NCR.value, ENHANCING.key: ENHANCING.values[0]}
_EMPTIED_TO = {WT.key: 0, TC.key: ED.value, ENHANCING.key: NCR.value}
_BY_KEY: dict[str, Region] = {region.key: region for region in REGIONS}


def editable_box(labels: np.ndarray, probability: np.ndarray, lowest: float = LOWEST) -> Box | None:
    """Return the box of all voxels (z, y, x) that a threshold from the lowest on can change, or None."""
    return bounding_box((labels > 0) | (probability >= lowest), within=True)


def with_threshold(labels: np.ndarray, probability: np.ndarray, region: str, threshold: float) -> np.ndarray:
    """Return labels (z, y, x; uint8) in which a region is where its probability reaches a threshold.

    labels: those before, or a box of them; they stay as they are. probability: the region's, of the same shape. region:
    `WT`, `TC` or `ET`. What the region wins becomes its outermost label (ED, NCR, ET), what it loses falls to the
    region around it (no tumor, ED, NCR); within it labels stay as they were.
    """
    wanted, held = probability >= threshold, _members(labels, region)
    result = np.where(wanted & ~held, np.uint8(_FILLED_WITH[region]), labels)
    result[held & ~wanted] = _EMPTIED_TO[region]
    return result.astype(np.uint8, copy=False)


def count_region(labels: np.ndarray, region: str) -> int:
    """Return how many voxels of labels (any shape; uint8) belong to a region, `WT`, `TC` or `ET`."""
    return int(np.count_nonzero(_members(labels, region)))


def _members(labels: np.ndarray, region: str) -> np.ndarray:
    values = _BY_KEY[region].values
    held = np.asarray(labels == values[0])
    for value in values[1:]:
        held |= labels == value
    return held
