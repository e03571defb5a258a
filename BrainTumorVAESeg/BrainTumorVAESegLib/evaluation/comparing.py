"""One label map against its ground truth: every measure, region by region."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import numpy as np

from ..core.boxes import Box, bounding_box
from ..core.errors import InputError
from ..core.labels import REGIONS
from .dice import dice
from .lesions import LEAST_MM3, MISSED_MM, LesionScore, score_lesions
from .rates import sensitivity, specificity
from .surfaces import hd95, measure_surfaces

EMPTY_HD95_MM = float(np.sqrt(240**2 + 240**2 + 155**2))
"""HD95 where one of two masks is empty: the diagonal of BraTS's volumes, 373.13 mm."""
TOLERANCE_MM = 1.0
"""Tolerance of the surface Dice."""
RULES: dict[str, str] = {
    "dice": "BraTS 2018 to 2021: 1 where both are empty, 0 where one is",
    "hd95": "BraTS 2018 to 2021 (MedPy's hd95), mm: 95th percentile of the distances of both surfaces' voxels"
    f" together; 0 where both are empty, {EMPTY_HD95_MM:.2f} where one is",
    "sensitivity": "BraTS 2018 to 2021 (CaPTk): 1 where both are empty, 0 where the truth alone is",
    "specificity": "over the whole image",
    "surface_dice": f"by area within {TOLERANCE_MM:g} mm (Nikolov et al. 2018); 1 where both are empty, 0 where one is",
    "lesion_dice": "BraTS 2023, glioma: truth dilated by 3 mm, 26-connected; lesions above"
    f" {LEAST_MM3:g} mm3; 0 for each missed lesion and each false positive of any size; 1 where there is neither",
    "lesion_hd95": f"mm, as lesion_dice; {MISSED_MM:g} for each missed lesion and false positive; 0 for neither",
    "volume_error_ml": "prediction minus truth",
    "volume_error_relative": "volume_error_ml over the truth's volume; none where the truth is empty",
}
"""Measure -> the rule that it follows."""


@dataclass(frozen=True)
class RegionScore:
    """One region of one case; see `RULES`. Distances in mm, volumes in ml.

    volume_error_relative is None where the truth is empty. lesions_found, lesions_missed, lesions_false: counts of
    the truth's lesions above 50 mm3 and of the prediction's parts that meet no lesion.
    """

    dice: float
    hd95: float
    sensitivity: float
    specificity: float
    surface_dice: float
    lesion_dice: float
    lesion_hd95: float
    lesions_found: int
    lesions_missed: int
    lesions_false: int
    volume_ml: float
    true_volume_ml: float
    volume_error_ml: float
    volume_error_relative: float | None


def compare(prediction: np.ndarray, truth: np.ndarray, spacing: Sequence[float]) -> dict[str, RegionScore]:
    """Score a label map against its truth, both (z, y, x) in the library's values, for WT, TC and ET.

    spacing: mm along z, y and x. Raises InputError where the shapes differ.
    """
    if prediction.shape != truth.shape or prediction.ndim != 3 or len(spacing) != 3:
        raise InputError(
            f"A prediction of shape {prediction.shape} cannot be compared with a truth of shape {truth.shape} and"
            f" spacing {tuple(spacing)}; give two 3D label maps on one grid."
        )
    spacing = tuple(float(step) for step in spacing)
    # Room for the dilation, so that cropping changes nothing.
    margin = max(int(4 // step) for step in spacing) + 1
    box = bounding_box((prediction > 0) | (truth > 0), margin, within=True) or Box.at((0, 0, 0), (1, 1, 1))
    mine, theirs = prediction[box], truth[box]
    return {
        region.key: _score(np.isin(mine, region.values), np.isin(theirs, region.values), spacing, truth.size)
        for region in REGIONS
    }


def _score(prediction: np.ndarray, truth: np.ndarray, spacing: tuple[float, ...], voxels: int) -> RegionScore:
    """Score one region's masks, cut out of an image of so many voxels."""
    ml = prod(spacing) / 1000
    volume, true_volume = (int(np.count_nonzero(mask)) * ml for mask in (prediction, truth))
    distance, surface = _surface_scores(prediction, truth, spacing)
    lesions: LesionScore = score_lesions(prediction, truth, spacing)
    return RegionScore(
        dice=dice(prediction, truth),
        hd95=distance,
        sensitivity=sensitivity(prediction, truth),
        specificity=specificity(prediction, truth, voxels),
        surface_dice=surface,
        lesion_dice=lesions.dice,
        lesion_hd95=lesions.hd95,
        lesions_found=lesions.found,
        lesions_missed=lesions.missed,
        lesions_false=lesions.false,
        volume_ml=volume,
        true_volume_ml=true_volume,
        volume_error_ml=volume - true_volume,
        volume_error_relative=(volume - true_volume) / true_volume if true_volume else None,
    )


def _surface_scores(prediction: np.ndarray, truth: np.ndarray, spacing: tuple[float, ...]) -> tuple[float, float]:
    """Return HD95 (mm) and the surface Dice of two masks that may be empty."""
    if not prediction.any() and not truth.any():
        return 0.0, 1.0
    if not prediction.any() or not truth.any():
        return EMPTY_HD95_MM, 0.0
    return hd95(prediction, truth, spacing), measure_surfaces(prediction, truth, spacing).dice(TOLERANCE_MM)
