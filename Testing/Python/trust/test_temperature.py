"""Temperatures by the tumor's border: networks that are too sure are calmed, and where nothing is gained none is."""

from __future__ import annotations

import numpy as np
import pytest
from BrainTumorVAESegLib.trust.temperature import (
    calibration_error,
    choose_temperatures,
    count_near,
    fit_temperatures,
    near_tumor,
    reliability,
    tempered,
)

CHANNELS = ("WT", "TC", "ET")
SHAPE = (24, 24, 24)


def a_case(seed: int, sureness: float) -> np.ndarray:
    """Counts of a case whose truth was drawn by probabilities of which the logits are then multiplied."""
    random = np.random.default_rng(seed)
    logits = random.normal(0, 1.5, (3, *SHAPE))
    truth = np.zeros(SHAPE, np.uint8)
    for channel, label in enumerate((2, 1, 3)):
        truth[random.random(SHAPE) < 1 / (1 + np.exp(-logits[channel]))] = label
    return count_near(1 / (1 + np.exp(-sureness * logits)), ("ED", "NCR", "ET"), truth, truth)


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


@pytest.mark.parametrize("sureness", [0.6, 2.0])
def test_networks_that_are_too_sure_or_too_shy_are_put_right(sureness):
    counts = a_case(1, sureness)[2]
    last = np.zeros((3, *counts.shape))
    last[2] = counts
    found = fit_temperatures([last], CHANNELS)
    assert found[2] == pytest.approx(sureness, rel=0.12) and found[:2] == (1.0, 1.0)
    assert calibration_error(counts, found[2]) < 0.5 * calibration_error(counts)


def test_labels_beside_each_other_share_one_number():
    assert len(set(fit_temperatures([a_case(2, 2.0)], ("ED", "NCR", "ET")))) == 1


def test_what_does_not_help_patients_left_out_is_not_done():
    cases = [np.tile(a_case(seed, sureness)[2], (3, 1, 1)) for seed, sureness in ((1, 2.0), (2, 0.5))]
    chosen, judged = choose_temperatures(cases, ("a", "b"), CHANNELS)
    assert chosen == (1.0, 1.0, 1.0) and judged["WT"].error_after == judged["WT"].error_before


def test_what_helps_patients_left_out_is_done_and_told():
    cases = [np.tile(a_case(seed, 2.0)[2], (3, 1, 1)) for seed in range(3)]
    chosen, judged = choose_temperatures(cases, ("a", "b", "c"), CHANNELS)
    assert chosen == pytest.approx((2.0,) * 3, rel=0.15)
    assert judged["ET"].error_after < 0.5 * judged["ET"].error_before


def test_one_patient_alone_tells_nothing_of_others():
    chosen, judged = choose_temperatures([a_case(1, 2.0)] * 2, ("a", "a"), CHANNELS)
    assert chosen == (1.0, 1.0, 1.0) and judged == {}


def test_the_bins_hold_what_was_said_and_what_was_so():
    said, happened, voxels = reliability(a_case(3, 1.0)[2])
    assert np.abs(said - happened)[voxels > 100].max() < 0.06
    assert (np.diff(said) > 0).all()


def test_a_temperature_moves_a_probability_towards_one_half():
    assert tempered(0.9, 1.0) == pytest.approx(0.9) and 0.5 < tempered(0.9, 3.0) < 0.7
    assert tempered(0.0, 2.0) == 0.0 and tempered(0.5, 2.0) == 0.5
