from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
from BrainTumorVAESegLib.core.boxes import Box, bounding_box, cut, union

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
    part = cut(ARRAY, Box.at((-1, 3, 2), (3, 4, 2)))
    assert part.shape == (3, 4, 2)
    np.testing.assert_array_equal(part[1:, :2], ARRAY[:2, 3:, 2:4])
    assert not part[0].any() and not part[:, 2:].any()


@pytest.mark.parametrize("start", [-5, 9])
def test_what_is_cut_apart_from_the_array_is_all_zero(start):
    part = cut(ARRAY + 1, Box.at((start, 0, 0), (3, 2, 2)))
    assert part.shape == (3, 2, 2)
    assert not part.any()


def test_what_is_cut_is_an_array_of_its_own():
    whole = ARRAY.copy()
    cut(whole, Box.at((1, 1, 1), (2, 2, 2)))[...] = -1
    np.testing.assert_array_equal(whole, ARRAY)


def test_a_union_holds_all_boxes():
    assert union([Box.at((1, 4, 0), (2, 1, 9)), Box.at((2, 1, 3), (4, 1, 1))]) == Box.at((1, 1, 0), (5, 4, 9))


def test_a_box_of_a_part_is_shifted_to_one_of_the_whole():
    region, box = Box.at((1, 2, 3), (3, 3, 3)), Box.at((0, 1, 1), (2, 2, 1))
    np.testing.assert_array_equal(ARRAY[box.shifted(region.start)], ARRAY[region][box])


def test_a_box_tells_its_ends_and_its_size_and_can_be_copied():
    box = Box.at((-1, 2, 3), (4, 5, 6))
    assert (box.start, box.stop, box.size) == ((-1, 2, 3), (3, 7, 9), (4, 5, 6))
    assert box.grown(2) == Box.at((-3, 0, 1), (8, 9, 10))
    assert pickle.loads(pickle.dumps(box)) == box and isinstance(copy.deepcopy(box), Box)


def test_what_two_share_is_empty_where_they_are_apart():
    there, here = Box.at((5, 0, 0), (3, 3, 3)).inside((4, 5, 6))
    assert there.size == here.size == (0, 3, 3)
