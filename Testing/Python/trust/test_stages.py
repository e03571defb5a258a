"""What stage 2 won and lost."""

from __future__ import annotations

import numpy as np
from BrainTumorVAESegLib.core.inspection import StageChange
from BrainTumorVAESegLib.trust.stages import change_maps, count_changes

BEFORE = np.array([[[0, 0, 1, 2, 3, 3]]], np.uint8)
AFTER = np.array([[[2, 3, 1, 0, 1, 3]]], np.uint8)


def test_each_region_tells_what_it_won_and_lost():
    expected = [[1, 1, 0, -1, 0, 0], [0, 1, 0, 0, 0, 0], [0, 1, 0, 0, -1, 0]]
    np.testing.assert_array_equal(change_maps(BEFORE, AFTER)[:, 0, 0], expected)


def test_the_table_counts_voxels_and_milliliters():
    wt, tc, et = count_changes(change_maps(BEFORE, AFTER), voxel_volume=0.5)
    assert wt == StageChange("WT", 2, 1, 1.0, 0.5)
    assert (tc.won_voxels, tc.lost_voxels, et.won_voxels, et.lost_voxels) == (1, 0, 1, 1)
