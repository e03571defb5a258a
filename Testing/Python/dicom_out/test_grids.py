"""Arrays moved onto a grid of the same voxels, and grids that are no such."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations, product

import numpy as np
import pytest
from BrainTumorVAESegLib.core.geometry import Geometry
from BrainTumorVAESegLib.dicom_out.grids import find_rearrangement

from .conftest import OBLIQUE


def stored(grid: Geometry, order: tuple[int, ...], against: tuple[int, ...]) -> Geometry:
    """The same voxels with axes in another order (of ITK's), some the other way round."""
    matrix = grid.index_to_physical
    origin = (matrix @ (*[(grid.size[axis] - 1) if axis in against else 0 for axis in range(3)], 1))[:3]
    signs = [-1 if axis in against else 1 for axis in order]
    direction = np.reshape(grid.direction, (3, 3))[:, order] * signs
    x, y, z = (grid.size[axis] for axis in order)
    spacing = tuple(grid.spacing[axis] for axis in order)
    return Geometry((x, y, z), spacing, tuple(map(float, origin)), tuple(map(float, direction.ravel())))  # type: ignore


@pytest.mark.parametrize("order", list(permutations(range(3))))
@pytest.mark.parametrize("against", [axes for n in product([0, 1], repeat=3) for axes in [tuple(np.flatnonzero(n))]])
def test_every_way_to_store_the_same_voxels_comes_back(order: tuple[int, ...], against: tuple[int, ...]) -> None:
    array = np.arange(np.prod(OBLIQUE.shape)).reshape(OBLIQUE.shape)
    other = stored(OBLIQUE, order, against)
    there, back = find_rearrangement(OBLIQUE, other), find_rearrangement(other, OBLIQUE)
    assert there is not None and back is not None
    assert there(array).shape == other.shape
    np.testing.assert_array_equal(back(there(array)), array)
    voxel = there(array)[1, 2, 3]
    place = OBLIQUE.index_to_physical @ (*np.argwhere(array == voxel)[0][::-1], 1)
    np.testing.assert_allclose(other.index_to_physical @ (3, 2, 1, 1), place, atol=1e-9)


@pytest.mark.parametrize(
    "change",
    [
        {"origin": (-20.0, 5.0, 30.2)},
        {"spacing": (0.9, 1.1, 4.1)},
        {"size": (19, 17, 13)},
        {"direction": tuple(np.eye(3).ravel())},
    ],
)
def test_other_voxels_are_refused(change: dict) -> None:
    assert find_rearrangement(OBLIQUE, replace(OBLIQUE, **change)) is None


def test_rounding_in_headers_is_borne() -> None:
    assert find_rearrangement(OBLIQUE, replace(OBLIQUE, origin=(-20.004, 5.003, 30.002))) is not None
