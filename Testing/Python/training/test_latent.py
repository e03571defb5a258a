"""Statistics of the latent codes of the training cases."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from BrainTumorVAESegLib.core.settings import CascadeSettings
from BrainTumorVAESegLib.networks.nvnet import NvNet
from BrainTumorVAESegLib.training.latent import gather_latent


@pytest.fixture
def stage1(tiny_stage) -> NvNet:
    torch.manual_seed(0)
    return NvNet(replace(tiny_stage, downsample=2)).eval()


def test_the_latent_statistics_are_those_of_the_training_cases(stage1, tumor_cases):
    settings = CascadeSettings(stage1=stage1.settings, stage2=None)
    means = []
    for case in tumor_cases:
        # 40x44x48 voxels, of which the crop of 16 coarse voxels sees the middle 32.
        middle = case.images()[:, 4:36, 6:38, 8:40].astype(np.float32)
        coarse = middle.reshape(4, 16, 2, 16, 2, 16, 2).mean((2, 4, 6))
        with torch.inference_mode():
            means.append(stage1(torch.from_numpy(coarse)[None], reconstruct=True).latent.mean[0].numpy())
    latent = gather_latent(stage1, settings, tumor_cases)
    np.testing.assert_allclose(latent.mean, np.mean(means, 0), atol=1e-5)
    np.testing.assert_allclose(latent.std, np.std(means, 0, ddof=1), atol=1e-5)
    assert latent.cases == 3


def test_without_a_branch_there_are_no_latent_statistics(tiny_stage, tumor_cases):
    stage = replace(tiny_stage, vae_crop=None)
    assert gather_latent(NvNet(stage), CascadeSettings(stage1=stage, stage2=None), tumor_cases) is None


def test_one_case_still_gives_latent_statistics_that_a_package_may_hold(stage1, tumor_cases):
    latent = gather_latent(stage1, CascadeSettings(stage1=stage1.settings, stage2=None), tumor_cases[:1])
    assert latent.cases == 1 and min(latent.std) > 0
