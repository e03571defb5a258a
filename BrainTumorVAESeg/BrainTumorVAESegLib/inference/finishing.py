"""The last step of an answer on any grid: cleaned as its package says, by what both stages saw."""

from __future__ import annotations

import numpy as np

from ..core.segmentation import Segmentation
from ..core.settings import CascadeSettings
from ..preparation.cleaning import Cleaned, clean
from ..preparation.preparing import PreparedStudy
from ..preparation.restoring import restore_map
from .cascade import Prediction


def finish(
    segmentation: Segmentation, prediction: Prediction, prepared: PreparedStudy, settings: CascadeSettings
) -> Cleaned:
    """Clean the labels of a prediction where they lie by now; the segmentation is left as it is."""
    seen: np.ndarray | None = None
    if settings.cleaning.least_unseen_ml and prediction.regions:
        mask = prediction.seen_first(settings.stage1_thresholds).astype(np.float32)
        seen = restore_map(mask, prepared, segmentation.geometry) > 0
    return clean(segmentation.labels, segmentation.geometry.voxel_volume, settings.cleaning, seen)
