"""The tool that measures the cascade on a GPU: what it makes and compares is what it says."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import torch
from BrainTumorVAESegLib.core.boxes import Box
from BrainTumorVAESegLib.core.settings import FAST, StageSettings
from BrainTumorVAESegLib.inference.engine import Engine
from cuda_cascade import Clock, OwnNorm, cascade_side, make_images, make_networks, with_own_norms
from torch import Tensor


def moments(x: Tensor, eps: float) -> tuple[Tensor, Tensor]:
    """What `torch.batch_norm_stats`, which only GPUs have, answers."""
    variance, mean = torch.var_mean(x.float(), dim=(0, 2, 3, 4), correction=0)
    return mean, (variance + eps).rsqrt()


def test_the_made_brain_lies_in_its_box_with_zeros_around_it():
    images = make_images((39, 60, 60))
    brain = (images != 0).any(0)
    assert images.dtype == np.float32 and images.shape[0] == 4
    assert not brain[:2].any() and not brain[:, :, -2:].any() and 0.3 < brain.mean() < 0.9


def test_its_own_norms_are_group_normalizations(monkeypatch):
    monkeypatch.setattr(torch, "batch_norm_stats", moments)
    network = make_networks(FAST)[0]
    x = torch.randn(1, 4, 16, 16, 16, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        expected = network(x).logits
        replaced = with_own_norms(network)
        assert sum(isinstance(module, OwnNorm) for module in replaced.modules()) > 10
        torch.testing.assert_close(replaced(x).logits, expected, rtol=0, atol=1e-4)


def test_answers_joined_on_the_device_and_on_the_host_are_the_same_labels():
    second = StageSettings("attention_add", in_channels=7, filters=8, groups=4, field=(16, 16, 16))
    settings = replace(FAST, stage1=replace(FAST.stage1, filters=8, groups=4, field=None, vae_crop=None), stage2=second)
    images = np.random.default_rng(0).standard_normal((4, 24, 32, 16), dtype=np.float32)
    box = Box.at((4, 8, 0), (16, 16, 16))
    here, there = (cascade_side(settings, images, box, Engine("cpu"), on_host)() for on_host in (False, True))
    np.testing.assert_array_equal(here, there)
    assert len(np.unique(here)) > 1


def test_sides_take_turns_and_what_does_not_fit_is_named():
    asked: list[str] = []
    clock = Clock(torch.device("cpu"), 1e6)
    medians = clock.in_turn({"a": lambda: asked.append("a"), "b": lambda: time.sleep(0)}, 3)
    assert asked == ["a"] * 4 and set(medians) == {"a", "b"} and min(medians.values()) >= 0
    assert clock.left("one", 1) and not clock.left("two", 2e6) and clock.left_out == ["two"]
