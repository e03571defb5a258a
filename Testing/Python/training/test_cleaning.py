"""The choice of how label maps are cleaned: what helps on the cases is taken, and no more of it than is needed."""

from __future__ import annotations

import numpy as np
import pytest
from BrainTumorVAESegLib.core.settings import Cleaning
from BrainTumorVAESegLib.training.cleaning import LEAST_ML, LEAST_UNSEEN_ML, choose_cleaning

ED, ET = 2, 3
SHAPE = (40, 40, 40)


def tumor(*boxes: tuple[int, int, int], label: int = ED) -> np.ndarray:
    """A label map with cubes: (start, size, of which all of the label) along the diagonal."""
    labels = np.zeros(SHAPE, np.uint8)
    for start, size, value in boxes:
        labels[start : start + size, start : start + size, start : start + size] = value or label
    return labels


TRUTH = tumor((2, 16, 0))
"""A tumor of 4 ml."""


def answers(*pairs, seen=None):
    """Pairs of an answer and its truth, and where stage 1 saw a tumor in all of them."""
    return lambda: ((answer, truth, seen) for answer, truth in pairs)


def test_a_clean_answer_is_left_as_it_is():
    choice = choose_cleaning(answers((TRUTH, TRUTH)), 1.0)
    assert choice.cleaning.least_ml == (0.0, 0.0, 0.0)
    assert choice.before == choice.after == {key: dict.fromkeys(("WT", "TC", "ET"), 1.0) for key in choice.before}


def test_false_parts_are_removed_by_the_smallest_size_that_does():
    invented = tumor((2, 16, 0), (30, 5, 0))
    choice = choose_cleaning(answers((invented, TRUTH), (TRUTH, TRUTH)), 1.0)
    assert choice.cleaning.least_ml == (0.2, 0.0, 0.0), "125 voxels of 1 mm are more than 0.1 ml"
    assert choice.before["lesion_dice"]["WT"] == pytest.approx(0.75) and choice.after["lesion_dice"]["WT"] == 1.0
    assert choose_cleaning(answers((invented, TRUTH)), 1.2).cleaning.least_ml[0] == 0.5, "0.216 ml on that grid"


def test_false_parts_that_stage_1_did_not_see_are_left_out_where_they_are_larger_than_what_any_size_takes():
    answer = tumor((2, 16, 0), (28, 9, 0))
    choice = choose_cleaning(answers((answer, TRUTH), seen=TRUTH > 0), 1.0)
    assert choice.cleaning.least_unseen_ml == LEAST_UNSEEN_ML and choice.cleaning.least_ml == (0.0, 0.0, 0.0)
    assert choice.before["lesion_dice"]["WT"] == 0.5 and choice.after["lesion_dice"]["WT"] == 1.0
    assert choose_cleaning(answers((answer, TRUTH), seen=answer > 0), 1.0).after["lesion_dice"]["WT"] == 0.5, "both did"
    assert choose_cleaning(answers((answer, answer), seen=TRUTH > 0), 1.0).cleaning.least_unseen_ml == 0.0, "it is true"


def test_parts_that_stage_1_did_not_see_are_left_out_unless_that_loses_where_there_is_another_stage():
    clean_answer = answers((TRUTH, TRUTH), seen=TRUTH > 0)
    assert choose_cleaning(clean_answer, 1.0).cleaning.least_unseen_ml == LEAST_UNSEEN_ML
    assert choose_cleaning(answers((TRUTH, TRUTH)), 1.0).cleaning.least_unseen_ml == 0.0


def test_a_part_large_enough_to_be_measured_is_never_left_out():
    invented = tumor((2, 16, 0), (30, 5, 0))
    assert choose_cleaning(answers((invented, TRUTH)), 2.0).cleaning.least_ml[0] == 0.0, "1 ml on a grid of 2 mm"
    assert max(LEAST_ML) < 4 / 3 * np.pi * 5**3 / 1000


def test_true_small_lesions_speak_against_it():
    small = tumor((2, 16, 0), (30, 5, 0))
    pairs = [(small, small), (small, small), (small, TRUTH)]
    assert choose_cleaning(answers(*pairs), 1.0).cleaning.least_ml == (0.0, 0.0, 0.0)


def test_each_region_has_a_size_of_its_own():
    speck = tumor((2, 16, 0), (8, 4, ET))
    choice = choose_cleaning(answers((speck, TRUTH)), 1.0)
    assert choice.cleaning.least_ml == (0.0, 0.1, 0.1)
    assert choice.after["dice"] == {"WT": 1.0, "TC": 1.0, "ET": 1.0}


@pytest.mark.parametrize("true_hole", [False, True])
def test_what_is_enclosed_is_filled_where_that_is_right(true_hole):
    whole = tumor((2, 16, ET))
    hollow = whole.copy()
    hollow[6:12, 6:12, 6:12] = ED
    choice = choose_cleaning(answers((hollow, hollow if true_hole else np.where(hollow == ED, 1, hollow))), 1.0)
    assert choice.cleaning == Cleaning(fill=not true_hole)


def test_a_region_is_not_cleaned_at_the_cost_of_a_true_part_within_it():
    """A false core is larger than a true one, which alone is enhancing: no size takes one and leaves the other."""
    truth = tumor((2, 16, 0), (22, 3, ET))
    answer = tumor((2, 16, 0), (22, 3, ET), (30, 4, 1))
    pairs = [(answer, truth), *[(tumor((2, 16, 0), (30, 4, 1)), TRUTH)] * 3]
    choice = choose_cleaning(answers(*pairs), 1.0)
    assert choice.cleaning.least_ml[1] == 0.0 and choice.after["dice"]["ET"] == choice.before["dice"]["ET"] == 1.0
