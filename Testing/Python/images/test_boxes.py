from __future__ import annotations

import numpy as np
import pytest
from BrainTumorVAESegLib.images.boxes import bounding_box, cut, shift, union

ARRAY = np.arange(4 * 5 * 6).reshape(4, 5, 6)


@pytest.mark.parametrize("seed", range(20))
def test_the_box_is_the_smallest_around_what_is_there(seed):
    mask = np.random.default_rng(seed).random((7, 8, 9)) > 0.99
    mask[3, 4, 5] = True
    box = bounding_box(mask)
    index = np.argwhere(mask)
    assert [(side.start, side.stop) for side in box] == list(zip(index.min(0), index.max(0) + 1, strict=True))


def test_nothing_has_no_box():
    assert bounding_box(np.zeros((3, 4, 5), bool), margin=2) is None


def test_a_margin_reaches_beyond_the_array_unless_it_is_to_stay_within():
    mask = np.zeros((4, 5, 6), bool)
    mask[0, 2, 5] = True
    assert bounding_box(mask, 2) == (slice(-2, 3), slice(0, 5), slice(3, 8))
    assert bounding_box(mask, 2, within=True) == (slice(0, 3), slice(0, 5), slice(3, 6))


def test_what_is_cut_beyond_the_array_is_zero():
    part = cut(ARRAY, (slice(-1, 2), slice(3, 7), slice(2, 4)))
    assert part.shape == (3, 4, 2)
    np.testing.assert_array_equal(part[1:, :2], ARRAY[:2, 3:, 2:4])
    assert not part[0].any() and not part[:, 2:].any()


@pytest.mark.parametrize("side", [slice(-5, -2), slice(9, 12)])
def test_what_is_cut_apart_from_the_array_is_all_zero(side):
    part = cut(ARRAY + 1, (side, slice(0, 2), slice(0, 2)))
    assert part.shape == (3, 2, 2)
    assert not part.any()


def test_a_union_holds_all_boxes():
    first, second = (slice(1, 3), slice(4, 5), slice(0, 9)), (slice(2, 6), slice(1, 2), slice(3, 4))
    assert union([first, second]) == (slice(1, 6), slice(1, 5), slice(0, 9))


def test_a_box_of_a_part_is_shifted_to_one_of_the_whole():
    region, box = (slice(1, 4), slice(2, 5), slice(3, 6)), (slice(0, 2), slice(1, 3), slice(1, 2))
    np.testing.assert_array_equal(ARRAY[shift(box, region)], ARRAY[region][box])
