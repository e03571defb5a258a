"""Losses of both papers: Dice with squared denominators, the reconstruction's L2 and the latent's KL divergence."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from ..core.errors import TrainingError
from .nvnet import StageOutput
from .vae import Latent

DICE_SUM, DICE_MEAN = "sum", "mean"
KL_VOXELS, KL_LATENT = "voxels", "latent"


@dataclass(frozen=True)
class LossSettings:
    """Weights and scales of the loss.

    dice: `sum` of the regions' losses (Myronenko 2018) or their `mean` (public code of Lyu & Shu 2020).
    channel_weights: of each region, replacing sum or mean. smooth: added to numerator and denominator of the Dice, so
    that a region absent from the truth still has a gradient. cross_entropy: weight of the binary cross entropy, a mean
    over voxels and channels; the papers have none. kl_scale: divide the summed divergence by the number of `voxels` of
    the input (Myronenko 2018) or by the size of the `latent` (public code).
    """

    l2: float = 0.1
    kl: float = 0.1
    dice: str = DICE_SUM
    channel_weights: tuple[float, ...] | None = None
    smooth: float = 1.0
    cross_entropy: float = 0.0
    kl_scale: str = KL_VOXELS

    def __post_init__(self) -> None:
        for key, known in (("dice", (DICE_SUM, DICE_MEAN)), ("kl_scale", (KL_VOXELS, KL_LATENT))):
            if getattr(self, key) not in known:
                raise TrainingError(f"{key}: {getattr(self, key)!r} is not known; known are {', '.join(known)}.")
        for key in ("l2", "kl", "smooth", "cross_entropy"):
            if not 0 <= getattr(self, key) < math.inf:
                raise TrainingError(f"{key} must be 0 or more.")
        if self.channel_weights is not None and (len(self.channel_weights) != 3 or min(self.channel_weights) < 0):
            raise TrainingError(
                f"channel_weights must be three numbers of 0 or more, not {list(self.channel_weights)}."
            )


@dataclass(frozen=True)
class LossTerms:
    """The total and its terms, each a scalar, unweighted; and the soft Dice of each channel, (C,).

    cross_entropy is 0 where the settings do not weigh it.
    """

    total: Tensor
    dice: Tensor
    l2: Tensor
    kl: Tensor
    cross_entropy: Tensor
    scores: Tensor


def dice_scores(probabilities: Tensor, target: Tensor, smooth: float) -> Tensor:
    """Soft Dice of each sample and channel, (N, C), from (N, C, D, H, W).

    d = (2 sum(p t) + smooth) / (sum(p^2) + sum(t^2) + smooth): Myronenko 2018, equation 2, smoothed on both sides.
    """
    dims = tuple(range(2, probabilities.ndim))
    overlap = (probabilities * target).sum(dims)
    squares = probabilities.square().sum(dims) + target.square().sum(dims)
    return (2 * overlap + smooth) / (squares + smooth)


def dice_loss(
    probabilities: Tensor,
    target: Tensor,
    smooth: float = 1.0,
    reduction: str = DICE_SUM,
    weights: Sequence[float] | None = None,
) -> Tensor:
    """Mean over the samples of the channels' losses 1 - d: summed, averaged, or weighted by weights."""
    return _join(dice_scores(probabilities, target, smooth), reduction, weights)


def _join(scores: Tensor, reduction: str, weights: Sequence[float] | None) -> Tensor:
    losses = 1 - scores
    if weights is not None:
        return (losses * losses.new_tensor(list(weights))).sum(1).mean()
    return (losses.sum(1) if reduction == DICE_SUM else losses.mean(1)).mean()


def kl_divergence(latent: Latent, divisor: float) -> Tensor:
    """Sum over the latent of mean^2 + spread^2 - log spread^2 - 1, over divisor, averaged over the samples.

    Myronenko 2018, equation 4 (as there without the factor one half): the divergence from a standard Gaussian.
    """
    variance = latent.spread.square()
    terms = latent.mean.square() + variance - variance.log() - 1
    return terms.sum(1).mean() / divisor


def stage_loss(output: StageOutput, target: Tensor, images: Tensor, settings: LossSettings) -> LossTerms:
    """Return the loss of a stage's answer.

    target: (N, 3, D, H, W) in 0 to 1. images: what the VAE branch should give back, (N, 4, D, H, W). Without a VAE
    branch its two terms are 0.
    """
    logits = output.logits.float()
    scores = dice_scores(torch.sigmoid(logits), target, settings.smooth)
    dice = _join(scores, settings.dice, settings.channel_weights)
    nothing = dice.new_zeros(())
    entropy = F.binary_cross_entropy_with_logits(logits, target) if settings.cross_entropy else nothing
    answer, means = dice + settings.cross_entropy * entropy, scores.detach().mean(0)
    if output.latent is None or output.reconstruction is None:
        return LossTerms(answer, dice, nothing, nothing, entropy, means)
    l2 = F.mse_loss(output.reconstruction.float(), images)
    latent = Latent(output.latent.mean.float(), output.latent.spread.float(), output.latent.raw_spread)
    divisor = images[0, 0].numel() if settings.kl_scale == KL_VOXELS else latent.mean.shape[1]
    kl = kl_divergence(latent, divisor)
    return LossTerms(answer + settings.l2 * l2 + settings.kl * kl, dice, l2, kl, entropy, means)
