"""The losses against numbers worked out by hand."""

from __future__ import annotations

import math

import pytest
import torch
from BrainTumorVAESegLib.networks.losses import (
    DICE_MEAN,
    DICE_SUM,
    KL_LATENT,
    KL_VOXELS,
    LossSettings,
    dice_loss,
    dice_scores,
    kl_divergence,
    stage_loss,
)
from BrainTumorVAESegLib.networks.nvnet import StageOutput
from BrainTumorVAESegLib.networks.vae import Latent


def grid(*channels: list[float]) -> torch.Tensor:
    """One sample of channels with voxels in a row, (1, C, 1, 1, n)."""
    return torch.tensor(channels)[None, :, None, None, :]


PROBABILITIES = grid([1.0, 0.5, 0.0, 0.5], [0.5, 0.5, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0])
TARGET = grid([1.0, 1.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0])
SCORES = [2 * 1.5 / (1.5 + 2), 2 * 0.5 / (0.5 + 1), 1.0]
"""By hand: overlaps 1.5, 0.5, 1; squares of the probabilities 1.5, 0.5, 1; of the targets 2, 1, 1."""


def test_dice_has_squared_denominators():
    torch.testing.assert_close(dice_scores(PROBABILITIES, TARGET, 0.0), torch.tensor([SCORES]))


def test_smoothing_stands_above_and_below():
    expected = [(3 + 1) / (3.5 + 1), (1 + 1) / (1.5 + 1), 1.0]
    torch.testing.assert_close(dice_scores(PROBABILITIES, TARGET, 1.0), torch.tensor([expected]))


def test_dice_is_of_each_sample_alone_before_the_mean():
    probabilities = torch.cat([PROBABILITIES, torch.zeros_like(TARGET)])
    target = torch.cat([TARGET, TARGET])
    torch.testing.assert_close(dice_scores(probabilities, target, 0.0), torch.tensor([SCORES, [0.0, 0.0, 0.0]]))
    assert dice_loss(probabilities, target, 0.0, DICE_SUM).item() == pytest.approx((3 - sum(SCORES) + 3) / 2)


@pytest.mark.parametrize(
    ("reduction", "weights", "expected"),
    [
        (DICE_SUM, None, 3 - sum(SCORES)),
        (DICE_MEAN, None, 1 - sum(SCORES) / 3),
        (DICE_SUM, (0.1, 0.45, 0.45), 1 - (0.1 * SCORES[0] + 0.45 * SCORES[1] + 0.45 * SCORES[2])),
        (DICE_MEAN, (0.1, 0.45, 0.45), 1 - (0.1 * SCORES[0] + 0.45 * SCORES[1] + 0.45 * SCORES[2])),
    ],
)
def test_the_regions_are_summed_averaged_or_weighed(reduction, weights, expected):
    assert dice_loss(PROBABILITIES, TARGET, 0.0, reduction, weights).item() == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(("smooth", "learns"), [(1.0, True), (0.0, False)])
def test_only_smoothing_gives_a_gradient_to_a_region_that_is_absent(smooth, learns):
    probabilities = grid([0.3, 0.2]).requires_grad_()
    dice_loss(probabilities, torch.zeros(1, 1, 1, 1, 2), smooth).backward()
    assert bool((probabilities.grad > 0).all()) is learns, "it must be pushed towards 0"


def test_a_perfect_answer_costs_nothing():
    assert dice_loss(TARGET, TARGET).item() == pytest.approx(0, abs=1e-6)


def test_the_divergence_is_that_of_the_paper_by_hand():
    mean, spread = torch.tensor([[0.0, 2.0], [1.0, -1.0]]), torch.tensor([[1.0, 0.5], [2.0, 1.0]])
    first = (0 + 1 - 0 - 1) + (4 + 0.25 - math.log(0.25) - 1)
    second = (1 + 4 - math.log(4) - 1) + (1 + 1 - 0 - 1)
    assert kl_divergence(Latent(mean, spread, spread), 7.0).item() == pytest.approx((first + second) / 2 / 7)


def test_the_divergence_is_least_and_0_at_the_standard_gaussian():
    def at(mean: float, spread: float) -> float:
        return kl_divergence(Latent(torch.tensor([[mean]]), torch.tensor([[spread]]), torch.zeros(1, 1)), 1.0).item()

    assert at(0, 1) == 0
    assert min(at(0.1, 1), at(-0.1, 1), at(0, 0.9), at(0, 1.1)) > 0


@pytest.fixture
def output() -> StageOutput:
    """Answer to 1x4x2x2x2 images: logits 0 (probability one half), an image error of 3 everywhere, a known latent."""
    latent = Latent(torch.tensor([[1.0, 0.0]]), torch.tensor([[1.0, 1.0]]), torch.zeros(1, 2))
    return StageOutput(torch.zeros(1, 3, 2, 2, 2), (), latent, torch.full((1, 4, 2, 2, 2), 3.0))


@pytest.mark.parametrize(("scale", "kl"), [(KL_VOXELS, 1 / 8), (KL_LATENT, 1 / 2)])
def test_the_total_adds_the_weighted_terms_at_either_scale_of_the_divergence(output, scale, kl):
    target, images = torch.ones(1, 3, 2, 2, 2), torch.zeros(1, 4, 2, 2, 2)
    terms = stage_loss(output, target, images, LossSettings(l2=0.2, kl=0.3, smooth=0.0, kl_scale=scale))
    dice = 3 * (1 - 2 * 4 / (2 + 8))
    assert terms.dice.item() == pytest.approx(dice)
    assert terms.l2.item() == pytest.approx(9)
    assert terms.kl.item() == pytest.approx(kl)
    assert terms.total.item() == pytest.approx(dice + 0.2 * 9 + 0.3 * kl)


def test_the_cross_entropy_is_added_where_it_has_a_weight(output):
    target, images = torch.ones(1, 3, 2, 2, 2), torch.zeros(1, 4, 2, 2, 2)
    without = stage_loss(output, target, images, LossSettings())
    terms = stage_loss(output, target, images, LossSettings(cross_entropy=0.5))
    assert without.cross_entropy.item() == 0
    assert terms.cross_entropy.item() == pytest.approx(math.log(2))
    assert terms.total.item() == pytest.approx(without.total.item() + 0.5 * math.log(2))


def test_without_a_reconstruction_the_loss_is_dice_alone(output):
    bare = StageOutput(output.logits)
    terms = stage_loss(bare, torch.ones(1, 3, 2, 2, 2), torch.zeros(1, 4, 2, 2, 2), LossSettings())
    assert terms.total.item() == terms.dice.item() > 0
    assert (terms.l2.item(), terms.kl.item()) == (0, 0)


def test_half_precision_answers_are_summed_in_single(output):
    """A sum over a million voxels overflows float16, whose largest number is 65504."""
    logits = torch.full((1, 3, 100, 100, 100), 8.0, dtype=torch.float16)
    terms = stage_loss(StageOutput(logits), torch.ones(1, 3, 100, 100, 100), torch.zeros(1), LossSettings())
    assert 0 < terms.total.item() < 0.01
