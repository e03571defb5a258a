"""The latent: a positive spread and a sample through which the gradient flows."""

from __future__ import annotations

import pytest
import torch
from BrainTumorVAESegLib.networks.vae import Latent, VaeBranch


def branch(spread: str) -> VaeBranch:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return VaeBranch(64, 4, (16, 16, 16), 4, 5, spread, True)


@pytest.mark.parametrize("kind", ["softplus", "absolute"])
def test_the_spread_is_positive_whatever_the_linear_layer_says(kind):
    vae = branch(kind)
    with torch.no_grad():
        vae.to_latent.weight.zero_()
        vae.to_latent.bias.copy_(torch.tensor([0.0] * 5 + [-100.0, -2.0, 0.0, 2.0, 100.0]))
    latent = vae.encode(torch.zeros(1, 64, 2, 2, 2))
    assert latent.raw_spread[0].tolist() == [-100, -2, 0, 2, 100]
    assert bool((latent.spread > 0).all())
    assert bool(torch.isfinite(latent.spread.square().log()).all()), "the divergence takes its logarithm"
    by_hand = {"softplus": [0, 0.126928, 0.693147, 2.126928, 100], "absolute": [100.0, 2, 0, 2, 100]}[kind]
    torch.testing.assert_close(latent.spread[0], torch.tensor(by_hand), rtol=1e-5, atol=2e-6)


@pytest.mark.parametrize("kind", ["softplus", "absolute"])
def test_the_sample_carries_a_gradient_to_the_means_and_to_the_raw_spreads(kind):
    vae = branch(kind)
    latent = vae.encode(torch.randn(1, 64, 2, 2, 2, generator=torch.Generator().manual_seed(1)))
    mean, raw = torch.autograd.grad(latent.sample().sum(), [latent.mean, latent.raw_spread])
    assert bool((mean == 1).all())
    assert bool((raw != 0).all())


def test_the_sample_is_the_mean_plus_the_spread_times_standard_noise():
    latent = Latent(torch.full((1, 200_000), 3.0), torch.full((1, 200_000), 0.5), torch.zeros(1, 200_000))
    torch.manual_seed(5)
    sample = latent.sample()
    assert sample.mean().item() == pytest.approx(3.0, abs=0.01)
    assert sample.std().item() == pytest.approx(0.5, abs=0.01)


def test_the_sample_follows_the_seed():
    latent = Latent(torch.zeros(1, 4), torch.ones(1, 4), torch.ones(1, 4))
    torch.manual_seed(6)
    first = latent.sample()
    second = latent.sample()
    torch.manual_seed(6)
    assert torch.equal(latent.sample(), first)
    assert not torch.equal(first, second)


def test_the_branch_doubles_four_times_back_to_the_crop():
    assert branch("softplus").decode(torch.zeros(2, 5)).shape == (2, 4, 16, 16, 16)
