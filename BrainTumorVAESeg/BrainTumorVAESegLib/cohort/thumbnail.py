"""A small picture of a result: the slice with most tumor, its parts in their colors."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import SimpleITK as sitk

from ..core.labels import LABELS
from ..core.segmentation import Segmentation
from ..core.volume import Study
from ..images.itk import orient

_SIDE = 96
_TINT = 0.45


def write_thumbnail(study: Study, segmentation: Segmentation, path: Path) -> None:
    """Write the axial slice of the reference volume that shows most tumor, or the middle one, as PNG.

    As a reader sees it: the patient's right on the left, anterior above. 96 pixels on its longer side, in proportion
    to millimeters.
    """
    image, geometry = orient(study.reference_volume.array, segmentation.geometry, "LPS")
    labels, _ = orient(segmentation.labels, segmentation.geometry, "LPS")
    areas = np.count_nonzero(labels, axis=(1, 2))
    best = int(areas.argmax()) if areas.any() else len(labels) // 2
    around = _content(image[best], labels[best])
    image, labels = image[:, around[0], around[1]], labels[:, around[0], around[1]]
    rows, columns = _grid(image.shape[1:], geometry.spacing[1], geometry.spacing[0])
    gray = _shade(image[best])[np.ix_(rows, columns)]
    picture = np.repeat(gray[..., np.newaxis], 3, axis=2)
    shown = labels[best][np.ix_(rows, columns)]
    for label in LABELS:
        here = shown == label.value
        picture[here] = (1 - _TINT) * picture[here] + _TINT * np.asarray(label.color, np.float32)
    pixels = np.clip(np.round(255 * picture), 0, 255).astype(np.uint8)
    sitk.WriteImage(sitk.GetImageFromArray(pixels, isVector=True), str(path))


def _content(pixels: np.ndarray, labels: np.ndarray) -> tuple[slice, slice]:
    """Return the part of a slice that shows something, all of it where nothing does."""
    shown = (np.nan_to_num(pixels) != 0) | (labels != 0)
    if not shown.any():
        return slice(None), slice(None)
    rows, columns = np.flatnonzero(shown.any(axis=1)), np.flatnonzero(shown.any(axis=0))
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def _grid(shape: tuple[int, ...], tall_mm: float, wide_mm: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows and columns to take of a slice of these voxels."""
    tall, wide = shape[0] * tall_mm, shape[1] * wide_mm
    pixel = max(tall, wide) / _SIDE
    counts = max(1, round(tall / pixel)), max(1, round(wide / pixel))
    rows, columns = (((np.arange(n) + 0.5) * size / n).astype(int) for n, size in zip(counts, shape, strict=True))
    return rows, columns


def _shade(pixels: np.ndarray) -> np.ndarray:
    """Return a slice in 0 (dark) to 1 (bright)."""
    values = np.where(np.isfinite(pixels), pixels, 0).astype(np.float32)
    inside = values[values != 0]
    if not inside.size:
        return np.zeros(values.shape, np.float32)
    low, high = np.percentile(inside, (0.5, 99.6))
    return np.where(values != 0, np.clip((values - low) / max(high - low, 1e-6), 0, 1), 0).astype(np.float32)
