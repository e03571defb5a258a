"""What each stage sees of the images: the same in training and in inference, since GroupNorm looks at all of it.

Arrays and tensors are (channels, z, y, x) or (z, y, x).
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from ..core.boxes import Box
from ..core.settings import StageSettings


def first_field(shape: tuple[int, int, int], stage: StageSettings) -> Box:
    """Return what stage 1 sees of a prepared grid of this shape: all of it, centred, at least the stage's field.

    The size is a multiple of the network's unit in the stage's own, coarser voxels.
    """
    unit = stage.unit * stage.downsample
    least = stage.field or (0, 0, 0)
    sides = [max(-(-n // unit) * unit, field * stage.downsample) for n, field in zip(shape, least, strict=True)]
    return Box.at([-((side - n) // 2) for side, n in zip(sides, shape, strict=True)], sides)


def coarsen(x: Tensor, factor: int) -> Tensor:
    """Average (N, C, D, H, W) over cubes of factor voxels."""
    return x if factor == 1 else F.avg_pool3d(x, factor)


def refine(x: Tensor, factor: int) -> Tensor:
    """Interpolate (N, C, D, H, W) trilinearly to a grid factor times finer (cell-centered, undoing coarsen)."""
    return x if factor == 1 else F.interpolate(x, scale_factor=factor, mode="trilinear", align_corners=False)


def second_input(masks: np.ndarray, images: np.ndarray) -> Tensor:
    """Join the masks ED, NCR, ET (3, z, y, x) and the images (4, z, y, x) as stage 2 reads them, (1, 7, z, y, x)."""
    return torch.from_numpy(np.concatenate([masks.astype(np.float32), images.astype(np.float32)]))[None]
