from __future__ import annotations

import numpy as np
import pytest
from BrainTumorVAESegLib.core.volume import Volume
from BrainTumorVAESegLib.preparation.sampling import sample_at, sample_coarsely


def volume(grid) -> Volume:
    nz, ny, nx = grid.shape
    return Volume(np.arange(nz * ny * nx, dtype=np.int32).reshape(grid.shape) + 1, grid)


@pytest.mark.parametrize(
    ("size", "spacing", "expected"),
    [
        ((240, 240, 155), (1.0, 1.0, 1.0), (80, 80, 52)),
        ((512, 512, 34), (0.47, 0.47, 5.0), (85, 85, 34)),
        ((240, 200, 40), (1e-3, 1e-300, 1e3), (34, 33, 40)),
        ((700, 8, 8), (1e4, 1.0, 1.0), (140, 8, 8)),
    ],
)
def test_points_lie_3_mm_apart_and_are_neither_few_nor_many_at_spacings_of_no_brain(make_grid, size, spacing, expected):
    grid = make_grid(size, spacing)
    array = np.broadcast_to(np.int16(1), grid.shape)
    values, points = sample_coarsely(Volume(array, grid))
    assert points.size == expected and values.shape == points.shape


def test_points_lie_where_their_voxels_lie(make_grid):
    tilt = np.array([[0, -1.0, 0], [1.0, 0, 0], [0, 0, 1.0]])
    whole = volume(make_grid((70, 66, 64), (1.5, 1.4, 1.0), tilt))
    values, points = sample_coarsely(whole)
    found, covered = sample_at(whole, points)
    assert covered.all()
    np.testing.assert_array_equal(found, values)


def test_points_outside_hold_0(make_grid):
    small, large = make_grid((10, 10, 10), (1.0, 1.0, 1.0)), make_grid((20, 10, 10), (1.0, 1.0, 1.0))
    found, covered = sample_at(volume(small), large)
    np.testing.assert_array_equal(covered, found != 0)
    assert covered.sum() == 1000 and covered[:, :, 5:15].all()
