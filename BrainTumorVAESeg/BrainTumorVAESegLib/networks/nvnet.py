"""Both stages' network: an asymmetric U-Net with a VAE branch, and with attention gates on its skips for stage 2.

Stage 1 is that of Myronenko 2018 (arXiv 1810.11654), stage 2 that of Lyu & Shu 2020 (arXiv 2011.02881). MONAI's
SegResNet is the first one's graph too: without biases but in the head, and with GroupNorm and ReLU before it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..core.settings import StageSettings
from .blocks import ResidualBlock, UpLevel, conv1, conv3
from .gate import AttentionGate
from .vae import Latent, VaeBranch

IMAGE_CHANNELS = 4


@dataclass(frozen=True)
class StageOutput:
    """What a stage answers.

    logits: (N, 3, D, H, W), before the sigmoid. gates: coarse weights by level, finest first, each (N, 1, D', H', W').
    latent, reconstruction: of the VAE branch, None where it was not asked. end: the encoder's, (N, C, D/8, H/8, W/8),
    from which the VAE branch goes on.
    """

    logits: Tensor
    gates: tuple[Tensor, ...] = ()
    latent: Latent | None = None
    reconstruction: Tensor | None = None
    end: Tensor | None = None


class NvNet(nn.Module):
    """The network of one stage, as its settings say; with several members, the first one, which holds the others.

    Takes any size that is a multiple of `settings.unit` without the VAE branch, exactly `settings.vae_crop` with it.
    """

    def __init__(self, settings: StageSettings) -> None:
        super().__init__()
        self.settings = settings
        widths = [settings.filters * 2**level for level in range(len(settings.blocks_down))]
        groups, bias = settings.groups, settings.architecture != "segresnet"
        self.stem = conv3(settings.in_channels, widths[0], bias=False)
        self.dropout = nn.Dropout3d(settings.dropout)
        self.down = nn.ModuleList(conv3(a, b, stride=2, bias=False) for a, b in pairwise(widths))
        self.encoder = nn.ModuleList(
            nn.Sequential(*(ResidualBlock(width, groups, bias) for _ in range(blocks)))
            for width, blocks in zip(widths, settings.blocks_down, strict=True)
        )
        # Finest level first in every list, so that an index is a level.
        self.decoder = nn.ModuleList(
            UpLevel(width, groups, settings.align_corners, blocks, bias)
            for width, blocks in zip(widths[:-1], settings.blocks_up, strict=True)
        )
        self.gates = (
            nn.ModuleList(AttentionGate(width) for width in widths[:-1])
            if settings.architecture == "attention_add"
            else None
        )
        self.head_norm = nn.GroupNorm(groups, widths[0]) if settings.architecture == "segresnet" else None
        self.head = conv1(widths[0], settings.out_channels)
        self.vae = (
            VaeBranch(
                widths[-1],
                IMAGE_CHANNELS,
                settings.vae_crop,
                groups,
                settings.latent,
                settings.spread,
                settings.align_corners,
            )
            if settings.vae_crop
            else None
        )
        alone = replace(settings, members=1, vae_crop=None)
        self.others = nn.ModuleList(NvNet(alone) for _ in range(settings.members - 1))

    @property
    def members(self) -> list[NvNet]:
        """The networks whose logits are averaged, this one first."""
        return [self, *(cast(NvNet, other) for other in self.others)]

    def encode(self, x: Tensor) -> list[Tensor]:
        """Return the encoder's features by level, finest first, of an input (N, C, D, H, W)."""
        x = self.dropout(self.stem(x))
        features = [self.encoder[0](x)]
        for down, blocks in zip(self.down, list(self.encoder)[1:], strict=True):
            features.append(blocks(down(features[-1])))
        return features

    def decode(self, features: list[Tensor]) -> StageOutput:
        """Return the logits and the gates' weights of the encoder's features."""
        x = features[-1]
        weights: list[Tensor] = []
        for level in reversed(range(len(self.decoder))):
            skip = features[level]
            if self.gates is not None:
                skip, weight = self.gates[level](skip, x)
                weights.insert(0, weight)
            x = self.decoder[level](x, skip)
        if self.head_norm is not None:
            x = F.relu(self.head_norm(x), inplace=True)
        return StageOutput(self.head(x), tuple(weights), end=features[-1])

    def forward(self, x: Tensor, reconstruct: bool = False) -> StageOutput:
        """Answer an input (N, C, D, H, W); with reconstruct, the VAE branch as well.

        In training mode the reconstruction is decoded from one sample of the latent, in evaluation mode from its mean.
        The logits are the members' mean; all else is that of the first.
        """
        features = self.encode(x)
        output = self.decode(features)
        if self.others:
            answers = [output.logits, *(other(x).logits for other in self.others)]
            output = replace(output, logits=torch.stack(answers).mean(0))
        if not reconstruct or self.vae is None:
            return output
        latent = self.vae.encode(features[-1])
        numbers = latent.sample() if self.training else latent.mean
        return replace(output, latent=latent, reconstruction=self.vae.decode(numbers))
