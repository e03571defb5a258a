from __future__ import annotations

import numpy as np
import pytest
from BrainTumorVAESegLib.core.errors import InputError
from BrainTumorVAESegLib.core.geometry import Geometry
from BrainTumorVAESegLib.core.transform import Transform
from movedheads import motion

GRID = Geometry((5, 6, 7), (1.0, 2.0, 3.0), (-4.0, 5.0, 6.0))


def test_a_grid_is_brought_to_where_the_transform_says_its_points_belong():
    transform = motion(30.0, (10.0, -20.0, 5.0))
    brought = transform.bring(GRID)
    # A point of the reference, taken by the transform, is the same voxel of the image as before it was brought.
    assert np.allclose(transform.points(brought.corners()), GRID.corners())
    assert brought.size == GRID.size and np.allclose(brought.spacing, GRID.spacing)
    assert not np.allclose(brought.corners(), GRID.corners())


def test_an_affine_transform_changes_the_spacing():
    brought = Transform.of(np.diag([2.0, 1.0, 1.0, 1.0])).bring(GRID)
    assert np.allclose(brought.spacing, (0.5, 2.0, 3.0))


def test_the_angle_of_a_transform_is_told_whatever_its_scale():
    assert motion(30.0, (1.0, 2.0, 3.0)).turned_degrees == pytest.approx(30.0)
    assert Transform.of(motion(30.0, (0.0, 0.0, 0.0)).array @ np.diag([2, 2, 2, 1])).turned_degrees == pytest.approx(30)
    assert Transform().turned_degrees == 0


@pytest.mark.parametrize("matrix", [(1.0,) * 15, (float("nan"),) * 16, tuple(np.diag([1.0, 1.0, 0.0, 1.0]).ravel())])
def test_what_is_no_transform_is_refused(matrix):
    with pytest.raises(InputError):
        Transform(matrix)
