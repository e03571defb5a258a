"""The boxes in which the second stage looks hold the tumor that the first one found."""

from __future__ import annotations

import numpy as np
import pytest
from BrainTumorVAESegLib.core.boxes import Box
from BrainTumorVAESegLib.inference.regions import LEAST_VOXELS, MOST_REGIONS, choose_regions
from hypothesis import given, settings
from hypothesis import strategies as st

SEARCH_STEP = 4


def held(mask: np.ndarray, box: Box) -> int:
    return int(np.count_nonzero(mask[box.inside(mask.shape)[0]]))


def ball(shape: tuple[int, int, int], center: tuple[int, int, int], radius: float) -> np.ndarray:
    z, y, x = np.ogrid[tuple(slice(n) for n in shape)]
    return (z - center[0]) ** 2 + (y - center[1]) ** 2 + (x - center[2]) ** 2 <= radius**2


@st.composite
def masks(draw: st.DrawFn) -> np.ndarray:
    """Some boxes, and single voxels strewn among them, on a grid of any shape."""
    shape = draw(st.tuples(*[st.integers(9, 40)] * 3))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    mask = random.random(shape) < draw(st.sampled_from([0.0, 0.002, 0.2]))
    for _ in range(draw(st.integers(0, 4))):
        corner, size = [int(random.integers(n)) for n in shape], random.integers(2, 14, 3)
        mask[tuple(slice(a, a + n) for a, n in zip(corner, size, strict=True))] = True
    return mask


@settings(max_examples=150, deadline=None)
@given(masks(), st.tuples(*[st.sampled_from([16, 24, 48])] * 3))
def test_what_no_box_holds_is_too_little_to_look_at(mask, size):
    boxes = choose_regions(mask, size)
    left = mask.copy()
    for box in boxes:
        assert box.size == size
        assert held(left, box) > 0, "a box that holds nothing new"
        left[box.inside(mask.shape)[0]] = False
    assert np.count_nonzero(left) < LEAST_VOXELS or len(boxes) == MOST_REGIONS


@settings(max_examples=100, deadline=None)
@given(masks(), st.tuples(*[st.sampled_from([16, 24, 48])] * 3))
def test_a_box_lies_in_the_grid_or_has_the_grid_in_its_middle(mask, size):
    for box in choose_regions(mask, size):
        for start, stop, length in zip(box.start, box.stop, mask.shape, strict=True):
            if length >= stop - start:
                assert start >= 0 and stop <= length
            else:
                assert -start in (stop - length, stop - length - 1)


@settings(max_examples=25, deadline=None)
@given(masks())
def test_the_first_box_holds_the_most_to_within_the_step_of_the_search(mask):
    """Any box smaller by a step less one lies within one of those searched."""
    size, less = (16, 16, 16), 16 - SEARCH_STEP + 1
    boxes = choose_regions(mask, size)
    if boxes:
        sums = np.pad(mask.astype(np.int64), less).cumsum(0).cumsum(1).cumsum(2)
        for axis in range(3):
            n = sums.shape[axis]
            sums = np.take(sums, range(less, n), axis) - np.take(sums, range(n - less), axis)
        assert held(mask, boxes[0]) >= sums.max()


def test_one_small_lesion_gets_one_box_with_the_lesion_in_its_middle():
    [box] = choose_regions(ball((64, 64, 64), (30, 25, 40), 5), (16, 24, 32))
    middle = [a + n / 2 for a, n in zip(box.start, box.size, strict=True)]
    np.testing.assert_allclose(middle, [30.5, 25.5, 40.5], atol=1)


def test_two_lesions_apart_get_a_box_each_the_larger_first():
    small, large = ball((40, 40, 96), (20, 20, 15), 4), ball((40, 40, 96), (20, 20, 80), 6)
    boxes = choose_regions(small | large, (24, 24, 24))
    assert [(held(small, box), held(large, box)) for box in boxes] == [(0, large.sum()), (small.sum(), 0)]


def test_two_lesions_close_together_share_one_box():
    both = ball((40, 40, 40), (20, 20, 12), 3) | ball((40, 40, 40), (20, 20, 26), 3)
    [box] = choose_regions(both, (24, 24, 24))
    assert held(both, box) == both.sum()


def test_a_box_larger_than_the_grid_holds_all_of_it():
    mask = ball((20, 30, 40), (3, 15, 35), 4)
    [box] = choose_regions(mask, (48, 48, 48))
    assert box == Box.at((-14, -9, -4), (48, 48, 48))
    assert held(mask, box) == mask.sum()


@pytest.mark.parametrize("voxels", [0, LEAST_VOXELS - 1])
def test_nothing_or_a_speck_gets_no_box(voxels):
    mask = np.zeros((32, 32, 32), bool)
    mask.flat[:voxels] = True
    assert choose_regions(mask, (16, 16, 16)) == []


def test_the_mask_is_left_as_it_is():
    mask = ball((32, 32, 32), (16, 16, 16), 6)
    before = mask.copy()
    choose_regions(mask, (16, 16, 16))
    np.testing.assert_array_equal(mask, before)


def test_there_is_an_end_to_the_boxes():
    mask = np.zeros((128, 128, 128), bool)
    mask[::10, ::10, ::10] = True
    assert len(choose_regions(mask, (16, 16, 16))) == MOST_REGIONS
