"""Differences of two ways on the same cases: their mean, and how sure it is."""

from __future__ import annotations

import numpy as np
import pytest
from BrainTumorVAESegLib.core.errors import InputError
from BrainTumorVAESegLib.evaluation.comparing import compare
from BrainTumorVAESegLib.evaluation.paired import compare_pairs
from BrainTumorVAESegLib.evaluation.summary import Bootstrap


def scored(*sizes: int, true: int = 8):
    """Cases whose prediction is a slab of so many voxels of the truth's, in an image of 16."""
    truth = np.zeros((16, 4, 4), np.uint8)
    truth[:true] = 3
    cases = []
    for size in sizes:
        prediction = np.zeros_like(truth)
        prediction[:size] = 3
        cases.append(compare(prediction, truth, (1, 1, 1)))
    return cases


def test_the_difference_is_the_ones_value_minus_the_others_case_by_case():
    ones, others = scored(8, 6, 4), scored(4, 6, 6)
    result = compare_pairs(ones, others)
    expected = np.mean([one["WT"].dice - other["WT"].dice for one, other in zip(ones, others, strict=True)])
    dice = result["WT"]["dice"]
    assert dice.mean == pytest.approx(expected) and dice.count == 3
    assert (dice.larger, dice.smaller) == (1, 1)
    assert dice.low < dice.mean < dice.high


def test_swapped_ways_give_the_negative():
    ones, others = scored(8, 6, 4, 7), scored(4, 6, 6, 2)
    there, back = compare_pairs(ones, others)["TC"]["dice"], compare_pairs(others, ones)["TC"]["dice"]
    assert there.mean == pytest.approx(-back.mean)
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low), abs=0.03)


def test_what_both_share_does_not_widen_the_interval():
    """Cases that differ much from each other, but between both ways by the same: the interval is that difference."""
    ones, others = scored(8, 7, 6, 5, 4), scored(8, 7, 6, 5, 4)
    dice = compare_pairs(ones, others)["WT"]["dice"]
    assert (dice.mean, dice.low, dice.high) == (0, 0, 0)


def test_the_order_of_the_cases_does_not_matter():
    ones, others = scored(8, 6, 4, 3), scored(4, 6, 6, 8)
    once = compare_pairs(ones, others, Bootstrap(resamples=500))
    again = compare_pairs(ones[::-1], others[::-1], Bootstrap(resamples=500))
    for measure, each in once["ET"].items():
        other = again["ET"][measure]
        assert (each.low, each.high) == (other.low, other.high) and each.mean == pytest.approx(other.mean)


def test_the_interval_holds_the_true_mean_about_as_often_as_it_says():
    """Of normal differences between 40 cases; a percentile interval is a little too narrow."""
    random = np.random.default_rng(0)
    sizes = random.integers(0, 9, (60, 2, 40))
    by_size = {size: scored(size)[0] for size in range(9)}
    inside = 0
    for ones, others in sizes:
        dice = compare_pairs(
            [by_size[int(n)] for n in ones], [by_size[int(n)] for n in others], Bootstrap(resamples=400)
        )["WT"]["dice"]
        inside += dice.low <= 0 <= dice.high
    assert 51 <= inside <= 60


def test_one_case_has_no_interval_and_a_measure_that_none_has_no_mean():
    result = compare_pairs(scored(3), scored(5))
    assert result["WT"]["dice"].low is None and result["WT"]["dice"].count == 1
    empty = compare_pairs(scored(3, true=0), scored(5, true=0))
    assert empty["WT"]["volume_error_relative"].mean is None and empty["WT"]["volume_error_relative"].count == 0


@pytest.mark.parametrize(("ones", "others"), [((), ()), ((3, 4), (3,))])
def test_what_is_no_pair_is_refused(ones, others):
    with pytest.raises(InputError, match="cannot be compared in pairs"):
        compare_pairs(scored(*ones), scored(*others))
