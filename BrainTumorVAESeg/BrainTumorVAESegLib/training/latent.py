"""What the VAE branch's codes of the training cases are like."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from ..core.boxes import Box, cut
from ..core.settings import CascadeSettings
from ..inference.fields import coarsen, first_field
from ..models.manifest import LatentStatistics
from ..networks.nvnet import NvNet
from .data.cache import CachedCase

_CPU = torch.device("cpu")
_LEAST_SPREAD = 1e-4
"""Of a latent number over the training cases: with one case, or cases that are all alike, there is none."""


def gather_latent(
    stage1: NvNet, settings: CascadeSettings, cases: Sequence[CachedCase], device: torch.device = _CPU
) -> LatentStatistics | None:
    """Return mean and standard deviation of the latent's means over the training cases; None without a VAE branch."""
    branch = stage1.vae
    if branch is None or settings.stage1.vae_crop is None:
        return None
    means = []
    stage1.to(device)
    with torch.no_grad():
        for case in cases:
            box = first_field(case.labels().shape, settings.stage1)
            crop = tuple(n * settings.stage1.downsample for n in settings.stage1.vae_crop)
            start = [a + (n - c) // 2 for a, n, c in zip(box.start, box.size, crop, strict=True)]
            field = Box.at(start, crop)
            x = torch.from_numpy(cut(case.images(), field).astype(np.float32))[None]
            features = stage1.encode(coarsen(x, settings.stage1.downsample).to(device))
            means.append(branch.encode(features[-1]).mean[0].cpu())
    stage1.to(_CPU)
    table = torch.stack(means)
    spread = table.std(0, correction=min(len(means) - 1, 1)).clamp(min=_LEAST_SPREAD)
    return LatentStatistics(tuple(table.mean(0).tolist()), tuple(spread.tolist()), len(cases))
