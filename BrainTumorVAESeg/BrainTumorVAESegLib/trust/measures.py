"""Simple measures of prepared images: how noisy, cut and lopsided they are, without a network.

All take images z-scored over the brain, (z, y, x) in LPS, and the brain's mask.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ..core.boxes import bounding_box
from ..core.modalities import Modality

_AXES = ("z", "y", "x")
_MAD_TO_SD = 1.4826
_SECOND_DIFFERENCE_SD = float(np.sqrt(6.0))
"""SD of v[i-1] - 2 v[i] + v[i+1] where v is independent noise of SD 1."""
_FEWEST = 64


def measure_gaps(images: np.ndarray, brain: np.ndarray, modalities: Sequence[Modality]) -> dict[str, float]:
    """Return by `missing-MODALITY` the share of the brain where an image (modalities, z, y, x) has its lowest value.

    That is where its field of view ends before the others'; 1 of an image without contrast.
    """
    found = {}
    for modality, image in zip(modalities, images, strict=True):
        values = image[brain]
        found[f"missing-{modality}"] = float(np.mean(values == values.min())) if values.size else 1.0
    return found


def measure_shape(brain: np.ndarray) -> Mapping[str, float]:
    """Return measures of the brain's mask (z, y, x; voxels of 1 mm).

    brain_ml. cut-FACE: area of the outermost slice towards the feet, head, front, back, right and left, as a share of
    the largest slice's along that axis: near 0 for a brain, near 1 where the field of view cuts it. filled: share of
    its box that it fills. long, tall: its box from front to back and from feet to head, over that from right to left.
    uneven: the share of it that its mirror image, across the middle between right and left, does not cover.
    """
    box = bounding_box(brain)
    if box is None:
        return {}
    inside = brain[box]
    height, length, width = inside.shape
    found = {"brain_ml": float(inside.sum()) / 1000.0, "filled": float(inside.mean())}
    found |= {"long": length / width, "tall": height / width}
    found["uneven"] = 1.0 - float((inside & inside[..., ::-1]).sum() / inside.sum())
    for axis, (low, high) in enumerate((("feet", "head"), ("front", "back"), ("right", "left"))):
        areas = inside.sum(axis=tuple(other for other in range(3) if other != axis)).astype(float)
        found[f"cut-{low}"], found[f"cut-{high}"] = float(areas[0] / areas.max()), float(areas[-1] / areas.max())
    return found


def measure_image(image: np.ndarray, brain: np.ndarray) -> Mapping[str, float]:
    """Return measures of one z-scored image (z, y, x) over the brain.

    noise: SD, from second differences in the axial plane. blur-AXIS: correlation of neighbors along an axis.
    lopsided: 1 less the correlation with its mirror image. skew: of its values. steps: how unevenly it changes from
    slice to slice, as where slices were thick or taken in turns; mean distance of the change from its neighbors', over
    its mean.
    """
    values = image[brain]
    if values.size < _FEWEST or values.min() == values.max():
        return {}
    found = {"skew": float(np.mean((values - values.mean()) ** 3))}
    found["noise"] = _noise(image, brain)
    for axis, name in enumerate(_AXES):
        found[f"blur-{name}"] = _neighbor_correlation(image, brain, axis)
    found["steps"] = _unevenness(image, brain)
    found["lopsided"] = _lopsidedness(image, brain)
    return found


def _thinned(array: np.ndarray, axis: int) -> np.ndarray:
    """Return a view of every second line along an axis, counted along each of the other two."""
    return array[tuple(slice(None) if other == axis else slice(None, None, 2) for other in range(3))]


def _neighbors(array: np.ndarray, axis: int, count: int) -> list[np.ndarray]:
    """Return views of neighbors along an axis, so many: the first of each row of them, the second and so on."""
    last = array.shape[axis] - count + 1
    return [array[(slice(None),) * axis + (slice(first, first + last),)] for first in range(count)]


def _noise(image: np.ndarray, brain: np.ndarray) -> float:
    spreads = []
    for axis in (1, 2):
        before, here, after = _neighbors(_thinned(image, axis), axis, 3)
        inside = np.logical_and.reduce(_neighbors(_thinned(brain, axis), axis, 3))
        values = before[inside] - 2 * here[inside] + after[inside]
        if values.size >= _FEWEST:
            spreads.append(_MAD_TO_SD * float(np.median(np.abs(values - np.median(values)))) / _SECOND_DIFFERENCE_SD)
    return min(spreads, default=float("nan"))


def _neighbor_correlation(image: np.ndarray, brain: np.ndarray, axis: int) -> float:
    here, there = _neighbors(_thinned(image, axis), axis, 2)
    inside = np.logical_and(*_neighbors(_thinned(brain, axis), axis, 2))
    return _correlation(here[inside], there[inside])


def _unevenness(image: np.ndarray, brain: np.ndarray) -> float:
    here, there = _neighbors(image, 0, 2)
    inside = np.logical_and(*_neighbors(brain, 0, 2))
    voxels = inside.sum(axis=(1, 2))
    full = voxels > 0.3 * max(int(voxels.max()), 1)
    if full.sum() < 8:
        return float("nan")
    change = (np.abs(there - here) * inside).sum(axis=(1, 2))[full] / voxels[full]
    # Against its own neighbors, since anatomy changes it slowly from one end to the other.
    near = (change[:-2] + change[2:]) / 2
    return float(np.abs(change[1:-1] - near).mean() / max(float(change.mean()), 1e-6))


def _lopsidedness(image: np.ndarray, brain: np.ndarray) -> float:
    box = bounding_box(brain)
    assert box is not None
    inside, own = _thinned(brain[box], 2), _thinned(image[box], 2)
    both = inside & inside[..., ::-1]
    return 1.0 - _correlation(own[both], own[..., ::-1][both])


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    if a.size < _FEWEST:
        return float("nan")
    a, b = a.astype(np.float64) - a.mean(), b.astype(np.float64) - b.mean()
    size = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / size if size > 0 else float("nan")
