"""A tumor put into another brain: whole, within it, in its intensities, and never twice the same."""

from __future__ import annotations

import numpy as np
import pytest
from BrainTumorVAESegLib.training.data.blending import brain_of
from BrainTumorVAESegLib.training.data.pasting import paste

SHAPE = (44, 48, 46)
TUMOR, RING = 8.0, 5.0


def brain_case(seed: int, tumor: float = 0.0, level: float = 1.0, offset: float = 0.0, radius: float = 20.0):
    """A ball of noise around an offset; the tumor is brighter by 5 levels, its middle by 9, and has a radius."""
    grid = np.ogrid[tuple(slice(n) for n in SHAPE)]
    brain = sum((a - n / 2) ** 2 for a, n in zip(grid, SHAPE, strict=True)) < radius**2
    distance = np.sqrt(sum((a - n / 2 - 6) ** 2 for a, n in zip(grid, SHAPE, strict=True)))
    inner = tumor * RING / TUMOR
    labels = np.select([distance < inner, distance < tumor], [3, 2], 0).astype(np.uint8)
    noise = np.random.default_rng(seed).normal(0, 1, (4, *SHAPE))
    images = (noise + np.select([labels == 3, labels == 2], [9, 5], 0)) * level + offset
    return np.where(brain, images, 0).astype(np.float16), np.where(brain, labels, 0).astype(np.uint8)


def pasted(seed: int, host, donor, spacing: float = 1.0):
    return paste(*host, donor, np.random.RandomState(seed), spacing)


@pytest.fixture
def host():
    return brain_case(0, level=2.0, offset=30.0)


@pytest.fixture
def donor():
    return brain_case(1, tumor=TUMOR, level=0.1, offset=-2.0)


def test_the_tumor_comes_with_its_parts_within_the_brain_alone(host, donor):
    inside = brain_of(host[0])
    for seed in range(6):
        images, labels = pasted(seed, host, donor)
        assert set(np.unique(labels)) == {0, 2, 3} and not labels[~inside].any()
        np.testing.assert_array_equal(brain_of(images), inside)


def test_it_is_in_the_intensities_of_the_brain_that_it_is_put_into(host, donor):
    images, labels = pasted(0, host, donor)
    core, edema = images[:, labels == 3], images[:, labels == 2]
    np.testing.assert_allclose(core.mean(1), 30 + 9 * 2, atol=3)
    np.testing.assert_allclose(np.median(edema, 1), 30 + 5 * 2, atol=3)


def test_where_it_does_not_reach_nothing_changes_and_what_is_given_stays(host, donor):
    before = [array.copy() for array in (*host, *donor)]
    images, labels = pasted(2, host, donor)
    changed = (images != host[0]).any(0)
    assert changed[labels > 0].all() and changed.mean() < 0.5
    assert all(np.array_equal(a, b) for a, b in zip(before, (*host, *donor), strict=True))


def test_it_is_scaled_moved_and_the_same_for_one_seed(host, donor):
    several = [pasted(seed, host, donor)[1] > 0 for seed in range(10)]
    volumes = np.array([mask.sum() for mask in several])
    middles = np.array([np.argwhere(mask).mean(0) for mask in several])
    assert volumes.max() > 1.3 * volumes.min() and (np.ptp(middles, axis=0) > 5).all()
    assert np.array_equal(pasted(4, host, donor)[1] > 0, several[4])


def test_large_tumors_become_smaller(donor):
    """At 4 mm a voxel the donor's 8 voxels of radius are 137 ml."""
    host = brain_case(0)
    volumes = [(pasted(seed, host, donor, 4.0)[1] > 0).sum() * 0.064 for seed in range(8)]
    assert max(volumes) < 120 and min(volumes) < 60


def test_it_keeps_off_another_tumor(donor):
    host = brain_case(0, tumor=6.0)
    kept = [(pasted(seed, host, donor)[1][host[1] > 0] > 0).mean() for seed in range(6)]
    grown = [(pasted(seed, host, donor)[1] > 0).sum() > 1.2 * (host[1] > 0).sum() for seed in range(6)]
    assert min(kept) > 0.7 and all(grown)


def test_without_a_tumor_or_without_room_nothing_is_put_in(host, donor):
    assert pasted(0, host, brain_case(3)) is None
    assert pasted(0, brain_case(0, radius=4.0), donor) is None
    assert pasted(0, (np.zeros((4, *SHAPE)), np.zeros(SHAPE, np.uint8)), donor) is None
