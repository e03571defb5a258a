"""What tells one sequence from another: numbers of each image and of each pair of images, without a network."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import SimpleITK as sitk

from ..core.boxes import bounding_box

_FACTOR = 2
_PERCENTILES = (1, 5, 25, 50, 75, 95, 99)
_SHELLS_MM = (0.0, 4.0, 8.0, 16.0, 28.0, 200.0)
_CELLS = 3
_TAIL = 3.0
"""Percent of the brain's voxels that count as an image's brightest or darkest."""
IMAGE_FEATURES = len(_PERCENTILES) + 2 + 2 * (len(_SHELLS_MM) - 1) + _CELLS**3
PAIR_FEATURES = 1 + len(_PERCENTILES) + 4


@dataclass(frozen=True)
class Places:
    """Of each voxel of a brain, which shell below its surface it lies in, and which cell of a grid over its box."""

    shells: np.ndarray
    cells: np.ndarray


def places_of(inside: np.ndarray) -> Places:
    """Return where the voxels of a brain (z, y, x) of 2 mm lie."""
    return Places(_shells(inside), _cells(inside))


def features_of(images: np.ndarray, brain: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the features of each image, (n, `IMAGE_FEATURES`), and of each ordered pair, (n, n, `PAIR_FEATURES`).

    images: (n, z, y, x), z-scored over the brain (z, y, x) of 1 mm voxels. Of an image: percentiles, skewness and tail
    weight, mean and SD by depth below the brain's surface, and means over a grid of cells. Of a pair: correlation,
    percentiles of the difference, and how bright one is where the other is brightest and darkest. A pair of an image
    with itself is 0.
    """
    return features_of_coarse(*coarsened(images, brain))


def features_of_coarse(
    coarse: np.ndarray, inside: np.ndarray, places: Places | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the same of images (n, z, y, x) and a mask (z, y, x) on the grid of `coarsened`, 2 mm.

    places: those of the mask, where they are known.
    """
    values = np.stack([_standardized(image[inside]) for image in coarse])
    singles = image_features(coarse, inside, places)
    pairs = np.zeros((len(values), len(values), PAIR_FEATURES), np.float32)
    for first in range(len(values)):
        for second in range(len(values)):
            if first != second:
                pairs[first, second] = _of_pair(values[first], values[second])
    return singles, pairs


def image_features(coarse: np.ndarray, inside: np.ndarray, places: Places | None = None) -> np.ndarray:
    """Return the features of each image alone, (n, `IMAGE_FEATURES`), float32; see `features_of_coarse`."""
    places = places or places_of(inside)
    values = [_standardized(image[inside]) for image in coarse]
    return np.stack([_of_image(each, places) for each in values]).astype(np.float32)


def coarsened(images: np.ndarray, brain: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Average over cubes of 2 voxels; return the images and where most of a cube is brain."""
    shape = [n - n % _FACTOR for n in brain.shape]
    z, y, x = (n // _FACTOR for n in shape)
    part = tuple(slice(n) for n in shape)

    def pooled(array: np.ndarray) -> np.ndarray:
        cubes = array[part].astype(np.float32).reshape(z, _FACTOR, y, _FACTOR, x, _FACTOR)
        return np.asarray(cubes.mean(axis=(1, 3, 5)))

    return np.stack([pooled(image) for image in images]), pooled(brain) > 0.75


def _standardized(values: np.ndarray) -> np.ndarray:
    spread = float(values.std()) if values.size else 0.0
    return (values - values.mean()) / spread if spread > 0 else np.zeros_like(values)


def _shells(inside: np.ndarray) -> np.ndarray:
    """Return for each voxel inside which shell below the surface it lies in."""
    mask = sitk.GetImageFromArray(np.pad(inside, 1).astype(np.uint8))
    distance = sitk.SignedMaurerDistanceMap(mask, insideIsPositive=True, squaredDistance=False, useImageSpacing=False)
    depth = sitk.GetArrayFromImage(distance)[1:-1, 1:-1, 1:-1][inside] * _FACTOR
    return np.clip(np.digitize(depth, _SHELLS_MM) - 1, 0, len(_SHELLS_MM) - 2)


def _cells(inside: np.ndarray) -> np.ndarray:
    """Return for each voxel inside which cell of a coarse grid over the brain's box it lies in."""
    box = bounding_box(inside)
    if box is None:
        return np.zeros(0, int)
    places = (np.argwhere(inside) - box.start) * _CELLS // np.array(box.size)
    return np.ravel_multi_index(tuple(places.T), (_CELLS,) * 3)


def _of_image(values: np.ndarray, places: Places) -> np.ndarray:
    if not values.size:
        return np.zeros(IMAGE_FEATURES)
    clipped = np.clip(values, -5, 5)
    squares = clipped * clipped
    moments = [float(np.mean(squares * clipped)), float(np.log(np.mean(squares * squares) + 1e-6))]
    means, spreads = _grouped(clipped, places.shells, len(_SHELLS_MM) - 1)
    by_cell, _ = _grouped(clipped, places.cells, _CELLS**3)
    return np.concatenate([np.percentile(clipped, _PERCENTILES), moments, means, spreads, by_cell])


def _grouped(values: np.ndarray, groups: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and SD of the values of each group; 0 of one that is empty."""
    sizes = np.maximum(np.bincount(groups, minlength=count), 1)
    means = np.bincount(groups, values, count) / sizes
    squares = np.bincount(groups, values * values, count) / sizes
    return means, np.sqrt(np.maximum(squares - means**2, 0))


def _of_pair(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    if not first.size:
        return np.zeros(PAIR_FEATURES)
    tails = []
    for one, other in ((first, second), (second, first)):
        low, high = np.percentile(one, (_TAIL, 100 - _TAIL))
        tails += [float(np.clip(other[one <= low], -5, 5).mean()), float(np.clip(other[one >= high], -5, 5).mean())]
    difference = np.clip(first - second, -8, 8)
    return np.concatenate([[float(np.mean(first * second))], np.percentile(difference, _PERCENTILES), tails])
