"""A cavity that an operation leaves: much fluid together where the other side of the brain has none."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import SimpleITK as sitk

from ..core.boxes import bounding_box
from ..core.modalities import Modality

_DARK, _DARKEST, _BRIGHT = 25, 10, 75
"""Percentiles of the brain's values: fluid is dark in T1 and T1ce, nearly black in FLAIR and bright in T2."""
_THICKER = 3
"""Voxels of 2 mm: thinner fluid, as between the convolutions, does not count."""
_APART = 2
_ML = 0.008
"""Of a voxel of 2 mm."""


def measure_cavity(coarse: np.ndarray, inside: np.ndarray, modalities: Sequence[Modality]) -> dict[str, float]:
    """Return as `cavity` the ml of the largest part with fluid's values and without a like part on the other side.

    coarse: images (n, z, y, x) on the grid of `features.coarsened`. Nothing where T2 or FLAIR is missing, or both of T1
    and T1ce. A ventricle that a tumor shifts counts as well, so that many untouched cases have some.
    """
    here = dict(zip(modalities, coarse, strict=True))
    box = bounding_box(inside)
    if box is None or not {Modality.T2, Modality.FLAIR} <= set(here) or not {Modality.T1, Modality.T1CE} & set(here):
        return {}
    values = {modality: image[inside] for modality, image in here.items()}
    fluid = inside.copy()
    for modality, image in here.items():
        if modality is Modality.T2:
            fluid &= image > np.percentile(values[modality], _BRIGHT)
        else:
            fluid &= image < np.percentile(values[modality], _DARKEST if modality is Modality.FLAIR else _DARK)
    thick = _opened(fluid[box], _THICKER)
    one_sided = _opened(thick & ~_dilated(thick[..., ::-1], _APART), 1)
    parts = sitk.GetArrayFromImage(sitk.ConnectedComponent(_image(one_sided)))
    return {"cavity": float(np.bincount(parts.ravel(), minlength=2)[1:].max()) * _ML}


def _opened(mask: np.ndarray, radius: int) -> np.ndarray:
    opened = sitk.BinaryMorphologicalOpening(_image(np.pad(mask, 1)), [radius] * 3, sitk.sitkBall)
    return np.asarray(sitk.GetArrayFromImage(opened)[1:-1, 1:-1, 1:-1] > 0)


def _dilated(mask: np.ndarray, radius: int) -> np.ndarray:
    return np.asarray(sitk.GetArrayFromImage(sitk.BinaryDilate(_image(mask), [radius] * 3, sitk.sitkBall)) > 0)


def _image(mask: np.ndarray) -> sitk.Image:
    return sitk.GetImageFromArray(mask.astype(np.uint8))
