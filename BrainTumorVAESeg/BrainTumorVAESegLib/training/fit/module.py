"""One stage's network with its loss, as it is trained: an answer's loss terms, the optimizer, the learning rate."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.checkpoint import checkpoint

from ...core.labels import REGIONS
from ...core.settings import StageSettings, without_vae
from ...networks.blocks import ResidualBlock, UpLevel, conv1, set_memory_format
from ...networks.losses import dice_loss, stage_loss
from ...networks.nvnet import NvNet
from ..settings import StageTraining

LOSSES = ("loss", "dice_loss", "l2", "kl", "cross_entropy")
SOFT_DICE = tuple(f"dice_{region.key}" for region in REGIONS)


class Exact:
    """What an answer is held against; in an object of its own, so that mixed precision does not round it on the way.

    target: (N, 3, D, H, W) in 0 to 1. images: to reconstruct, (N, 4, D, H, W).
    """

    def __init__(self, target: Tensor, images: Tensor) -> None:
        self.target = target
        self.images = images


class StageModule(nn.Module):
    """A stage's network and the loss of its answers.

    Where the VAE branch is not trained, the network has none. With deep supervision, coarser levels of the decoder have
    heads of their own, which training alone uses.
    """

    def __init__(self, stage: StageSettings, training: StageTraining) -> None:
        super().__init__()
        self.settings = training
        self.network = NvNet(stage if training.reconstruct else without_vae(stage))
        self.heads = nn.ModuleList()
        self._decoded: list[Tensor] = []
        self._reconstructs = training.reconstruct
        if training.deep_supervision:
            for level in list(self.network.decoder)[1:]:
                assert isinstance(level, UpLevel)
                self.heads.append(conv1(level.halve.out_channels, stage.out_channels))
                level.register_forward_hook(self._keep_decoded)
        if training.freeze_encoder:
            for part in (self.network.stem, self.network.down, self.network.encoder):
                part.requires_grad_(False)
        if training.checkpointing:
            recompute_blocks(self.network)
        set_memory_format(self, channels_last=True)
        if training.compile:
            self.network.compile()

    def forward(self, x: Tensor, truth: Exact) -> dict[str, Tensor]:
        """Return `loss`, its terms, unweighted (see `LOSSES`), and the soft Dice `dice_WT` and so on.

        x: the input (N, C, D, H, W).
        """
        self._decoded.clear()
        x = x.to(memory_format=torch.channels_last_3d)
        output = self.network(x, reconstruct=self._reconstructs)
        terms = stage_loss(output, truth.target, truth.images, self.settings.loss)
        loss = terms.total + self._deep_loss(truth.target)
        for parameter in self.idle:  # processes that train together wait for a gradient of every parameter
            loss = loss + 0 * parameter.sum()
        losses = (loss, terms.dice, terms.l2, terms.kl, terms.cross_entropy)
        return dict(zip(LOSSES, losses, strict=True)) | dict(zip(SOFT_DICE, terms.scores, strict=True))

    def set_progress(self, share: float) -> None:
        """Say which share of the steps is done: the gates' BatchNorm keeps its statistics after `freeze_norms`."""
        self.train()
        if share >= self.settings.freeze_norms:
            for module in self.modules():
                if isinstance(module, nn.BatchNorm3d):
                    module.eval()

    def set_step(self, step: int) -> None:
        """Say which step is to be done, counted from 0: the VAE branch learns in every `reconstruct_every`th one."""
        self._reconstructs = self.settings.reconstruct and step % self.settings.reconstruct_every == 0

    @property
    def idle(self) -> list[nn.Parameter]:
        """The parameters that do not learn in this step."""
        branch = self.network.vae
        return [] if branch is None or self._reconstructs else list(branch.parameters())

    def make_optimizer(self) -> torch.optim.Optimizer:
        """Return Adam (weight decay as L2, as published) or AdamW, over what is trained."""
        kind = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[self.settings.optimizer]
        trained = [parameter for parameter in self.parameters() if parameter.requires_grad]
        return kind(trained, lr=self.settings.learning_rate, weight_decay=self.settings.weight_decay)

    def _keep_decoded(self, level: nn.Module, inputs: object, output: Tensor) -> None:
        if self.training:
            self._decoded.append(output)

    def _deep_loss(self, target: Tensor) -> Tensor:
        """The Dice loss of the coarser levels' heads, against the target averaged to their size."""
        total, weight, settings = target.new_zeros(()), self.settings.deep_supervision, self.settings.loss
        # The decoder goes from coarse to fine, the heads' list from fine to coarse.
        for head, features in zip(self.heads, reversed(self._decoded), strict=True):
            probabilities = torch.sigmoid(head(features).float())
            small = F.avg_pool3d(target, target.shape[2] // probabilities.shape[2])
            total = total + weight * dice_loss(
                probabilities, small, settings.smooth, settings.dice, settings.channel_weights
            )
            weight = weight / 2
        self._decoded.clear()
        return total


def learning_rate(training: StageTraining, step: int) -> float:
    """Return the learning rate of a step, counted from 0: a linear warm-up, then poly (power 0.9) or cosine to 0."""
    if step < training.warmup:
        return training.learning_rate * (step + 1) / training.warmup
    share = min((step - training.warmup) / max(training.steps - training.warmup, 1), 1.0)
    factor = 0.5 * (1 + math.cos(share * math.pi)) if training.schedule == "cosine" else (1 - share) ** 0.9
    return training.learning_rate * factor


def recompute_blocks(network: nn.Module) -> None:
    """Let every residual block keep its input alone and compute the rest again in the backward pass."""
    for block in network.modules():
        if isinstance(block, ResidualBlock):
            forward = block.forward
            block.forward = lambda x, forward=forward: (  # type: ignore[method-assign,misc]
                checkpoint(forward, x, use_reentrant=False) if torch.is_grad_enabled() else forward(x)
            )
