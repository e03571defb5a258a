"""Turning, zooming and bending a sample: one field of places, so that every voxel is interpolated once.

Tensors are (C, z, y, x). MONAI's random affine and elastic transforms would each interpolate anew, and its elastic one
blurs a field of noise as large as the image, which takes longer than all other changes of a sample together.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from monai.transforms import create_rotate, create_scale
from torch import Tensor
from torch.nn import functional as F

from .axis_maps import along, spline_map

CONTROL_MM = 32.0
"""Distance between the control points of a deformation. Moved by less than 0.4 of it on each axis (the settings allow
no more), they never fold the tissue over itself (Choi and Lee 2000)."""


def draw_affine(random: np.random.RandomState, rotation: float, zoom: float) -> Tensor:
    """Draw the 3x3 matrix (z, y, x) from places in the result to places in the image, about the middle.

    rotation: most degrees about each axis. zoom: the factor of each axis is within 1 plus and minus this.
    """
    angles = [math.radians(float(angle)) for angle in random.uniform(-rotation, rotation, 3)]
    factors = [float(factor) for factor in random.uniform(1 - zoom, 1 + zoom, 3)]
    matrix = np.asarray(create_rotate(3, angles))[:3, :3] @ np.asarray(create_scale(3, factors))[:3, :3]
    return torch.from_numpy(matrix).float()


def draw_bend(
    random: np.random.RandomState, shape: Sequence[int], spacing: float, most: float, device: torch.device | None = None
) -> Tensor:
    """Draw a smooth displacement (3, z, y, x) in voxels, by free-form deformation (Rueckert et al. 1999).

    Each control point moves by at most most mm on each axis. spacing: mm of a voxel. device: of the result.
    """
    maps = [spline_map(length, CONTROL_MM / spacing) for length in shape]
    points = random.uniform(-most / spacing, most / spacing, (3, *(one.shape[1] for one in maps)))
    return along(torch.from_numpy(points).float().to(device), maps)


def warp(x: Tensor, size: Sequence[int], matrix: Tensor | None, bend: Tensor | None) -> Tensor:
    """Return the middle (C, *size) of (C, z, y, x) with each voxel taken from where matrix and displacement lead.

    matrix: see `draw_affine`; bend: see `draw_bend`, (3, *size). Interpolates linearly; beyond the edge of x all is 0.
    """
    whole, part = torch.tensor(x.shape[1:], dtype=torch.float32), torch.tensor(size, dtype=torch.float32)
    matrix = torch.eye(3) if matrix is None else matrix
    # grid_sample counts from -1 to 1 along each axis, x first.
    theta = (matrix * part[None, :] / whole[:, None]).flip(0, 1)
    grid = F.affine_grid(F.pad(theta, (0, 1))[None].to(x.device), [1, 1, *size], align_corners=False)
    if bend is not None:
        grid += (bend * (2 / whole)[:, None, None, None].to(x.device)).flip(0).permute(1, 2, 3, 0)
    return F.grid_sample(x[None], grid, mode="bilinear", padding_mode="zeros", align_corners=False)[0]
