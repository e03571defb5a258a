"""The attention gate: weights between 0 and 1 that can open and close a skip connection."""

from __future__ import annotations

import pytest
import torch
from BrainTumorVAESegLib.networks.gate import AttentionGate


@pytest.fixture
def gate() -> AttentionGate:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return AttentionGate(8).eval()


@pytest.fixture
def features() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    return torch.randn(1, 8, 4, 6, 8, generator=generator), torch.randn(1, 16, 2, 3, 4, generator=generator)


def test_the_weights_lie_between_0_and_1_and_the_skip_only_shrinks(gate, features):
    skip, gating = features
    weighed, weights = gate(skip, gating)
    assert weights.shape == (1, 1, 2, 3, 4) and weighed.shape == skip.shape
    assert 0 < weights.min() < weights.max() < 1
    assert bool((weighed.abs() < skip.abs()).all()) and bool((weighed * skip >= 0).all())


@pytest.mark.parametrize(("bias", "share"), [(50.0, 1.0), (-50.0, 0.0)])
def test_a_gate_can_open_and_close_wholly(gate, features, bias, share):
    skip, gating = features
    gate.psi[1].bias.data.fill_(bias)
    torch.testing.assert_close(gate(skip, gating)[0], share * skip)


def test_all_channels_of_a_place_are_weighed_alike(gate, features):
    skip, gating = features
    ratio = gate(torch.ones_like(skip), gating)[0]
    torch.testing.assert_close(ratio, ratio[:, :1].expand_as(ratio))


def test_the_gating_feature_and_the_skip_both_count(gate, features):
    skip, gating = features
    weights = gate(skip, gating)[1]
    assert not torch.allclose(gate(skip, gating.flip(2))[1], weights)
    assert not torch.allclose(gate(skip.flip(2), gating)[1], weights)


def test_the_gate_leaves_its_inputs_as_they_are(gate, features):
    skip, gating = features
    before = skip.clone(), gating.clone()
    gate(skip, gating)
    assert torch.equal(skip, before[0]) and torch.equal(gating, before[1])
