"""The attention gates' coefficients on the prepared grid."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from torch import Tensor
from torch.nn import functional as F

from ..core.boxes import Box
from ..inference.cascade import taper


def attention_map(weights: Sequence[Tensor], boxes: Sequence[Box], shape: tuple[int, int, int]) -> np.ndarray:
    """Return one gate's coefficients (z, y, x) on the prepared grid of a shape, 0 where no box lies; float32.

    weights: of each box, coarse, (1, 1, D', H', W'); they are doubled as the gate itself doubles them (trilinear,
    align_corners false) and further to the box's size. Boxes that overlap are joined as the cascade joins its answers.
    """
    total, share = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    for each, box in zip(weights, boxes, strict=True):
        fine = F.interpolate(each, size=box.size, mode="trilinear", align_corners=False)[0, 0].numpy()
        whole, part = box.inside(shape)
        here = taper(box.size)
        total[whole] += (fine * here)[part]
        share[whole] += here[part]
    return np.divide(total, share, out=total, where=share > 0)
