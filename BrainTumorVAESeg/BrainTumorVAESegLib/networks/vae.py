"""The variational branch that regularises the encoder: it reconstructs the input images from a 128-number latent."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .blocks import UpLevel, conv1, conv3, double

_LEAST_SPREAD = 1e-6
BOTTLENECK_CHANNELS = 16
SEED_CHANNELS = 128


@dataclass(frozen=True)
class Latent:
    """A Gaussian over the latent: mean and spread (standard deviation, positive), each (N, latent)."""

    mean: Tensor
    spread: Tensor
    raw_spread: Tensor

    def sample(self) -> Tensor:
        """Draw one reparametrised sample, mean + spread * noise: gradients reach both (Kingma & Welling 2014)."""
        return self.mean + self.spread * torch.randn_like(self.spread)


class VaeBranch(nn.Module):
    """Encoder end -> latent -> reconstruction (Myronenko 2018, table 1).

    crop: (z, y, x) of the network's input that the dense layers are made for, each a multiple of 16.
    spread: `softplus`, or `absolute` for branches imported from code that used the raw linear output.
    """

    def __init__(
        self,
        channels: int,
        out_channels: int,
        crop: tuple[int, int, int],
        groups: int,
        latent: int,
        spread: str,
        align_corners: bool,
    ) -> None:
        super().__init__()
        self.grid = tuple(n // 16 for n in crop)
        cells = self.grid[0] * self.grid[1] * self.grid[2]
        self.latent_size = latent
        self.spread_kind = spread
        self.align_corners = align_corners
        self.norm = nn.GroupNorm(groups, channels)
        self.reduce = conv3(channels, BOTTLENECK_CHANNELS, stride=2)
        self.to_latent = nn.Linear(BOTTLENECK_CHANNELS * cells, 2 * latent)
        self.from_latent = nn.Linear(latent, SEED_CHANNELS * cells)
        self.expand = conv1(SEED_CHANNELS, channels)
        self.levels = nn.ModuleList(UpLevel(channels // 2**step, groups, align_corners) for step in (1, 2, 3))
        self.head = conv1(channels // 8, out_channels)

    def encode(self, features: Tensor) -> Latent:
        """Return the latent of the encoder's end (N, C, D/8, H/8, W/8)."""
        x = self.reduce(F.relu(self.norm(features)))
        if tuple(x.shape[2:]) != self.grid:
            made, given = ([16 * n for n in grid] for grid in (self.grid, x.shape[2:]))
            raise ValueError(f"the VAE branch is made for inputs of {made}, not {given}")
        mean, raw = self.to_latent(x.contiguous().flatten(1)).split(self.latent_size, dim=1)
        spread = F.softplus(raw) if self.spread_kind == "softplus" else raw.abs()
        return Latent(mean, spread + _LEAST_SPREAD, raw)

    def decode(self, latent: Tensor) -> Tensor:
        """Return the reconstruction (N, images, D, H, W) of latent numbers (N, latent)."""
        x = F.relu(self.from_latent(latent)).unflatten(1, (SEED_CHANNELS, *self.grid))
        x = double(self.expand(x), self.align_corners)
        for level in self.levels:
            x = level(x)
        return self.head(x)
