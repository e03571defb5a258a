"""Simple measures of images whose noise and cut are known."""

from __future__ import annotations

import numpy as np
import pytest
from BrainTumorVAESegLib.core.modalities import Modality
from BrainTumorVAESegLib.trust.measures import measure_gaps, measure_image, measure_shape

RANDOM = np.random.default_rng(5)
Z, Y, X = np.meshgrid(*(np.linspace(-1, 1, n) for n in (40, 48, 44)), indexing="ij")
BALL = Z**2 + Y**2 + X**2 < 0.9
SMOOTH = (np.sin(3 * Z) * np.cos(4 * Y) * np.cos(5 * X)).astype(np.float32)


def test_noise_is_its_standard_deviation():
    for sd in (0.1, 0.5):
        noisy = SMOOTH + sd * RANDOM.standard_normal(SMOOTH.shape).astype(np.float32)
        assert measure_image(noisy, BALL)["noise"] == pytest.approx(sd, rel=0.1)


def test_an_image_that_is_its_own_mirror_image_is_not_lopsided():
    even, odd = measure_image(np.cos(4 * X), BALL)["lopsided"], measure_image(np.sin(4 * X), BALL)["lopsided"]
    assert even == pytest.approx(0, abs=1e-6) and odd == pytest.approx(2, abs=1e-6)


def test_a_brain_that_the_field_of_view_cuts_shows_at_that_face():
    whole, cut = measure_shape(BALL), measure_shape(BALL & (Z < 0.2))
    assert cut["cut-head"] > 0.8 > 0.3 > whole["cut-head"]
    assert cut["cut-feet"] == whole["cut-feet"] and cut["brain_ml"] < whole["brain_ml"]


def test_a_brains_proportions_and_its_unevenness_are_told():
    whole, half = measure_shape(BALL), measure_shape(BALL & ((X < 0.5) | (Y < 0)))
    assert whole["long"] == pytest.approx(48 / 44, rel=0.05) and whole["tall"] == pytest.approx(40 / 44, rel=0.05)
    assert whole["uneven"] == 0 < 0.05 < half["uneven"]


def test_slices_that_repeat_are_more_alike_than_their_rows():
    thick = np.repeat(RANDOM.standard_normal((10, 48, 44)), 4, axis=0)
    found = measure_image(thick, BALL)
    assert found["blur-z"] > 0.6 > 0.1 > abs(found["blur-y"])
    assert found["steps"] > 0.5 > 0.1 > measure_image(RANDOM.standard_normal(BALL.shape), BALL)["steps"]


def test_a_part_that_an_image_does_not_cover_is_missing():
    image = RANDOM.standard_normal(BALL.shape)
    image[30:] = image.min()
    found = measure_gaps(image[None], BALL, [Modality.T1])["missing-T1"]
    assert found == pytest.approx(BALL[30:].sum() / BALL.sum(), abs=0.001)


@pytest.mark.parametrize("image", [np.zeros(BALL.shape), np.full(BALL.shape, 7.0)])
def test_an_image_without_contrast_has_no_measure_and_is_missing_everywhere(image):
    assert measure_image(image, BALL) == {}
    assert measure_gaps(image[None], BALL, [Modality.T2]) == {"missing-T2": 1.0}


def test_nothing_at_all_is_no_crash():
    nothing = np.zeros((4, 4, 4), bool)
    assert measure_gaps(np.zeros((1, 4, 4, 4)), nothing, [Modality.T1]) == {"missing-T1": 1.0}
    assert measure_shape(nothing) == {}
