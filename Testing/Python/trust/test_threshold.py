"""A region's border moved by its probability."""

from __future__ import annotations

import numpy as np
import pytest
from BrainTumorVAESegLib.core.labels import labels_from_channels, regions_from_labels
from BrainTumorVAESegLib.trust.threshold import editable_box, with_threshold

RANDOM = np.random.default_rng(3)
NESTED = np.sort(RANDOM.random((3, 6, 7, 8), np.float32), axis=0)[::-1]
"""Probabilities of WT, TC, ET, each within the one before."""
LABELS = labels_from_channels(NESTED >= 0.5, ("WT", "TC", "ET"))


@pytest.mark.parametrize("place", range(3))
def test_at_the_threshold_of_the_labels_nothing_changes(place):
    np.testing.assert_array_equal(with_threshold(LABELS, NESTED[place], ("WT", "TC", "ET")[place], 0.5), LABELS)


@pytest.mark.parametrize("threshold", [0.1, 0.3, 0.8])
@pytest.mark.parametrize("place", range(3))
def test_the_region_is_where_its_probability_reaches_the_threshold(place, threshold):
    found = with_threshold(LABELS, NESTED[place], ("WT", "TC", "ET")[place], threshold)
    np.testing.assert_array_equal(regions_from_labels(found)[place], NESTED[place] >= threshold)


def test_what_is_won_and_lost_becomes_the_next_label():
    labels = np.array([[[0, 2, 1, 3]]], np.uint8)
    assert with_threshold(labels, np.ones(labels.shape), "WT", 0.5).ravel().tolist() == [2, 2, 1, 3]
    assert with_threshold(labels, np.zeros(labels.shape), "TC", 0.5).ravel().tolist() == [0, 2, 2, 2]
    assert with_threshold(labels, np.zeros(labels.shape), "ET", 0.5).ravel().tolist() == [0, 2, 1, 1]
    assert labels.ravel().tolist() == [0, 2, 1, 3]


def test_the_box_holds_all_that_a_threshold_can_change():
    labels, probability = np.zeros((8, 8, 8), np.uint8), np.zeros((8, 8, 8), np.float32)
    assert editable_box(labels, probability) is None
    labels[3, 3, 3], probability[5, 2, 6] = 1, 0.05
    assert editable_box(labels, probability) == (slice(3, 6), slice(2, 4), slice(3, 7))
    assert editable_box(labels, probability, lowest=0.1) == (slice(3, 4), slice(3, 4), slice(3, 4))
