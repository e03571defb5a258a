"""Dice by hand, and what it says of empty masks."""

from __future__ import annotations

import numpy as np
import pytest
from BrainTumorVAESegLib.evaluation.dice import dice, region_dice


def row(*values: int) -> np.ndarray:
    return np.array([[values]], np.uint8)


@pytest.mark.parametrize(
    ("prediction", "truth", "expected"),
    [
        (row(1, 1, 0, 0), row(1, 1, 0, 0), 1.0),
        (row(1, 1, 1, 0), row(0, 1, 1, 1), 2 * 2 / 6),
        (row(1, 0, 0, 0), row(1, 1, 1, 1), 2 * 1 / 5),
        (row(1, 1, 0, 0), row(0, 0, 1, 1), 0.0),
    ],
)
def test_dice_is_twice_the_overlap_over_both_sizes(prediction, truth, expected):
    assert dice(prediction, truth) == pytest.approx(expected)
    assert dice(truth, prediction) == pytest.approx(expected)


def test_two_empty_masks_agree_and_one_empty_mask_is_wrong():
    empty, full = row(0, 0), row(0, 1)
    assert dice(empty, empty) == 1.0
    assert dice(full, empty) == dice(empty, full) == 0.0


def test_masks_of_many_voxels_do_not_overflow():
    full = np.ones((70, 70, 70), np.uint8)
    assert dice(full, full) == 1.0
    assert dice(full.astype(bool), full * 3) == 1.0, "a mask is what is not 0"


def test_the_regions_nest():
    """NCR 1, ED 2, ET 3: the whole, the core (NCR and ET), and the enhancing tumor, each on its own."""
    prediction, truth = row(1, 2, 3, 3, 0, 0), row(3, 2, 3, 0, 2, 0)
    assert region_dice(prediction, truth) == pytest.approx({"WT": 2 * 3 / 8, "TC": 2 * 2 / 5, "ET": 2 * 1 / 4})


def test_labels_confused_within_a_region_do_not_lower_its_dice():
    assert region_dice(row(1, 1, 2), row(3, 1, 2)) == {"WT": 1.0, "TC": 1.0, "ET": 0.0}
