"""What the frequencies of an image tell: lines that do not fit, and images that lie apart."""

from __future__ import annotations

import numpy as np
import pytest
from BrainTumorVAESegLib.trust.corrupting import move
from BrainTumorVAESegLib.trust.spectra import (
    SPECTRAL_FEATURES,
    features_of_spectra,
    inner_weight,
    spectral_features,
    spectrum,
)
from scipy.ndimage import gaussian_filter

SHAPE = (40, 72, 64)
Z, Y, X = np.meshgrid(*(np.linspace(-1, 1, n) for n in SHAPE), indexing="ij")
BRAIN = Z**2 + Y**2 + X**2 < 0.95
PHASE, CHANGE = SPECTRAL_FEATURES - 4, SPECTRAL_FEATURES - 3
CURVATURE = 3


def a_study(seed: int) -> np.ndarray:
    """Two images of one anatomy in opposite contrast, each with some noise of its own."""
    random = np.random.default_rng(seed)
    anatomy = gaussian_filter(random.standard_normal(SHAPE), 1.2)
    images = []
    for sign in (1, -1):
        image = sign * anatomy / anatomy.std() + 0.05 * random.standard_normal(SHAPE)
        images.append(np.where(BRAIN, (image - image[BRAIN].mean()) / image[BRAIN].std(), 0))
    return np.stack(images).astype(np.float32)


def test_the_surface_counts_for_nothing_and_the_middle_fully():
    weight = inner_weight(BRAIN)
    assert weight.shape == SHAPE and weight[20, 36, 32] == 1 and (weight[~BRAIN] == 0).all()
    assert inner_weight(np.ones((5, 7, 9), bool)).shape == (4, 6, 8)


def test_energy_is_that_of_the_frequency_that_is_there():
    wave = np.cos(2 * np.pi * 9 * np.arange(72) / 72)[None, :, None] * np.ones(SHAPE)
    lines = spectrum(wave.astype(np.float32), np.ones(SHAPE, np.float32))
    energy = (np.abs(lines[1]) ** 2).sum(axis=1)
    assert np.argmax(energy) == 9 and energy[9] > 0.999 * energy.sum()


def test_reversed_contrast_is_no_distance_and_a_shift_of_a_voxel_little():
    images = a_study(1)
    apart = spectral_features(images, BRAIN)[0, PHASE]
    images[1] = np.roll(images[1], 1, axis=1)
    moved = spectral_features(images, BRAIN)[0, PHASE]
    assert apart < np.log(0.1) and moved < np.log(0.15)


def test_motion_shows_in_lines_phases_and_in_jumps_of_their_energy():
    images = a_study(2)
    before = spectral_features(images, BRAIN)
    images[1] = move(images[1], BRAIN, np.random.default_rng(0))
    after = spectral_features(images, BRAIN)
    assert after[1, CURVATURE] > before[1, CURVATURE] + 0.3
    assert after[1, PHASE] > before[1, PHASE] + 1 and after[1, CHANGE] > before[1, CHANGE] + 1
    np.testing.assert_array_equal(after[0, :PHASE], before[0, :PHASE])


@pytest.mark.parametrize("count", [1, 2])
def test_images_without_contrast_or_alone_have_finite_features(count):
    found = spectral_features(np.zeros((count, *SHAPE), np.float32), BRAIN)
    assert found.shape == (count, SPECTRAL_FEATURES) and np.isfinite(found).all()
    assert (features_of_spectra([spectrum(a_study(1)[0], inner_weight(BRAIN))])[:, PHASE:] == 0).all()
