"""What codes give back, and whether a walk is one, on images with known answers."""

from __future__ import annotations

import numpy as np
import pytest
from BrainTumorVAESegLib.trust.latent.measuring import (
    GivenBack,
    Smoothness,
    given_back,
    mean_given_back,
    mean_smoothness,
    smoothness,
    telling_slice,
)


@pytest.fixture
def seen() -> np.ndarray:
    """Two sequences of a brain of half the voxels, of 1 and of -1."""
    images = np.zeros((2, 4, 4, 4), np.float32)
    images[:, :2] = 1.0
    images[:, 0] = -1.0
    return images


def test_what_is_given_back_whole_misses_nothing_and_explains_all(seen):
    (first, second) = given_back(seen, seen + 0.0, np.zeros_like(seen))
    assert first == second == GivenBack(0.0, 1.0) and first.explained == 1.0


def test_errors_are_of_the_brain_alone_and_by_sequence(seen):
    decoded = seen + np.array([0.5, 2.0], np.float32)[:, None, None, None]
    decoded[:, 2:] = 77.0
    half, double = given_back(seen, decoded, np.zeros_like(seen))
    assert (half.error, half.explained) == (0.5, 0.75) and (double.error, double.explained) == (2.0, -3.0)


def test_an_image_of_nothing_has_no_error():
    nothing = np.zeros((1, 2, 2, 2), np.float32)
    assert given_back(nothing, nothing + 1, nothing) == [GivenBack(0.0, 0.0)]


def test_over_cases_squares_are_averaged():
    assert mean_given_back([GivenBack(3.0, 1.0), GivenBack(4.0, 7.0)]) == GivenBack(12.5**0.5, 5.0)


def blob(places: list[int]) -> np.ndarray:
    """Images of one sequence with one bright voxel each."""
    images = np.zeros((len(places), 1, 1, 1, 9), np.float32)
    images[range(len(places)), 0, 0, 0, places] = 1.0
    return images


def test_a_straight_blend_is_as_a_blend_is():
    first, last = blob([0, 8])
    share = np.linspace(0, 1, 5, dtype=np.float32)[:, None, None, None, None]
    found = smoothness((1 - share) * first + share * last)
    assert found.length == pytest.approx(1) and found.largest_step == pytest.approx(1)
    assert found.departure == pytest.approx(0, abs=1e-6) and found.contrast == pytest.approx(found.blend_contrast)


def test_a_thing_that_moves_keeps_its_contrast_where_a_blend_has_two_ghosts():
    found = smoothness(blob([0, 2, 4, 6, 8]))
    assert found.length == pytest.approx(4) and found.largest_step == pytest.approx(1)
    assert found.contrast == pytest.approx(1) and found.blend_contrast < 0.7
    # Midway 1, and 1/2 each at both ends: the root of 1.5 over that of 2.
    assert found.departure == pytest.approx((1.5 / 2) ** 0.5)


def test_a_jump_shows_as_the_largest_step():
    assert smoothness(blob([0, 0, 0, 0, 8])).largest_step == pytest.approx(4)


def test_a_walk_that_stays_is_as_a_blend_is():
    assert smoothness(blob([3, 3, 3])) == Smoothness(1.0, 1.0, 0.0, 1.0, 1.0)


def test_walks_are_averaged_measure_by_measure():
    mean = mean_smoothness([Smoothness(1, 2, 3, 4, 5), Smoothness(3, 4, 5, 6, 7)])
    assert mean == Smoothness(2, 3, 4, 5, 6)


def test_the_slice_shown_is_that_in_which_images_differ_most():
    images = np.zeros((3, 2, 8, 4, 4), np.float32)
    images[1, 0, 5, 2, 2], images[2, 1, 6, 2, 2] = 2.0, 1.0
    assert telling_slice(images) == 5
    assert telling_slice(images[:1]) == 4
