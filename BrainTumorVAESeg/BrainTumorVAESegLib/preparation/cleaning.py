"""What cannot be, or is too small to be believed, put right in a finished label map."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import SimpleITK as sitk

from ..core.boxes import bounding_box
from ..core.labels import ED, ENHANCING, NCR, TC, WT, Label, Region
from ..core.settings import Cleaning

_OUTSIDE: dict[str, int] = {ENHANCING.key: NCR.value, TC.key: ED.value, WT.key: 0}
"""The label that a part of a region becomes when it is removed from it: that of the next region around it."""


@dataclass(frozen=True)
class Cleaned:
    """Cleaned labels (z, y, x), and what was done, in ml: parts of the tumor that were removed, and what was filled."""

    labels: np.ndarray
    removed_parts: int = 0
    removed_ml: float = 0.0
    filled_ml: float = 0.0


def clean(labels: np.ndarray, voxel_volume: float, cleaning: Cleaning, seen: np.ndarray | None = None) -> Cleaned:
    """Clean a label map (z, y, x; the library's values), whose voxels have a volume in ml, by a package's rule.

    Small parts go first, from the inside out, so that a small enhancing part becomes core, and edema where the core is
    small there too. seen (z, y, x; bool): where stage 1 saw a tumor; None where no other stage answered. The array
    given is left as it is.
    """
    box = bounding_box(labels > 0, margin=1, within=True)
    if box is None or cleaning == Cleaning():
        return Cleaned(labels)
    result = labels.copy()
    part = result[box]
    removed_parts = 0
    for region, least in zip((ENHANCING, TC, WT), reversed(cleaning.least_ml), strict=True):
        small, count = _small_parts(np.isin(part, region.values), least / voxel_volume)
        part[small] = _OUTSIDE[region.key]
        removed_parts += count if region is WT else 0
    if seen is not None:
        small, count = _small_parts(part > 0, cleaning.least_unseen_ml / voxel_volume, spared=seen[box])
        part[small] = 0
        removed_parts += count
    removed = int(np.count_nonzero(labels) - np.count_nonzero(result))
    filled = sum(_fill(part, region, label) for region, label in ((TC, NCR), (WT, ED))) if cleaning.fill else 0
    return Cleaned(result, removed_parts, removed * voxel_volume, filled * voxel_volume)


def _small_parts(mask: np.ndarray, least: float, spared: np.ndarray | None = None) -> tuple[np.ndarray, int]:
    """Return the voxels of a mask's 26-connected parts of fewer than so many voxels, and how many parts they are.

    Parts that reach into what is spared are not among them.
    """
    if not least:
        return np.zeros_like(mask), 0
    parts = sitk.GetArrayFromImage(sitk.ConnectedComponent(_image(mask), True))
    sizes = np.bincount(parts.ravel())
    small = sizes < least
    small[0] = False
    if spared is not None:
        small[np.unique(parts[spared])] = False
    return small[parts], int(np.count_nonzero(small))


def _fill(labels: np.ndarray, region: Region, label: Label) -> int:
    """Write a label where a region encloses what is not of it; return how many voxels that were."""
    mask = np.isin(labels, region.values)
    holes = sitk.GetArrayFromImage(sitk.BinaryFillhole(_image(mask))) > mask
    labels[holes] = label.value
    return int(np.count_nonzero(holes))


def _image(mask: np.ndarray) -> sitk.Image:
    return sitk.GetImageFromArray(mask.astype(np.uint8))
