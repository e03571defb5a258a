"""Healed brains and pasted tumors in the samples of stage 1: at their rates, and by a sample's number alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from BrainTumorVAESegLib.core.settings import SMALL, StageSettings
from BrainTumorVAESegLib.training.data.blending import brain_of
from BrainTumorVAESegLib.training.data.mixing import Mixer
from BrainTumorVAESegLib.training.data.samples import FirstStageSamples
from BrainTumorVAESegLib.training.settings import Augmentation, StageTraining
from torch.utils.data import DataLoader

STILL = Augmentation(flip=0, shift=0, scale=0)
SETTINGS = replace(SMALL, stage1=StageSettings(downsample=2, field=(24, 24, 32), vae_crop=(32, 32, 32)))


@pytest.fixture
def sides(make_case):
    """Four brains with a tumor on one side of each, and even but for it."""
    cases = []
    for number in range(4):
        shape = (40, 44, 48)
        z, y, x = np.ogrid[tuple(slice(n) for n in shape)]
        brain = (z - 20) ** 2 + (y - 22) ** 2 + (x - 23.5) ** 2 < 19**2
        distance = np.sqrt((z - 20) ** 2 + (y - 22) ** 2 + (x - 33 + 19 * (number % 2)) ** 2)
        labels = np.select([distance < 2, distance < 4, distance < 6], [1, 3, 2], 0)
        tissue = np.stack([np.sin(z / 3 + n) + np.cos(y / 4) + 0 * x for n in range(4)])
        cases.append(make_case(f"side{number}", np.where(brain, tissue + 3 * (labels > 0) + 0.01, 0), labels))
    return cases


def first(cases, **settings) -> FirstStageSamples:
    return FirstStageSamples(cases, SETTINGS, StageTraining(jitter=0), replace(STILL, **settings), 5)


def mixed(cases, seed: int, **settings):
    case = cases[0]
    mixer = Mixer(cases, replace(STILL, **settings), 1.0)
    return mixer(case, case.images(), case.labels(), np.random.RandomState(seed)) or (case.images(), case.labels())


def test_samples_are_healed_at_the_given_rate(sides):
    samples = first(sides, heal=0.5)
    empty = sum(not samples[number]["target"].any() for number in range(40))
    assert 12 <= empty <= 28
    assert all(samples[number]["target"].any() for number in range(4)) or empty < 40


def test_a_pasted_tumor_adds_to_the_brains_own_and_stands_alone_in_a_healed_one(sides):
    own = sum((case.labels() > 0).sum() for case in sides) / len(sides)
    both = [(mixed(sides, seed, paste=1.0)[1] > 0).sum() for seed in range(5)]
    alone = [(mixed(sides, seed, paste=1.0, heal=1.0)[1] > 0).sum() for seed in range(5)]
    assert np.mean(both) > 1.2 * own and min(alone) > 0
    assert all(a < b for a, b in zip(alone, both, strict=True))


@pytest.mark.parametrize("settings", [{"heal": 1.0}, {"paste": 1.0}])
def test_changed_images_are_z_scores_of_the_same_brain(sides, settings):
    images, _ = mixed(sides, 1, **settings)
    inside = brain_of(sides[0].images())
    np.testing.assert_array_equal(brain_of(images), inside)
    for image in images:
        assert (image[inside].mean(), image[inside].std()) == pytest.approx((0, 1), abs=1e-4)


def test_what_is_not_mixed_is_the_very_same_sample_as_without(sides):
    plain = first(sides, affine=0.5, noise=0.5)
    some = first(sides, affine=0.5, noise=0.5, paste=0.3)
    same = [torch.equal(plain[number]["input"], some[number]["input"]) for number in range(20)]
    assert 8 <= sum(same) <= 19


def test_a_number_gives_one_sample_here_and_in_a_worker(sides):
    samples = first(sides, heal=0.5, paste=0.5, shading=0.5)
    backward = [samples[number] for number in reversed(range(5))][::-1]
    drawn = list(DataLoader(samples, batch_size=None, sampler=range(5), num_workers=1))
    for a, b in zip(backward, drawn, strict=True):
        assert all(torch.equal(a[key], b[key]) for key in a)


def test_where_healing_fails_and_nothing_is_pasted_the_case_stays(make_case):
    images, labels = np.ones((4, 40, 44, 48)), np.full((40, 44, 48), 2)
    case = make_case("all", images, labels)
    result = mixed([case], 0, heal=1.0, paste=1.0)
    assert np.array_equal(result[0], images) and np.array_equal(result[1], labels)
