"""Where the second stage looks: boxes of one size that together hold the whole tumour that stage 1 found."""

from __future__ import annotations

import numpy as np

from ..core.boxes import Box

STEP = 4
"""Voxels of the coarse grid on which positions are searched."""
LEAST_VOXELS = 64
"""A remainder smaller than this (in voxels of the prepared grid) is left to stage 1."""
MOST_REGIONS = 16


def choose_regions(tumor: np.ndarray, size: tuple[int, int, int]) -> list[Box]:
    """Cover a tumour mask (z, y, x) by boxes of the given size, the one that holds most first.

    Each box is where it holds the most tumour voxels not held yet (Lyu & Shu 2020, section 2.3, for the first), centred
    on what it holds, and kept within the grid where the grid is larger than the box. Empty where there is no tumour.
    """
    remaining = tumor.astype(bool, copy=True)
    boxes: list[Box] = []
    while len(boxes) < MOST_REGIONS and np.count_nonzero(remaining) >= LEAST_VOXELS:
        box = _centre_on(remaining, _fullest(remaining, size))
        boxes.append(box)
        remaining[box.inside(remaining.shape)[0]] = False
    return boxes


def _fullest(mask: np.ndarray, size: tuple[int, int, int]) -> Box:
    """Return the box that holds the most voxels of a mask, searched in steps of `STEP` voxels."""
    bounds = _bounds(mask)
    part = mask[tuple(slice(a, b) for a, b in bounds)]
    coarse = _block_sums(part)
    window = [min(-(-n // STEP), c) for n, c in zip(size, coarse.shape, strict=True)]
    sums = coarse
    for axis, width in enumerate(window):
        total = np.cumsum(sums, axis=axis)
        lead = np.take(total, np.arange(width - 1, total.shape[axis]), axis=axis)
        lag = np.take(total, np.arange(0, total.shape[axis] - width), axis=axis)
        sums = lead.copy()
        sums[tuple(slice(1, None) if a == axis else slice(None) for a in range(3))] -= lag
    best = np.unravel_index(int(np.argmax(sums)), sums.shape)
    start = [int(index) * STEP + a for index, (a, _) in zip(best, bounds, strict=True)]
    return Box.at(start, size)


def _centre_on(mask: np.ndarray, box: Box) -> Box:
    """Move a box so that what it holds of a mask lies in its middle, and into the grid as far as the grid allows."""
    inside = box.inside(mask.shape)[0]
    bounds = _bounds(mask[inside])
    start = []
    for (first, last), cut, length, whole in zip(bounds, inside, box.size, mask.shape, strict=True):
        begin = cut.start + (first + last) // 2 - length // 2
        start.append(min(max(begin, 0), whole - length) if whole >= length else -((length - whole) // 2))
    return Box.at(start, box.size)


def _bounds(mask: np.ndarray) -> list[tuple[int, int]]:
    result = []
    for axis in range(3):
        line = np.flatnonzero(mask.any(axis=tuple(a for a in range(3) if a != axis)))
        result.append((int(line[0]), int(line[-1]) + 1))
    return result


def _block_sums(mask: np.ndarray) -> np.ndarray:
    """Count the mask's voxels in cubes of `STEP` voxels."""
    padded = np.pad(mask, [(0, -n % STEP) for n in mask.shape])
    z, y, x = (n // STEP for n in padded.shape)
    return padded.reshape(z, STEP, y, STEP, x, STEP).sum((1, 3, 5), dtype=np.int32)
