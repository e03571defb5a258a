"""Volumes' intervals: the thresholds that give the right volume, their quantiles, and how often they hold the truth."""

from __future__ import annotations

import numpy as np
import pytest
from BrainTumorVAESegLib.trust.intervals import fit_intervals, right_thresholds, threshold_of_count, volume_intervals


def test_the_threshold_is_that_which_so_many_values_reach():
    values = np.array([0.1, 0.9, 0.4, 0.7])
    assert [threshold_of_count(values, count) for count in (0, 1, 3, 99)] == [1.0, 0.9, 0.4, 0.1]


def test_the_masks_own_volume_leads_back_to_its_threshold(two_stages):
    found = right_thresholds(two_stages, two_stages.segmentation.labels)
    assert found["WT"] == pytest.approx(0.7, abs=0.01)


def test_the_interval_leaves_out_as_many_cases_as_it_may_on_either_side():
    cases = [{"WT": value} for value in np.linspace(0.1, 0.9, 19)]
    low, high = fit_intervals(cases, coverage=0.8)["WT"]
    assert low <= cases[1]["WT"] + 1e-6 and high >= cases[17]["WT"] - 1e-6


def test_ends_too_close_for_the_cases_left_out_are_moved_apart():
    cases = [{"WT": value} for value in (0.1, 0.4, 0.5, 0.6, 0.9)]
    low, high = fit_intervals(cases, coverage=0.9)["WT"]
    assert low < 0.1 and high > 0.9


@pytest.mark.parametrize("count", [8, 20])
def test_new_cases_lie_within_it_as_often_as_it_says(count):
    random = np.random.default_rng(2)
    held = []
    for _ in range(200):
        *known, new = random.beta(3, 3, count + 1)
        low, high = fit_intervals([{"WT": value} for value in known], coverage=0.8)["WT"]
        held.append(low <= new <= high)
    assert 0.78 < np.mean(held) < 0.97


def test_a_region_that_is_absent_from_the_truth_has_finite_ends():
    low, high = fit_intervals([{"ET": value} for value in (1.0, 1.0, 0.5, 0.4, 0.6)])["ET"]
    assert 0 < low < high < 1


def test_a_wider_pair_of_thresholds_gives_a_wider_interval_around_the_masks_volume(two_stages):
    own = two_stages.segmentation.volumes_ml()["WT"]
    narrow, wide = (volume_intervals(two_stages, {"WT": ends})["WT"] for ends in ((0.65, 0.75), (0.3, 0.9)))
    assert wide[0] < narrow[0] <= own <= narrow[1] < wide[1]
    assert volume_intervals(two_stages, {}) == {}
