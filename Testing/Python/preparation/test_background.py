from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from backgrounds import BACKGROUNDS, NO_BACKGROUNDS, with_outside
from BrainTumorVAESegLib.core.modalities import Modality
from BrainTumorVAESegLib.preparation.background import Background, background_of, find_background


@pytest.fixture(scope="module")
def image(small_study) -> np.ndarray:
    """T1 of the patient, int16, 0 outside the brain."""
    return small_study[Modality.T1].array


@pytest.mark.parametrize("name", BACKGROUNDS)
def test_the_brain_is_the_same_whatever_is_around_it(image, name):
    expected = np.pad(image[4:-4, 4:-4, 4:-4], 4) if "padding" in name else image
    array = BACKGROUNDS[name](image)
    kept = array.copy()
    cleaned = background_of(array[1::2, ::2, ::2]).remove(array)
    np.testing.assert_array_equal(cleaned != 0, expected != 0)
    np.testing.assert_array_equal(array, kept)
    inside = expected != 0
    assert np.corrcoef(cleaned[inside], expected[inside])[0, 1] > 0.999999


def test_an_image_that_is_0_around_the_brain_is_handed_on_as_it_is(small_study, image):
    background = find_background(small_study[Modality.T1])
    assert background == Background() and background.is_zero
    assert background.remove(image) is image


def test_a_brain_voxel_of_0_stays_brain_where_the_background_is_another(image):
    array = with_outside(image, -1, np.int16)
    array[32, 40, 34] = 0
    assert background_of(array).remove(array)[32, 40, 34] == 1


def test_voxels_that_are_not_finite_become_0_whatever_the_background(image):
    for outside in (0.0, -7.0):
        array = with_outside(image, outside)
        array[32, 40, 34:36] = np.nan, np.inf
        cleaned = background_of(array).remove(array)
        assert np.isfinite(cleaned).all() and not cleaned[32, 40, 34:36].any()
        assert np.count_nonzero(image) - np.count_nonzero(cleaned) == 2


@pytest.mark.parametrize("name", NO_BACKGROUNDS)
def test_what_is_no_background_is_left(image, name):
    assert background_of(NO_BACKGROUNDS[name](image)).is_zero


def test_a_label_map_is_left(small_grid, patient):
    labels = patient.labels(small_grid)
    assert background_of(labels).is_zero and background_of(labels.astype(np.int16) * -1).is_zero


@pytest.mark.parametrize("shape", [(1, 1, 1), (2, 2, 2), (1, 5, 9)])
def test_tiny_arrays_have_a_background_as_well(shape):
    assert background_of(np.full(shape, 7, np.int16)) == Background(7.0)
    assert math.isnan(background_of(np.full(shape, np.nan)).value)
    assert background_of(np.zeros(shape)).is_zero


@pytest.mark.parametrize(
    ("background", "text"),
    [
        (Background(-3.5), "-3.5"),
        (Background(math.nan), "NaN"),
        (Background(0.0, 0.0004), "noise of up to 0.0004"),
        (Background(-5.0, 0.0004), "noise of up to 0.0004 around -5"),
        (Background(-0.52, padded=True), "0 and -0.52"),
    ],
)
def test_a_background_reads_as_what_it_is(background, text):
    assert str(background) == text


def test_the_background_is_found_by_points_of_the_volume(small_study):
    volume = small_study[Modality.T1]
    shifted = replace(volume, array=volume.array - 100)
    assert find_background(shifted) == Background(-100.0)
