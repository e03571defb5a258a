"""A brain without its tumor: what is put in its place, and when it is left as it is."""

from __future__ import annotations

import numpy as np
import pytest
from BrainTumorVAESegLib.training.data.blending import brain_of
from BrainTumorVAESegLib.training.data.healing import find_middle, heal

SHAPE = (30, 32, 44)
MIDDLE = 21.5


@pytest.fixture
def even() -> np.ndarray:
    """Images (4, z, y, x) of a brain that is the same on both sides of MIDDLE."""
    z, y, x = np.ogrid[tuple(slice(n) for n in SHAPE)]
    brain = ((z - 15) / 13) ** 2 + ((y - 16) / 14) ** 2 + ((x - MIDDLE) / 19) ** 2 < 1
    away = np.abs(x - MIDDLE)
    images = np.stack([np.sin(z / 4 + n) + np.cos(y / 5) + np.sin(away / (3 + n)) + 0 * x for n in range(4)])
    return np.where(brain, images + 0.01, 0).astype(np.float16)


def tumor_at(x: float, radius: float = 5.0) -> np.ndarray:
    grid = np.ogrid[tuple(slice(n) for n in SHAPE)]
    distance = np.sqrt(sum((a - b) ** 2 for a, b in zip(grid, (15, 16, x), strict=True)))
    return np.select([distance < radius / 2, distance < radius], [3, 2], 0).astype(np.uint8)


def test_an_even_brain_gets_back_what_a_tumor_took(even):
    labels = tumor_at(31)
    sick = np.where(labels > 0, 9, even).astype(np.float16)
    images, left = heal(sick, labels, 1.0)
    assert not left.any() and left.shape == labels.shape
    np.testing.assert_allclose(images, even, atol=5e-3)


def test_what_is_given_stays_as_it_is_and_nothing_changes_far_from_the_tumor_or_outside_the_brain(even):
    labels = tumor_at(31)
    uneven = even + (brain_of(even) * np.random.default_rng(0).normal(0, 0.05, even.shape)).astype(np.float16)
    before = uneven.copy()
    images, _ = heal(uneven, labels, 1.0)
    assert np.array_equal(uneven, before) and (labels > 0).any()
    np.testing.assert_allclose(images[..., :18], before[..., :18], atol=1e-3)
    assert not images[:, ~brain_of(before)].any()


@pytest.mark.parametrize("shift", [-5, 0, 4])
def test_the_middle_is_found_wherever_the_box_lies(even, shift):
    labels = np.roll(tumor_at(31), shift, 2)
    images = np.roll(even, shift, 3).copy()
    images[:, labels > 0] = 9
    images[:, :, :, : 8 + shift] = 0  # a side that was cut off moves the middle of the brain's box
    assert find_middle(images, labels > 0, brain_of(images), 1.0) == pytest.approx(2 * (MIDDLE + shift), abs=0)


def test_a_tumor_across_the_middle_is_left(even):
    assert heal(even, tumor_at(MIDDLE), 1.0) is None


def test_a_tumor_on_both_sides_is_left(even):
    assert heal(even, np.maximum(tumor_at(31), tumor_at(12)), 1.0) is None


def test_a_tumor_opposite_which_no_brain_is_is_left(even):
    images = np.where(tumor_at(12, 6) > 0, 0, even)
    assert heal(images, tumor_at(31), 1.0) is None


def test_without_a_tumor_there_is_nothing_to_heal(even):
    assert heal(even, np.zeros(SHAPE, np.uint8), 1.0) is None


def test_small_gaps_opposite_are_filled_from_around(even):
    flat = np.where(brain_of(even), np.arange(1.0, 5)[:, None, None, None], 0)
    sick = np.where(tumor_at(31) > 0, 9, flat)
    sick[:, 14:16, 15:17, 11:13] = 0
    healed, _ = heal(sick, tumor_at(31), 1.0)
    np.testing.assert_allclose(healed[:, 14:16, 15:17, 31:33], flat[:, 14:16, 15:17, 31:33], rtol=1e-3)
