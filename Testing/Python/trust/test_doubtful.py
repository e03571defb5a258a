"""The order in which slices are looked at."""

from __future__ import annotations

import numpy as np
import pytest
from BrainTumorVAESegLib.core.geometry import Geometry
from BrainTumorVAESegLib.trust.doubtful import border, doubtful_slices, doubtful_voxels

GRID = Geometry((10, 10, 6), (1.0, 2.0, 3.0), (100.0, 50.0, -20.0))


def cube() -> tuple[np.ndarray, np.ndarray]:
    """A cube of edema in slices 2 to 4, quite sure."""
    labels = np.zeros(GRID.shape, np.uint8)
    labels[2:5, 3:7, 3:7] = 2
    regions = np.zeros((3, *GRID.shape), np.float32)
    regions[0] = np.where(labels > 0, 0.999, 0.001)
    return labels, regions


def test_the_border_is_on_both_sides_across_faces():
    mask = np.zeros((3, 3, 3), bool)
    mask[1, 1, 1] = True
    assert border(mask).sum() == 7 and not border(np.ones((3, 3, 3), bool)).any()


def test_the_slice_with_most_doubt_comes_first_and_its_point_lies_there():
    labels, regions = cube()
    regions[0, 4, 3:7, 7] = 0.5
    regions[0, 2, 3, 3] = 0.4
    first, second = doubtful_slices(labels, regions, GRID)
    assert (first.index, first.voxels, second.index, second.voxels) == (4, 4, 2, 1)
    assert first.point == pytest.approx((107.0, 50 + 4.5 * 2, -20 + 4 * 3))
    assert 0 < second.share < first.share < 1


def test_doubt_far_from_the_border_does_not_count():
    labels, regions = cube()
    regions[0, 0, 0, 0] = 0.5
    assert doubtful_slices(labels, regions, GRID) == ()


def test_without_tumor_there_is_nothing_to_look_at():
    labels, regions = cube()
    assert doubtful_slices(np.zeros_like(labels), regions, GRID) == ()


def test_doubts_of_several_regions_add_up_and_one_alone_must_be_large():
    labels = np.array([2, 2, 0, 3], np.uint8)
    wt, tc, et = [0.75, 0.65, 0.35, 0.99], [0.25, 0.0, 0.0, 0.95], [0.0, 0.0, 0.0, 0.65]
    assert doubtful_voxels(labels, np.array([wt, tc, et], np.float32)).tolist() == [True, False, False, False]
