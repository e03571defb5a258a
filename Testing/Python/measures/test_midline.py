"""The plane of symmetry is found, and sides are told by it."""

from __future__ import annotations

import numpy as np
import pytest
from BrainTumorVAESegLib.measures.midline import find_midline

from .conftest import ellipsoid, grid, places, turned


@pytest.mark.parametrize("degrees", [0, 7, -12])
def test_a_turned_and_shifted_head_has_its_own_midline(degrees: float) -> None:
    geometry = grid((48, 56, 44), (4.0, 4.0, 4.0), turned((0, 9)))
    turn = np.reshape(turned((2, degrees), (1, 5)), (3, 3))
    at = np.tensordot(turn.T, places(geometry) - np.array([6.0, -4, 3])[:, None, None, None], axes=1)
    # Narrower in front and above, so that no other plane is one of symmetry.
    brain = ellipsoid(62, 85, 50)(np.stack([at[0] * (1 - at[1] / 400 + at[2] / 200), at[1], at[2] + at[1] / 5]))
    midline = find_midline(brain, geometry)
    assert midline is not None and midline.agreement > 0.95
    assert np.degrees(np.arccos(midline.normal @ turn[:, 0])) < 3
    assert midline.normal @ [6, -4, 3] - midline.offset == pytest.approx(0, abs=2)


def test_sides_are_the_patients_and_what_crosses_is_measured() -> None:
    geometry = grid((40, 44, 40), (4.0, 4.0, 4.0))
    midline = find_midline(ellipsoid(60, 75, 65)(places(geometry)), geometry)
    assert midline is not None
    left = midline.side_of(np.array([[30.0, 0, 0], [10, 5, 5]]))
    assert (left.side, left.left_share, left.across_mm) == ("left", 1, 0)
    both = midline.side_of(np.array([[-30.0, 0, 0], [-10, 5, 5], [12, 0, 0]]))
    assert both.side == "right" and both.left_share == pytest.approx(1 / 3)
    assert both.across_mm == pytest.approx(12, abs=1)


def test_what_is_nowhere_symmetric_has_no_midline() -> None:
    geometry = grid((40, 44, 40), (4.0, 4.0, 4.0))
    x, y, z = places(geometry)
    wedge = (x > -50) & (x < 50) & (y < x - 0.4 * z) & (y > -60) & (abs(z) < 60)
    assert find_midline(wedge, geometry) is None
    assert find_midline(np.zeros(geometry.shape, bool), geometry) is None
