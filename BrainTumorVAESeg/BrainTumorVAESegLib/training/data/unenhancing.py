"""A tumor that takes up no contrast agent, as many of low grade do: what enhances becomes non-enhancing core."""

from __future__ import annotations

import torch
from torch import Tensor

from ...core.labels import ENHANCING, NCR, REGIONS
from ...core.settings import MASK_CHANNELS
from .blending import blur

_MARGIN_MM = 1.5
_STEEPNESS = 3.0
"""By how much the blurred share of what enhances is raised, so that its thin rims go as well."""


def unenhance(parts: dict[str, Tensor], native: int, enhanced: int, spacing: float) -> dict[str, Tensor]:
    """Return a sample in which what enhances looks on the T1ce as it does on the T1, and is core that does not enhance.

    parts: images (4, z, y, x), target (3, z, y, x; shares of the regions) and, for stage 2, masks (3, z, y, x; of
    `MASK_CHANNELS`). native, enhanced: the rows of T1 and T1ce in the images, both z-scores. spacing: mm of a voxel.
    """
    images, target = parts["images"].clone(), parts["target"].clone()
    row = REGIONS.index(ENHANCING)
    share = (blur(target[row][None], _MARGIN_MM / spacing)[0] * _STEEPNESS).clamp(max=1)
    images[enhanced] = images[enhanced] + share * (images[native] - images[enhanced])
    target[row] = 0
    result = {**parts, "images": images, "target": target}
    if "masks" in parts:
        masks = parts["masks"].clone()
        core, rim = MASK_CHANNELS.index(NCR.key), MASK_CHANNELS.index(ENHANCING.key)
        masks[core] = torch.maximum(masks[core], masks[rim])
        masks[rim] = 0
        result["masks"] = masks
    return result
