"""What a part fades out by, and what tells a brain's intensities."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from BrainTumorVAESegLib.training.data.blending import brain_of, fade, healthy_statistics, standardize


def test_a_share_is_1_in_the_mask_and_close_to_it_and_fades_out():
    mask = torch.zeros(40, 40, 40, dtype=torch.bool)
    mask[15:25, 15:25, 15:25] = True
    share = fade(mask, 3.0)
    line = share[20, 20, 24:]
    assert (share[mask] == 1).all() and line[0] == line[1] == 1
    assert (line.diff() <= 1e-6).all() and 0 < float(line[6]) < 0.5 and float(line[10]) < 0.02


def test_what_is_thinner_than_the_margin_has_a_share_of_1_too():
    mask = torch.zeros(20, 20, 20, dtype=torch.bool)
    mask[10, 10, 10] = True
    assert fade(mask, 3.0)[10, 10, 10] == 1


def test_statistics_are_those_of_healthy_tissue():
    images = np.random.default_rng(0).normal([[[[2]]], [[[0]]], [[[-3]]], [[[1]]]], 0.5, (4, 24, 24, 24))
    images[:, :6] = 0
    labels = np.zeros((24, 24, 24), np.uint8)
    labels[12:] = 2
    images[:, 12:] = 50
    mean, std = healthy_statistics(images, labels)
    np.testing.assert_allclose(mean, [2, 0, -3, 1], atol=0.15)
    np.testing.assert_allclose(std, 0.5, rtol=0.2)


def test_a_brain_that_is_all_tumor_has_none():
    assert healthy_statistics(np.ones((4, 6, 6, 6)), np.ones((6, 6, 6), np.uint8)) is None


def test_standardizing_gives_each_image_a_z_score_in_the_brain_and_0_outside():
    images = np.random.default_rng(0).normal(3, 2, (4, 8, 8, 8))
    images[1] = 7
    images[:, :3] = 0
    result = standardize(images, brain_of(images))
    assert not result[:, :3].any() and not result[1].any()
    for image in result[[0, 2, 3]]:
        assert (image[3:].mean(), image[3:].std()) == pytest.approx((0, 1), abs=1e-5)
