"""Sensitivity and specificity of a mask over the whole image, as BraTS counts empty ones.

The rules are those of the program that scored BraTS up to 2021 (CaPTk's `GetBraTSLabelStatistics`), with which BraTS
2023's agrees: sensitivity is 1 where both masks are empty and 0 where the truth alone is; specificity is taken over all
voxels of the image, so that an empty truth needs no rule.
"""

from __future__ import annotations

import numpy as np


def sensitivity(prediction: np.ndarray, truth: np.ndarray) -> float:
    """Share of the truth's voxels that the prediction holds; 1 where both are empty, 0 where the truth alone is."""
    positives = int(np.count_nonzero(truth))
    if positives == 0:
        return float(not prediction.any())
    return int(np.count_nonzero(np.logical_and(prediction, truth))) / positives


def specificity(prediction: np.ndarray, truth: np.ndarray, voxels: int | None = None) -> float:
    """Share of the voxels outside the truth that the prediction leaves out; 1 where the truth fills the image.

    voxels: of the whole image, where the masks are a part of it that holds all of both.
    """
    total = truth.size if voxels is None else voxels
    negatives = total - int(np.count_nonzero(truth))
    wrong = int(np.count_nonzero(np.logical_and(prediction, np.logical_not(truth))))
    return 1.0 - wrong / negatives if negatives else 1.0
