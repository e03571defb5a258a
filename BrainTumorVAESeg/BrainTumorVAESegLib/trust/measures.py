"""Simple measures of prepared images: how noisy, shaded, cut and lopsided they are, without a network.

All take what the preparation gives: images z-scored over the brain, (z, y, x) in LPS, and the brain's mask.
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


def measure_study(images: np.ndarray, brain: np.ndarray, modalities: Sequence[Modality]) -> dict[str, float]:
    """Return all measures of a study by name, `MEASURE` of the brain's shape and `MEASURE-MODALITY` of an image.

    images: (modalities, z, y, x). A measure that cannot be taken (of an empty image, say) is left out.
    """
    found = dict(measure_shape(brain))
    for modality, image in zip(modalities, images, strict=True):
        found.update({f"{key}-{modality}": value for key, value in measure_image(image, brain).items()})
    return {key: value for key, value in found.items() if np.isfinite(value)}


def measure_shape(brain: np.ndarray) -> Mapping[str, float]:
    """Return measures of the brain's mask (z, y, x; voxels of 1 mm).

    brain_ml. cut-FACE: area of the outermost slice towards the feet, head, front, back, right and left, as a share of
    the largest slice's along that axis: near 0 for a brain, near 1 where the field of view cuts it. filled: share of
    its box that it fills.
    """
    box = bounding_box(brain)
    if box is None:
        return {}
    inside = brain[box]
    found = {"brain_ml": float(inside.sum()) / 1000.0, "filled": float(inside.mean())}
    for axis, (low, high) in enumerate((("feet", "head"), ("front", "back"), ("right", "left"))):
        areas = inside.sum(axis=tuple(other for other in range(3) if other != axis)).astype(float)
        found[f"cut-{low}"], found[f"cut-{high}"] = areas[0] / areas.max(), areas[-1] / areas.max()
    return found


def measure_image(image: np.ndarray, brain: np.ndarray) -> Mapping[str, float]:
    """Return measures of one z-scored image (z, y, x) over the brain.

    noise: SD, from second differences in the axial plane. blur-AXIS: correlation of neighbors along an axis.
    shading: SD of the polynomial of second order that fits the image without its extremes. lopsided: 1 less the
    correlation with its mirror image. missing: share of the brain where it is 0. skew: of its values.
    """
    values = image[brain]
    if values.size < _FEWEST or not values.any():
        return {"missing": 1.0}
    found = {"missing": float(np.mean(values == 0)), "skew": float(np.mean((values - values.mean()) ** 3))}
    found["noise"] = _noise(image, brain)
    for axis, name in enumerate(_AXES):
        found[f"blur-{name}"] = _neighbor_correlation(image, brain, axis)
    found["shading"] = _shading(image, brain)
    found["lopsided"] = _lopsidedness(image, brain)
    return found


def _shifted(array: np.ndarray, axis: int, by: int, reach: int = 2) -> np.ndarray:
    """Return a view of an array without `reach` entries at the ends of an axis, begun `by` entries later."""
    return array[(slice(None),) * axis + (slice(by, array.shape[axis] - reach + by),)]


def _noise(image: np.ndarray, brain: np.ndarray) -> float:
    spreads = []
    for axis in (1, 2):
        inside = _shifted(brain, axis, 0) & _shifted(brain, axis, 1) & _shifted(brain, axis, 2)
        second = _shifted(image, axis, 0) - 2 * _shifted(image, axis, 1) + _shifted(image, axis, 2)
        values = second[inside]
        if values.size >= _FEWEST:
            spreads.append(_MAD_TO_SD * float(np.median(np.abs(values - np.median(values)))) / _SECOND_DIFFERENCE_SD)
    return min(spreads, default=float("nan"))


def _neighbor_correlation(image: np.ndarray, brain: np.ndarray, axis: int) -> float:
    inside = _shifted(brain, axis, 0, 1) & _shifted(brain, axis, 1, 1)
    return _correlation(_shifted(image, axis, 0, 1)[inside], _shifted(image, axis, 1, 1)[inside])


def _lopsidedness(image: np.ndarray, brain: np.ndarray) -> float:
    box = bounding_box(brain)
    assert box is not None
    inside, own = brain[box], image[box]
    both = inside & inside[..., ::-1]
    return 1.0 - _correlation(own[both], own[..., ::-1][both])


def _shading(image: np.ndarray, brain: np.ndarray) -> float:
    """Fit over every third voxel of the middle 80 % of values; z-scored, so that contrast does not count."""
    places = np.argwhere(brain)[::7]
    values = image[tuple(places.T)]
    low, high = np.percentile(values, (10, 90))
    middle = (values > low) & (values < high)
    if middle.sum() < _FEWEST:
        return float("nan")
    unit = places / (np.array(brain.shape) / 2) - 1
    terms = _terms(unit)
    weights, *_ = np.linalg.lstsq(terms[middle], values[middle], rcond=None)
    return float((terms @ weights).std() / max(float(values[middle].std()), 1e-6))


def _terms(unit: np.ndarray) -> np.ndarray:
    """Return the polynomial terms up to the second order of places (n, 3) in -1 to 1."""
    z, y, x = unit.T
    return np.stack([np.ones(len(unit)), z, y, x, z * z, y * y, x * x, z * y, z * x, y * x], axis=1)


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    if a.size < _FEWEST:
        return float("nan")
    a, b = a.astype(np.float64) - a.mean(), b.astype(np.float64) - b.mean()
    size = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / size if size > 0 else float("nan")
