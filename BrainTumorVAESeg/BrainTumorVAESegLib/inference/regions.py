"""Where the second stage looks: boxes of one size that together hold the whole tumor that stage 1 found."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from ..core.boxes import Box

STEP = 4
"""Voxels of the coarse grid on which positions are searched."""
LEAST_VOXELS = 64
"""A remainder smaller than this (in voxels of the prepared grid) is left to stage 1."""
MOST_REGIONS = 16


def choose_regions(tumor: np.ndarray | Tensor, size: tuple[int, int, int]) -> list[Box]:
    """Cover a tumor mask (z, y, x) by boxes of the given size, the one that holds most first.

    Each box is where it holds the most tumor voxels not held yet (Lyu & Shu 2020, section 2.3, for the first), centered
    on what it holds, and kept within the grid where the grid is larger than the box. Empty where there is no tumor.
    A mask on a device is searched there; only places come back.
    """
    remaining = torch.as_tensor(tumor).to(torch.bool, copy=True)
    boxes: list[Box] = []
    while len(boxes) < MOST_REGIONS and int(torch.count_nonzero(remaining)) >= LEAST_VOXELS:
        box = _centre_on(remaining, _fullest(remaining, size))
        boxes.append(box)
        remaining[box.inside(remaining.shape)[0]] = False
    return boxes


def _fullest(mask: Tensor, size: tuple[int, int, int]) -> Box:
    """Return the box that holds the most voxels of a mask, searched in steps of `STEP` voxels."""
    bounds = _bounds(mask)
    sums = _block_sums(mask[tuple(slice(a, b) for a, b in bounds)])
    window = [min(-(-n // STEP), c) for n, c in zip(size, sums.shape, strict=True)]
    for axis, width in enumerate(window):
        total = sums.cumsum(axis, dtype=torch.int32)
        length = total.shape[axis]
        sums = total.narrow(axis, width - 1, length - width + 1).clone()
        sums.narrow(axis, 1, length - width).sub_(total.narrow(axis, 0, length - width))
    best = np.unravel_index(int(sums.argmax()), tuple(sums.shape))
    start = [int(index) * STEP + a for index, (a, _) in zip(best, bounds, strict=True)]
    return Box.at(start, size)


def _centre_on(mask: Tensor, box: Box) -> Box:
    """Move a box so that what it holds of a mask lies in its middle, and into the grid as far as the grid allows."""
    inside = box.inside(mask.shape)[0]
    bounds = _bounds(mask[inside])
    start = []
    for (first, last), cut, length, whole in zip(bounds, inside, box.size, mask.shape, strict=True):
        begin = cut.start + (first + last) // 2 - length // 2
        start.append(min(max(begin, 0), whole - length) if whole >= length else -((length - whole) // 2))
    return Box.at(start, box.size)


def _bounds(mask: Tensor) -> list[tuple[int, int]]:
    """Return first and last plus one of a mask's voxels along each axis; there must be one."""
    plane = mask.any(2)
    lines = torch.cat([plane.any(1), plane.any(0), mask.any(0).any(0)]).cpu().numpy()
    result, begin = [], 0
    for length in mask.shape:
        line = np.flatnonzero(lines[begin : begin + length])
        result.append((int(line[0]), int(line[-1]) + 1))
        begin += length
    return result


def _block_sums(mask: Tensor) -> Tensor:
    """Count the mask's voxels in cubes of `STEP` voxels, int32."""
    z, y, x = (-n % STEP for n in mask.shape)
    padded = F.pad(mask.to(torch.uint8), (0, x, 0, y, 0, z))
    z, y, x = (n // STEP for n in padded.shape)
    return padded.view(z, STEP, y, STEP, x, STEP).sum((1, 3, 5), dtype=torch.int32)
