"""Copies of one image are alike in detail whatever was done to them; two sequences of one head are not."""

from __future__ import annotations

import numpy as np
import pytest
from BrainTumorVAESegLib.trust.likeness import detail, likeness
from BrainTumorVAESegLib.trust.sequences import SAME_DETAIL, SAME_DETAIL_OF_T1
from scipy.ndimage import gaussian_filter

SHAPE = (50, 60, 56)
Z, Y, X = np.meshgrid(*(np.linspace(-1, 1, n) for n in SHAPE), indexing="ij")
BRAIN = Z**2 + Y**2 + X**2 < 0.95
RANDOM = np.random.default_rng(7)


def an_image(detail: np.ndarray) -> np.ndarray:
    """Common anatomy with broad edges, and detail of its own; within the brain, z-scored."""
    anatomy = np.sin(4 * Z) * np.cos(3 * Y) + np.sin(5 * X)
    image = anatomy + 0.5 * detail / detail.std()
    return np.where(BRAIN, (image - image[BRAIN].mean()) / image[BRAIN].std(), 0).astype(np.float32)


ONE, TWO = (an_image(gaussian_filter(RANDOM.standard_normal(SHAPE), 1.0)) for _ in range(2))
UNIT = (ONE - ONE.min()) / (ONE.max() - ONE.min())
CHANGED = {
    "as it is": ONE,
    "another contrast": np.where(BRAIN, UNIT**0.6, 0),
    "shaded": np.where(BRAIN, UNIT * (1 + 0.3 * X), 0),
    "noisy": np.where(BRAIN, UNIT + 0.03 * RANDOM.standard_normal(SHAPE), 0),
    "moved": np.roll(ONE, (2, -1, 2), (0, 1, 2)),
}


@pytest.mark.parametrize("how", CHANGED)
def test_a_copy_is_alike_whatever_was_done_to_it(how):
    found = likeness(np.stack([ONE, CHANGED[how].astype(np.float32)]), BRAIN)
    assert found[0, 1] == found[1, 0] >= SAME_DETAIL_OF_T1


def test_two_images_of_one_anatomy_are_not():
    assert np.corrcoef(ONE[BRAIN], TWO[BRAIN])[0, 1] > 0.7
    assert likeness(np.stack([ONE, TWO]), BRAIN)[0, 1] < 0.5 * SAME_DETAIL


def test_reversed_contrast_is_no_copy():
    assert likeness(np.stack([ONE, -ONE]), BRAIN)[0, 1] < SAME_DETAIL


def test_an_image_without_detail_is_like_none():
    flat = np.where(BRAIN, 1, 0).astype(np.float32)
    assert likeness(np.stack([ONE, flat]), BRAIN)[0, 1] < 0.1
    small = BRAIN & (X < -0.5)
    assert likeness(np.stack([ONE, ONE]) * small, small)[0, 1] == 0
    assert likeness(np.zeros((2, *SHAPE), np.float32), np.zeros(SHAPE, bool)).tolist() == [[1, 0], [0, 1]]
    assert not detail(ONE, np.zeros(SHAPE, bool)).any()
