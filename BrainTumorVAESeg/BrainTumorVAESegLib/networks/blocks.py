"""The parts both stages and the VAE branch share: the residual block and the doubling of a feature map."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def conv3(in_channels: int, out_channels: int, stride: int = 1, bias: bool = True) -> nn.Conv3d:
    """A 3x3x3 convolution that keeps the size (or halves it, with stride 2)."""
    return nn.Conv3d(in_channels, out_channels, 3, stride=stride, padding=1, bias=bias)


def conv1(in_channels: int, out_channels: int, bias: bool = True) -> nn.Conv3d:
    """A 1x1x1 convolution."""
    return nn.Conv3d(in_channels, out_channels, 1, bias=bias)


def double(x: Tensor, align_corners: bool) -> Tensor:
    """Double the size of (N, C, D, H, W) by trilinear interpolation."""
    return F.interpolate(x, scale_factor=2, mode="trilinear", align_corners=align_corners)


class ResidualBlock(nn.Module):
    """GroupNorm - ReLU - Conv3 - GroupNorm - ReLU - Conv3, plus identity (Myronenko 2018, section 2.1)."""

    def __init__(self, channels: int, groups: int, bias: bool = True) -> None:
        super().__init__()
        self.norm1 = nn.GroupNorm(groups, channels)
        self.conv1 = conv3(channels, channels, bias=bias)
        self.norm2 = nn.GroupNorm(groups, channels)
        self.conv2 = conv3(channels, channels, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        """Return a tensor of x's shape, (N, C, D, H, W)."""
        y = self.conv1(F.relu(self.norm1(x), inplace=True))
        y = self.conv2(F.relu(self.norm2(y), inplace=True))
        return y + x


class UpLevel(nn.Module):
    """One level upwards: halve the channels, double the size, add the skip where there is one, residual blocks.

    block is the papers' one block, more are those that some networks have beyond it.
    """

    def __init__(self, channels: int, groups: int, align_corners: bool, blocks: int = 1, bias: bool = True) -> None:
        super().__init__()
        self.halve = conv1(2 * channels, channels, bias)
        self.block = ResidualBlock(channels, groups, bias)
        self.more = nn.Sequential(*(ResidualBlock(channels, groups, bias) for _ in range(blocks - 1)))
        self.align_corners = align_corners

    def forward(self, x: Tensor, skip: Tensor | None = None) -> Tensor:
        """(N, 2C, D, H, W) and the skip (N, C, 2D, 2H, 2W) -> (N, C, 2D, 2H, 2W)."""
        x = double(self.halve(x), self.align_corners)
        return self.more(self.block(x if skip is None else x + skip))


def set_memory_format(module: nn.Module, channels_last: bool) -> None:
    """Lay the weights of a module out channels-last (or plainly), in place."""
    module.to(memory_format=torch.channels_last_3d if channels_last else torch.contiguous_format)  # type: ignore[call-overload]
