"""Sensitivity and specificity by hand, and what they say of empty masks."""

from __future__ import annotations

import numpy as np
import pytest
from BrainTumorVAESegLib.evaluation.rates import sensitivity, specificity


def row(*values: int) -> np.ndarray:
    return np.array([[values]], bool)


def test_they_count_what_is_found_and_what_is_left_out():
    prediction, truth = row(1, 1, 1, 0, 0, 0, 0, 0), row(0, 1, 1, 1, 1, 0, 0, 0)
    assert sensitivity(prediction, truth) == 2 / 4
    assert specificity(prediction, truth) == 3 / 4


@pytest.mark.parametrize(
    ("prediction", "truth", "found", "left"),
    [
        (row(0, 0, 0, 0), row(0, 0, 0, 0), 1.0, 1.0),
        (row(1, 0, 0, 0), row(0, 0, 0, 0), 0.0, 0.75),
        (row(0, 0, 0, 0), row(1, 0, 0, 0), 0.0, 1.0),
        (row(1, 1, 0, 0), row(1, 1, 1, 1), 0.5, 1.0),
    ],
)
def test_empty_and_full_masks(prediction, truth, found, left):
    assert sensitivity(prediction, truth) == found
    assert specificity(prediction, truth) == left


def test_the_background_is_that_of_the_whole_image():
    prediction, truth = row(1, 1, 0), row(0, 1, 0)
    assert specificity(prediction, truth, voxels=101) == pytest.approx(99 / 100)
