"""Linear maps along the axes of a volume: what a blur, thick slices and splines have in common.

A map is a matrix (outputs, inputs) for one axis. As products of matrices three of them take some hundredths of a second
for 128x128x128 voxels, a tenth of the convolutions that do the same.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F


def along(x: Tensor, maps: Sequence[Tensor | None]) -> Tensor:
    """Apply one map to each of the last three axes of (C, z, y, x); None leaves an axis as it is."""
    for axis, matrix in enumerate(maps, start=1):
        if matrix is not None:
            x = torch.tensordot(x, matrix.to(x.device), ([axis], [1])).movedim(-1, axis)
    return x.contiguous()


def gaussian_map(length: int, sigma: float) -> Tensor:
    """Blur by a Gaussian of sigma voxels; the shares of a voxel's neighbors add up to 1, or less at the ends."""
    place = torch.arange(length, dtype=torch.float32)
    return torch.exp(-((place[:, None] - place) ** 2) / (2 * sigma**2)) / (math.sqrt(2 * math.pi) * sigma)


def slice_map(length: int, thickness: float) -> Tensor:
    """Average over slices of about so many voxels, side by side, and interpolate linearly between their centers."""
    count = min(max(round(length / thickness), 1), length)
    each = F.interpolate(torch.eye(length)[None], count, mode="area")
    return F.interpolate(each, length, mode="linear")[0].T.contiguous()


def spline_map(length: int, distance: float) -> Tensor:
    """Interpolate between control points that many voxels apart, by cubic B-splines."""
    place = (np.arange(length) - (length - 1) / 2) / distance
    place -= math.floor(place[0])
    first, t = np.floor(place).astype(int), place % 1
    shares = np.zeros((length, int(first[-1]) + 4), np.float32)
    basis = ((1 - t) ** 3, 3 * t**3 - 6 * t**2 + 4, -3 * t**3 + 3 * t**2 + 3 * t + 1, t**3)
    for offset, share in enumerate(basis):
        shares[np.arange(length), first + offset] = share / 6
    return torch.from_numpy(shares)
