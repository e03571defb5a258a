"""Simple measures of images and brains whose gaps and cuts are known."""

from __future__ import annotations

import numpy as np
import pytest
from BrainTumorVAESegLib.core.modalities import Modality
from BrainTumorVAESegLib.trust.measures import measure_gaps, measure_shape

RANDOM = np.random.default_rng(5)
Z, Y, X = np.meshgrid(*(np.linspace(-1, 1, n) for n in (40, 48, 44)), indexing="ij")
BALL = Z**2 + Y**2 + X**2 < 0.9


def test_a_brain_that_the_field_of_view_cuts_shows_at_that_face():
    whole, cut = measure_shape(BALL), measure_shape(BALL & (Z < 0.2))
    assert cut["cut-head"] > 0.8 > 0.3 > whole["cut-head"]
    assert cut["cut-feet"] == whole["cut-feet"] and cut["brain_ml"] < whole["brain_ml"]


def test_a_brains_proportions_and_its_unevenness_are_told():
    whole, half = measure_shape(BALL), measure_shape(BALL & ((X < 0.5) | (Y < 0)))
    assert whole["long"] == pytest.approx(48 / 44, rel=0.05) and whole["tall"] == pytest.approx(40 / 44, rel=0.05)
    assert whole["uneven"] == 0 < 0.05 < half["uneven"]


def test_a_part_that_an_image_does_not_cover_is_missing():
    image = RANDOM.standard_normal(BALL.shape)
    image[30:] = image.min()
    found = measure_gaps(image[None], BALL, [Modality.T1])["missing-T1"]
    assert found == pytest.approx(BALL[30:].sum() / BALL.sum(), abs=0.001)


@pytest.mark.parametrize("image", [np.zeros(BALL.shape), np.full(BALL.shape, 7.0)])
def test_an_image_without_contrast_is_missing_everywhere(image):
    assert measure_gaps(image[None], BALL, [Modality.T2]) == {"missing-T2": 1.0}


def test_nothing_at_all_is_no_crash():
    nothing = np.zeros((4, 4, 4), bool)
    assert measure_gaps(np.zeros((1, 4, 4, 4)), nothing, [Modality.T1]) == {"missing-T1": 1.0}
    assert measure_shape(nothing) == {}
