"""What changed between two masks: quantities in percent, and lesions that came or went."""

from __future__ import annotations

import numpy as np
import pytest
from BrainTumorVAESegLib.core.geometry import Geometry
from BrainTumorVAESegLib.core.segmentation import Segmentation
from BrainTumorVAESegLib.measures.changes import Change, Changes, compare_measures
from BrainTumorVAESegLib.measures.measuring import measure

GRID = Geometry((40, 44, 36), (1.0, 1.0, 2.0), (-20.0, 10.0, 5.0))


def mask(*boxes: tuple[slice, slice, slice], geometry: Geometry = GRID) -> Segmentation:
    """A mask of enhancing tumor in boxes (z, y, x)."""
    labels = np.zeros(geometry.shape, np.uint8)
    for box in boxes:
        labels[box] = 3
    return Segmentation(labels, geometry)


def compared(before: Segmentation, after: Segmentation, matrix: np.ndarray | None = None) -> Changes:
    return compare_measures((before, measure(before)), (after, measure(after)), matrix)


LARGE = (slice(4, 12), slice(5, 21), slice(6, 22))
SMALL = (slice(24, 28), slice(30, 34), slice(30, 34))


def test_quantities_change_by_their_difference_and_percent() -> None:
    assert Change(20.0, 15.0).difference == -5 and Change(20.0, 15.0).percent == -25
    assert Change(0.0, 3.0).percent is None and Change(3.0, 0.0).percent == -100


def test_volumes_products_and_numbers_of_lesions_are_compared() -> None:
    half = (slice(4, 12), slice(5, 17), slice(6, 22))
    changes = compared(mask(LARGE), mask(half, SMALL))
    ml = changes.volumes_ml["ET"]
    assert (ml.before, ml.after) == pytest.approx((8 * 16 * 16 * 0.002, (8 * 12 * 16 + 64) * 0.002))
    assert changes.volumes_ml["ED"] == Change(0.0, 0.0)
    assert changes.lesions["ET"] == Change(1, 2)
    sums = [measure(each).enhancing.sum_of_products_mm2 for each in (mask(LARGE), mask(half, SMALL))]
    assert changes.products_mm2["ET"] == Change(*sums) and 0 < sums[1] < sums[0]


def test_a_lesion_far_from_all_others_is_new_or_vanished_with_its_distance() -> None:
    changes = compared(mask(LARGE), mask(LARGE, SMALL))
    new = {each.region: each for each in changes.new}
    assert set(new) == {"ET", "WT"} and changes.vanished == ()
    assert (new["ET"].number, new["ET"].volume_ml) == (2, pytest.approx(64 * 0.002))
    assert new["ET"].center == pytest.approx((-20 + 31.5, 10 + 31.5, 5 + 2 * 25.5))
    gap = np.array([30 - 21, 30 - 20, 2 * (24 - 11)])
    assert new["ET"].distance_mm == pytest.approx(float(np.linalg.norm(gap)))
    back = compared(mask(LARGE, SMALL), mask(LARGE))
    assert [each.number for each in back.vanished] == [2, 2] and back.new == ()


@pytest.mark.parametrize(("gap", "is_new"), [(3, False), (4, True)])
def test_what_lies_within_three_millimeters_is_not_new(gap: int, is_new: bool) -> None:
    beside = (slice(4, 12), slice(5, 21), slice(22 + gap - 1, 22 + gap + 2))
    changes = compared(mask(LARGE), mask(beside))
    assert bool(changes.new) is is_new and bool(changes.vanished) is is_new


def test_empty_masks_one_voxel_and_the_grids_border_are_no_obstacle() -> None:
    empty, voxel = mask(), mask((slice(35, 36), slice(43, 44), slice(39, 40)))
    assert compared(empty, empty).new == () == compared(empty, empty).vanished
    (new, _) = compared(empty, voxel).new
    assert (new.number, new.distance_mm, new.volume_ml) == (1, None, pytest.approx(0.002))
    assert compared(voxel, voxel).new == ()
    assert [each.distance_mm for each in compared(voxel, empty).vanished] == [None, None]


def test_another_grid_in_another_place_is_brought_by_the_matrix() -> None:
    moved = Geometry(GRID.size, GRID.spacing, (100.0, -30.0, 7.0))
    matrix = np.eye(4)
    matrix[:3, 3] = np.subtract(GRID.origin, moved.origin)
    before, after = mask(LARGE, geometry=moved), mask(LARGE, SMALL)
    assert len(compared(before, after).new) == 4
    changes = compared(before, after, matrix)
    assert [each.number for each in changes.new] == [2, 2] and changes.vanished == ()
