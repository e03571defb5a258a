"""What each stage sees of the images: the same in training and in inference, since GroupNorm looks at all of it.

Tensors are (channels, z, y, x) or (z, y, x), on any device; what is made of them lies on the same one.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from ..core.boxes import Box
from ..core.labels import LABEL_BY_KEY, WRITTEN
from ..core.settings import MASK_CHANNELS, StageSettings


def first_field(shape: tuple[int, int, int], stage: StageSettings) -> Box:
    """Return what stage 1 sees of a prepared grid of this shape: all of it, centered, at least the stage's field.

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


def first_input(images: Tensor, stage: StageSettings) -> Tensor:
    """Return what stage 1 reads of prepared images (4, z, y, x): (1, 4, D, H, W) float32, 0 beyond the grid."""
    box = first_field((images.shape[1], images.shape[2], images.shape[3]), stage)
    whole, here = box.inside(images.shape[1:])
    x = images.new_zeros(1, len(images), *box.size, dtype=torch.float32)
    x[(0, slice(None), *here)] = images[(slice(None), *whole)]
    return coarsen(x, stage.downsample)


def second_input(labels: Tensor, images: Tensor, box: Box) -> Tensor:
    """Return what stage 2 reads in a box: the masks ED, NCR, ET of stage 1's labels, and the images.

    labels: (z, y, x) in the library's values. images: (4, z, y, x). The answer is (1, 7, D, H, W) float32, 0 beyond the
    grid.
    """
    whole, here = box.inside(labels.shape)
    masks = len(MASK_CHANNELS)
    x = images.new_zeros(1, masks + len(images), *box.size, dtype=torch.float32)
    for channel, name in enumerate(MASK_CHANNELS):
        x[(0, channel, *here)] = (labels[whole] == LABEL_BY_KEY[name].value).float()
    x[(0, slice(masks, None), *here)] = images[(slice(None), *whole)].float()
    return x


def label_channels(channels: Tensor, names: tuple[str, ...]) -> Tensor:
    """Turn three binary channels (3, ...) into one label map, uint8, as `core.labels.labels_from_channels` does."""
    result = torch.zeros_like(channels[0], dtype=torch.uint8)
    for own, region, label in WRITTEN:
        result.masked_fill_(channels[names.index(own if own in names else region)], label.value)
    return result
