"""Probabilities by the tumor's border: put right where they are off, and left where nothing is gained."""

from __future__ import annotations

import numpy as np
import pytest
from BrainTumorVAESegLib.trust.temperature import (
    UNCORRECTED,
    Correction,
    calibration_error,
    choose_corrections,
    count_near,
    fit_corrections,
    judge_corrections,
    near_tumor,
    reliability,
)

CHANNELS = ("WT", "TC", "ET")
SHAPE = (24, 24, 24)


def a_case(seed: int, sureness: float, more: float = 0.0) -> np.ndarray:
    """Counts of a case: truth drawn by probabilities of which the logits are then multiplied, and more added."""
    random = np.random.default_rng(seed)
    logits = random.normal(0, 1.5, (3, *SHAPE))
    truth = np.zeros(SHAPE, np.uint8)
    for channel, label in enumerate((2, 1, 3)):
        truth[random.random(SHAPE) < 1 / (1 + np.exp(-logits[channel]))] = label
    return count_near(1 / (1 + np.exp(-sureness * logits - more)), ("ED", "NCR", "ET"), truth, truth)


def test_near_is_within_five_millimeters_of_the_tumor():
    tumor = np.zeros((30, 30, 30), bool)
    tumor[15, 15, 15] = True
    near = near_tumor(tumor)
    assert near[15, 15, 20] and near[15, 15, 15] and not near[15, 15, 21] and near.sum() == 515
    assert near_tumor(tumor, 2.0).sum() == 81 and not near_tumor(np.zeros_like(tumor)).any()


def test_only_voxels_near_the_tumor_count_and_each_once():
    probabilities = np.full((3, 30, 30, 30), 0.2)
    truth = np.zeros((30, 30, 30), np.uint8)
    truth[15, 15, 15] = 3
    counts = count_near(probabilities, CHANNELS, truth, np.zeros_like(truth))
    np.testing.assert_array_equal(counts.sum(axis=(1, 2)), 515)
    np.testing.assert_array_equal(counts[:, :, 1].sum(axis=1), 1)


@pytest.mark.parametrize(("sureness", "more"), [(0.6, 0.0), (2.0, 0.0), (1.0, 0.8), (1.5, -0.7)])
def test_networks_that_are_too_sure_or_too_shy_or_find_too_much_are_put_right(sureness, more):
    counts = a_case(1, sureness, more)[2]
    last = np.zeros((3, *counts.shape))
    last[2] = counts
    found = fit_corrections([last], CHANNELS)
    assert found[2].temperature == pytest.approx(sureness, rel=0.12) and found[:2] == (UNCORRECTED, UNCORRECTED)
    assert found[2].offset == pytest.approx(-more / sureness, abs=0.1)
    assert calibration_error(counts, found[2]) < 0.5 * calibration_error(counts)


def test_labels_beside_each_other_share_one_correction():
    assert len(set(fit_corrections([a_case(2, 2.0)], ("ED", "NCR", "ET")))) == 1


def test_what_does_not_help_patients_left_out_is_not_done():
    cases = [np.tile(a_case(seed, sureness)[2], (3, 1, 1)) for seed, sureness in ((1, 2.0), (2, 0.5))]
    chosen, judged = choose_corrections(cases, ("a", "b"), CHANNELS)
    assert chosen == (UNCORRECTED,) * 3 and judged["WT"].error_after == judged["WT"].error_before


def test_what_helps_most_patients_and_fails_one_badly_is_not_done():
    """The pooled error of those left out falls, but a next patient may well be like the one that loses."""
    cases = [np.tile(a_case(seed, 1.0, more)[2], (3, 1, 1)) for seed, more in enumerate((0.6, 0.6, 0.6, 0.6, -0.5))]
    patients = ("a", "b", "c", "d", "e")
    pooled = judge_corrections(cases, patients, CHANNELS)["WT"]
    assert pooled.error_after < 0.5 * pooled.error_before and min(pooled.gains) < 0 < pooled.gains.mean()
    chosen, judged = choose_corrections(cases, patients, CHANNELS)
    assert chosen == (UNCORRECTED,) * 3 and judged["WT"].error_after == judged["WT"].error_before


def test_what_helps_patients_left_out_is_done_and_told():
    cases = [np.tile(a_case(seed, 2.0)[2], (3, 1, 1)) for seed in range(3)]
    chosen, judged = choose_corrections(cases, ("a", "b", "c"), CHANNELS)
    assert [each.temperature for each in chosen] == pytest.approx([2.0] * 3, rel=0.15)
    assert judged["ET"].error_after < 0.5 * judged["ET"].error_before


def test_networks_that_are_far_too_shy_are_put_right_although_no_answer_lies_at_the_ends():
    """A line this steep makes the outer, empty bins certain: log(0) times no voxel is no reason against it."""
    cases = [np.tile(a_case(seed, 0.2)[2], (3, 1, 1)) for seed in range(3)]
    chosen, judged = choose_corrections(cases, ("a", "b", "c"), CHANNELS)
    assert all(each.temperature < 0.32 for each in chosen)
    assert all(np.isfinite(each.gains).all() and each.gains.min() > 0 for each in judged.values())
    assert judged["ET"].error_after < 0.5 * judged["ET"].error_before


def test_one_patient_alone_tells_nothing_of_others():
    chosen, judged = choose_corrections([a_case(1, 2.0)] * 2, ("a", "a"), CHANNELS)
    assert chosen == (UNCORRECTED,) * 3 and judged == {}


def test_the_bins_hold_what_was_said_and_what_was_so():
    said, happened, voxels = reliability(a_case(3, 1.0)[2])
    assert np.abs(said - happened)[voxels > 100].max() < 0.06
    assert (np.diff(said) > 0).all()


def test_counts_of_one_answer_alone_are_left():
    counts = np.zeros((3, len(a_case(1, 1.0)[0]), 2))
    counts[..., 0] = 5
    assert fit_corrections([counts], CHANNELS) == (UNCORRECTED,) * 3 == fit_corrections([], CHANNELS)


def test_a_correction_moves_a_probability_and_leaves_what_is_certain():
    assert UNCORRECTED.of(0.9) == pytest.approx(0.9) and 0.5 < Correction(3.0).of(0.9) < 0.7
    assert Correction(2.0, 1.0).of(0.5) == pytest.approx(1 / (1 + np.exp(-1)))
    assert [Correction(2.0, 1.0).of(each) for each in (0.0, 1.0)] == [0.0, 1.0]
