from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from BrainTumorVAESegLib.core.modalities import Modality
from BrainTumorVAESegLib.preparation.background import Background, background_of, find_background

RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def image(small_study) -> np.ndarray:
    """T1 of the patient, int16, 0 outside the brain."""
    return small_study[Modality.T1].array


def z_scored(array: np.ndarray) -> np.ndarray:
    return ((array - array.mean()) / array.std()).astype(np.float32)


def with_outside(array: np.ndarray, values: np.ndarray | float, kind: type = np.float32) -> np.ndarray:
    return np.where(array != 0, array, values).astype(kind)


BACKGROUNDS = {
    "zero": lambda a: a,
    "least of int16": lambda a: with_outside(a, -32768, np.int16),
    "largest of uint16": lambda a: with_outside(a, 65535, np.uint16),
    "minus 1024": lambda a: with_outside(a, -1024, np.int16),
    "a constant in float64": lambda a: with_outside(a, 0.1, np.float64),
    "z-scored as a whole": z_scored,
    "noise of 1e-4": lambda a: with_outside(a / 1000, 1e-4 * RNG.standard_normal(a.shape)),
    "noise above 0": lambda a: with_outside(a / 1000, 1e-4 * RNG.random(a.shape)),
    "noise around -5": lambda a: with_outside(a / 1000, -5 + 1e-4 * RNG.standard_normal(a.shape)),
    "NaN": lambda a: with_outside(a, np.nan),
    "infinite": lambda a: with_outside(a, np.inf),
    "a constant within padding": lambda a: np.pad(z_scored(a[4:-4, 4:-4, 4:-4]), 4),
    "noise within padding": lambda a: np.pad(BACKGROUNDS["noise of 1e-4"](a)[4:-4, 4:-4, 4:-4], 4),
}


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


@pytest.mark.parametrize(
    "make",
    [
        lambda a: np.where(a == 0, RNG.integers(1, 30, a.shape), a).astype(np.int16),
        lambda a: np.where(a == 0, 40 * RNG.random(a.shape), a).astype(np.float32),
        lambda a: np.where(a != 0, a - 3000, 0).astype(np.int16),
        lambda a: np.clip(a, 700, None) * (a != 0),
    ],
    ids=["air of integers", "air", "a brain below 0", "many voxels of the least value"],
)
def test_what_is_no_background_is_left(image, make):
    assert background_of(make(image)).is_zero


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
