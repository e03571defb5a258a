"""Label maps cleaned: small parts, from the inside out, and what is enclosed."""

from __future__ import annotations

import numpy as np
import pytest
from BrainTumorVAESegLib.core.errors import PackageError
from BrainTumorVAESegLib.core.settings import Cleaning
from BrainTumorVAESegLib.preparation.cleaning import clean

NCR, ED, ET = 1, 2, 3
ML = 0.001
"""The volume of a voxel of 1 mm."""


@pytest.fixture
def labels() -> np.ndarray:
    """A tumor of 1000 voxels of edema around 64 of enhancing tumor."""
    labels = np.zeros((30, 30, 30), np.uint8)
    labels[5:15, 5:15, 5:15] = ED
    labels[7:11, 7:11, 7:11] = ET
    return labels


def test_nothing_is_changed_unless_it_is_asked_for(labels):
    labels[20, 20, 20] = ET
    assert clean(labels, ML, Cleaning()).labels is labels
    assert clean(np.zeros_like(labels), ML, Cleaning((1.0,) * 3, fill=True)).removed_parts == 0


def test_small_parts_of_the_tumor_are_removed_and_counted(labels):
    before = labels.copy()
    labels[20:22, 20, 20], labels[25, 25, 25] = ED, ET
    cleaned = clean(labels, ML, Cleaning((0.1, 0.0, 0.0)))
    np.testing.assert_array_equal(cleaned.labels, before)
    assert (cleaned.removed_parts, cleaned.removed_ml) == (2, pytest.approx(3 * ML))


def test_the_array_given_is_left_as_it_is(labels):
    labels[20, 20, 20] = ET
    before = labels.copy()
    clean(labels, ML, Cleaning((0.1, 0.1, 0.1), fill=True))
    np.testing.assert_array_equal(labels, before)


def test_a_part_of_just_the_least_size_stays_and_sizes_are_in_ml(labels):
    labels[20:25, 20, 20] = ED
    assert clean(labels, ML, Cleaning((0.005, 0.0, 0.0))).removed_parts == 0
    assert clean(labels, ML, Cleaning((0.006, 0.0, 0.0))).removed_parts == 1
    assert clean(labels, 2 * ML, Cleaning((0.006, 0.0, 0.0))).removed_parts == 0


def test_what_touches_at_a_corner_is_one_part(labels):
    labels[15, 15, 15] = ED
    assert clean(labels, ML, Cleaning((0.1, 0.0, 0.0))).removed_parts == 0


@pytest.mark.parametrize(
    ("least", "becomes"),
    [((0.0, 0.0, 0.01), NCR), ((0.0, 0.01, 0.0), ED), ((0.0, 0.01, 0.01), ED), ((2.0, 0.1, 0.1), 0)],
)
def test_a_small_inner_part_becomes_part_of_the_region_around_it(labels, least, becomes):
    labels[13, 13, 13] = ET
    cleaned = clean(labels, ML, Cleaning(least))
    assert cleaned.labels[13, 13, 13] == becomes
    assert cleaned.labels[8, 8, 8] == (ET if becomes else 0)
    assert cleaned.removed_parts == (0 if becomes else 1)


def test_a_part_that_stage_1_did_not_see_has_a_least_size_of_its_own(labels):
    seen = labels > 0
    labels[20:24, 20, 20] = labels[25:28, 25, 25] = ED
    seen[25, 25, 25] = True
    cleaning = Cleaning(least_unseen_ml=0.005)
    cleaned = clean(labels, ML, cleaning, seen)
    assert not cleaned.labels[20:24, 20, 20].any(), "four voxels, none of them seen"
    assert cleaned.labels[25:28, 25, 25].all(), "three, of which one was"
    assert (cleaned.removed_parts, cleaned.removed_ml) == (1, pytest.approx(4 * ML))
    assert clean(labels, ML, Cleaning(least_unseen_ml=0.004), seen).removed_parts == 0
    assert clean(labels, ML, cleaning).removed_parts == 0, "no other stage answered"


def test_what_the_core_encloses_is_core_and_what_the_tumor_encloses_is_tumor(labels):
    labels[8:10, 8:10, 8:10] = ED
    labels[9, 9, 9] = 0
    labels[13, 13, 13] = 0
    cleaned = clean(labels, ML, Cleaning(fill=True))
    assert (cleaned.labels[8:10, 8:10, 8:10] == NCR).all() and cleaned.labels[13, 13, 13] == ED
    assert cleaned.filled_ml == pytest.approx(9 * ML)
    assert np.count_nonzero(cleaned.labels != labels) == 9


def test_what_is_open_to_the_outside_is_not_filled(labels):
    labels[8, 8, 8:16] = 0
    np.testing.assert_array_equal(clean(labels, ML, Cleaning(fill=True)).labels, labels)


@pytest.mark.parametrize("least", [(-1.0, 0.0, 0.0), (0.0, float("nan"), 0.0), (0.0, 0.0, float("inf"))])
def test_sizes_that_cannot_be_are_refused(least):
    with pytest.raises(PackageError, match="0 ml or more"):
        Cleaning(least)
    with pytest.raises(PackageError, match="0 ml or more"):
        Cleaning(least_unseen_ml=sum(least))
