"""The additive attention gate of stage 2 (Lyu & Shu 2020, figure 3; after Oktay et al. 2018, arXiv 1804.03999)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .blocks import conv1, double


class AttentionGate(nn.Module):
    """Weigh a skip connection by what the coarser decoder level sees.

    alpha = up2(sigmoid(BN(psi(ReLU(BN(Wg g) + BN(Wx x)))))), the gate's answer is alpha * x.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.gating = nn.Sequential(conv1(2 * channels, channels), nn.BatchNorm3d(channels))
        self.skip = nn.Sequential(nn.Conv3d(channels, channels, 2, stride=2), nn.BatchNorm3d(channels))
        self.psi = nn.Sequential(conv1(channels, 1), nn.BatchNorm3d(1))

    def forward(self, skip: Tensor, gating: Tensor) -> tuple[Tensor, Tensor]:
        """Return the weighed skip (N, C, 2D, 2H, 2W) and the coarse weights (N, 1, D, H, W), before their doubling.

        skip: the encoder's feature (N, C, 2D, 2H, 2W). gating: the coarser feature (N, 2C, D, H, W).
        """
        weights = self.weights(self.skip(skip), gating)
        return double(weights, align_corners=False) * skip, weights

    def weights(self, projected_skip: Tensor, gating: Tensor) -> Tensor:
        """Return the coarse weights (N, 1, D, H, W) from the projected skip (N, C, D, H, W) and the gating feature."""
        return torch.sigmoid(self.psi(F.relu(self.gating(gating) + projected_skip, inplace=True)))
