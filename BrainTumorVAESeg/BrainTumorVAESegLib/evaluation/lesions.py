"""Dice and HD95 lesion by lesion, by the rules of BraTS 2023 for glioma (rachitsaluja/BraTS-2023-Metrics).

- The truth is dilated by three steps of the 18-neighborhood; parts of it that one dilated part (26-connected) holds are
  one lesion. The dilation serves only to tell lesions apart and to find what meets them.
- Each 26-connected part of the prediction that meets a dilated lesion belongs to it (or to several). The lesion's Dice
  and HD95 are those of the lesion itself against all parts that belong to it: 0 and 374 mm where there is none.
- Lesions of at most 50 mm3 do not count, and what meets them is no false positive.
- A part of the prediction that meets no lesion, however small it is, counts as a lesion of Dice 0 and HD95 374 mm.
- The scores are the means over lesions and false positives; 1 and 0 mm where there are neither.

The official program takes steps of one voxel, of 1 mm in BraTS. Here the same shape is measured in millimeters: up to
3 mm along each axis and up to 6 mm in their sum, so that on a grid of 1 mm both are the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

import numpy as np
from scipy import ndimage

from ..core.boxes import Box, bounding_box, union
from .dice import dice
from .surfaces import measure_surfaces

LEAST_MM3 = 50.0
"""A lesion counts where it is larger than this."""
MISSED_MM = 374.0
"""HD95 of a missed lesion and of a false positive."""
_REACH_MM = 3.0
_ROUNDING = 1e-3
_FULL = np.ones((3, 3, 3), bool)


@dataclass(frozen=True)
class LesionScore:
    """Dice and HD95 (mm) as means over lesions and false positives, and how many lesions were found and missed."""

    dice: float
    hd95: float
    found: int
    missed: int
    false: int


def score_lesions(prediction: np.ndarray, truth: np.ndarray, spacing: Sequence[float]) -> LesionScore:
    """Score two masks (z, y, x; bool) lesion by lesion; spacing in mm in the same order."""
    lesions, false = _match(prediction, truth, spacing)
    pairs = [
        (0.0, MISSED_MM) if own is None else (dice(own, lesion), measure_surfaces(own, lesion, spacing).hd95())
        for lesion, own in lesions
    ]
    missed = sum(own is None for _, own in lesions)
    pairs += [(0.0, MISSED_MM)] * false
    if not pairs:
        return LesionScore(1.0, 0.0, 0, 0, 0)
    overlap, distance = (float(value) for value in np.mean(pairs, axis=0))
    return LesionScore(overlap, distance, len(lesions) - missed, missed, false)


def lesion_dice(prediction: np.ndarray, truth: np.ndarray, spacing: Sequence[float]) -> float:
    """Return the Dice of `score_lesions` alone, in a fraction of the time."""
    lesions, false = _match(prediction, truth, spacing)
    values = [0.0 if own is None else dice(own, lesion) for lesion, own in lesions] + [0.0] * false
    return float(np.mean(values)) if values else 1.0


def _match(
    prediction: np.ndarray, truth: np.ndarray, spacing: Sequence[float]
) -> tuple[list[tuple[np.ndarray, np.ndarray | None]], int]:
    """Return each lesion that counts with what belongs to it, or None, and the number of false positives.

    Both masks are cut to their common box.
    """
    box = bounding_box(prediction | truth, margin=max(_reach(spacing)) + 1, within=True)
    if box is None:
        return [], 0
    prediction, truth = prediction[box], truth[box]
    places, count = ndimage.label(_dilate(truth, spacing), _FULL)
    parts, part_count = ndimage.label(prediction, _FULL)
    belonging = _meetings(places, parts, count)
    lesions = np.where(truth, places, 0)
    sizes = np.bincount(lesions.ravel(), minlength=count + 1) * prod(spacing)
    lesion_boxes, part_boxes = _boxes(lesions), _boxes(parts)
    pairs: list[tuple[np.ndarray, np.ndarray | None]] = []
    for number in range(1, count + 1):
        if sizes[number] > LEAST_MM3 + _ROUNDING:
            own = sorted(belonging[number])
            around = union([lesion_boxes[number - 1], *(part_boxes[part - 1] for part in own)])
            pairs.append((lesions[around] == number, np.isin(parts[around], own) if own else None))
    return pairs, part_count - len(set().union(*belonging))


def _boxes(parts: np.ndarray) -> list[Box]:
    """Return the box of each number from 1 on, an empty one where it is not there."""
    return [Box.at((0, 0, 0), (0, 0, 0)) if place is None else Box(place) for place in ndimage.find_objects(parts)]


def _meetings(places: np.ndarray, parts: np.ndarray, count: int) -> list[set[int]]:
    """Return for each dilated lesion, 0 standing for none, the numbers of the prediction's parts that meet it."""
    both = (places > 0) & (parts > 0)
    met: list[set[int]] = [set() for _ in range(count + 1)]
    for code in np.unique(places[both].astype(np.int64) << 32 | parts[both]):
        met[code >> 32].add(int(code & 0xFFFFFFFF))
    return met


def _dilate(mask: np.ndarray, spacing: Sequence[float]) -> np.ndarray:
    """Return the mask grown by the shape of three steps of the 18-neighborhood at 1 mm, in millimeters."""
    reach = _reach(spacing)
    padded = np.pad(mask, [(n, n) for n in reach])
    # The shape is solid, so what the rim reaches is all that the mask reaches.
    rim = np.flatnonzero(padded & ~ndimage.binary_erosion(padded))
    _, rows, columns = padded.shape
    grown = padded.ravel()
    for z, y, x in product(*(range(-n, n + 1) for n in reach)):
        if sum(abs(n) * step for n, step in zip((z, y, x), spacing, strict=True)) <= 2 * _REACH_MM + _ROUNDING:
            grown[rim + (z * rows + y) * columns + x] = True
    inner = tuple(slice(n, n + size) for n, size in zip(reach, mask.shape, strict=True))
    return grown.reshape(padded.shape)[inner]


def _reach(spacing: Sequence[float]) -> tuple[int, ...]:
    """Return how many voxels the dilation reaches along each axis."""
    return tuple(int((_REACH_MM + _ROUNDING) // step) for step in spacing)
