"""Diameters of shapes whose diameters are known, and of others against every pair of points."""

from __future__ import annotations

import numpy as np
import pytest
from BrainTumorVAESegLib.core.geometry import Geometry
from BrainTumorVAESegLib.core.labels import LabelConvention
from BrainTumorVAESegLib.images.reading import read_label_map
from BrainTumorVAESegLib.measures.lesions import find_lesions

from .conftest import diameter_in_3d, diameters_of, ellipsoid, grid, places, turned

OBLIQUE = grid((9, 9, 9), (0.7, 1.3, 2.1), turned((0, 17), (1, -12), (2, 30)))
GRIDS = [
    grid((64, 64, 64), (0.8, 0.8, 0.8)),
    grid((64, 64, 64), (0.8, 0.8, 0.8), turned((2, 35))),
    grid((90, 50, 30), (0.5, 0.9, 1.5)),
    grid((64, 64, 64), (0.8, 0.8, 0.8), turned((0, 90))),
    grid((64, 64, 64), (0.8, 0.8, 0.8), turned((1, 90), (2, 20))),
]


def test_a_box_is_as_wide_as_its_voxels() -> None:
    geometry = grid((30, 30, 10), (0.5, 1.0, 3.0))
    mask = np.zeros(geometry.shape, bool)
    mask[2:6, 10, 5:25] = True
    found = diameters_of(mask, geometry)
    assert (found.longest_mm, found.perpendicular_mm) == pytest.approx((10, 1))
    assert found.product_mm2 == pytest.approx(10)
    mask[2:6, 8:13, 5:25] = True
    assert diameters_of(mask, geometry).longest_mm == pytest.approx(np.hypot(10, 4), abs=0.01)
    mask[2:6, 10, 5:25] = True
    assert diameter_in_3d(mask, geometry) == pytest.approx(np.sqrt(10**2 + 5**2 + 12**2), abs=1.5)


@pytest.mark.parametrize("geometry", GRIDS)
def test_a_ball_has_its_diameter_whichever_way_the_grid_lies(geometry: Geometry) -> None:
    mask = ellipsoid(10, 10, 10)(places(geometry))
    found, half = diameters_of(mask, geometry), max(geometry.spacing[:2]) / 2
    assert (found.longest_mm, found.perpendicular_mm) == pytest.approx((20, 20), abs=2 * half)
    assert diameter_in_3d(mask, geometry) == pytest.approx(20, abs=max(geometry.spacing))


@pytest.mark.parametrize("geometry", GRIDS)
def test_an_ellipsoid_is_measured_in_the_axial_plane_of_the_patient(geometry: Geometry) -> None:
    mask = ellipsoid(7, 11, 20)(places(geometry))
    found, voxel = diameters_of(mask, geometry), max(geometry.spacing)
    assert (found.longest_mm, found.perpendicular_mm) == pytest.approx((22, 14), abs=voxel)
    assert diameter_in_3d(mask, geometry) == pytest.approx(40, abs=voxel)
    first, second = np.array(found.ends)
    # Slices beside the middle are hardly smaller.
    assert abs(second - first)[1] > 21 and abs((first + second) / 2).max() < 2 * voxel


def test_a_tilted_acquisition_is_measured_in_its_own_slices() -> None:
    geometry = grid((64, 64, 64), (0.8, 0.8, 0.8), turned((0, 15)))
    found = diameters_of(ellipsoid(7, 7, 20)(places(geometry)), geometry)
    # The tilted slice cuts the ellipse of half axes 7 and 20 at 15 degrees.
    cut = 2 / np.hypot(np.cos(np.radians(15)) / 7, np.sin(np.radians(15)) / 20)
    assert found.longest_mm == pytest.approx(cut, abs=0.8)


def test_the_diameters_of_an_l_and_of_a_ring_reach_over_what_is_no_lesion() -> None:
    geometry = grid((30, 30, 3))
    angle = np.zeros(geometry.shape, bool)
    angle[1, 5:25, 5] = angle[1, 24, 5:25] = True
    found = diameters_of(angle, geometry)
    assert found.longest_mm == pytest.approx(np.hypot(20, 20), abs=1)
    assert found.perpendicular_mm == pytest.approx(np.hypot(20, 20) / 2, abs=1)
    x, y, _ = places(geometry)
    ring = (np.hypot(x, y) < 12) & (np.hypot(x, y) > 9)
    solid = np.hypot(x, y) < 12
    assert diameters_of(ring, geometry) == diameters_of(solid, geometry)


def test_one_voxel_has_the_diameter_of_its_sides() -> None:
    geometry = grid((5, 5, 5), (0.8, 1.2, 3.0))
    mask = np.zeros(geometry.shape, bool)
    mask[0, 4, 4] = True
    found = diameters_of(mask, geometry)
    assert (found.longest_mm, found.perpendicular_mm, found.slice) == (pytest.approx(1.2), pytest.approx(0.8), 0)
    assert diameter_in_3d(mask, geometry) == pytest.approx(3)


def test_the_lines_lie_in_one_slice_at_a_right_angle_and_are_as_long_as_told(random_masks) -> None:
    for mask in random_masks:
        found = diameters_of(mask, OBLIQUE)
        (a, b), (c, d) = np.array(found.ends), np.array(found.perpendicular_ends)
        assert np.linalg.norm(b - a) == pytest.approx(found.longest_mm)
        assert np.linalg.norm(d - c) == pytest.approx(found.perpendicular_mm)
        assert (b - a) @ (d - c) == pytest.approx(0, abs=1e-9)
        inverse = np.linalg.inv(OBLIQUE.index_to_physical)
        heights = [(inverse @ [*point, 1])[2] for point in (a, b, c, d)]
        assert heights == pytest.approx([found.slice] * 4)


def test_diameters_are_those_of_every_pair_of_points(random_masks) -> None:
    for mask in random_masks:
        found = diameters_of(mask, OBLIQUE)
        longest = max(length(slice_points(mask, number)) for number in np.flatnonzero(mask.any(axis=(1, 2))))
        assert found.longest_mm == pytest.approx(longest)
        assert found.perpendicular_mm == pytest.approx(
            longest_across(slice_points(mask, found.slice), *np.array(found.ends)), rel=1e-6
        )
        steps = np.concatenate([np.eye(3), -np.eye(3)]) / 2
        all_points = (np.argwhere(mask)[:, None] + steps).reshape(-1, 3)
        assert diameter_in_3d(mask, OBLIQUE) == pytest.approx(length(to_patient(all_points)))


def test_the_diameters_of_a_real_lesion_are_those_of_every_pair_of_its_points(data_folder) -> None:
    path = data_folder / "cases" / "BraTS2021_00006" / "BraTS2021_00006_seg.nii.gz"
    labels = read_label_map(path, LabelConvention.BRATS2021)
    mask = np.zeros(labels.array.shape, bool)
    mask[tuple(find_lesions(labels.array == 3)[0].T)] = True
    found = diameters_of(mask, labels.geometry)
    # The outline's points alone, each voxel's own: the slice's rows are 1 mm apart.
    lengths = {}
    for number in np.flatnonzero(mask.any(axis=(1, 2))):
        filled = mask[number]
        inner = filled[1:-1, 1:-1] & filled[:-2, 1:-1] & filled[2:, 1:-1] & filled[1:-1, :-2] & filled[1:-1, 2:]
        rim = filled.copy()
        rim[1:-1, 1:-1] &= ~inner
        points = (np.argwhere(rim)[:, None] + np.array([[-0.5, 0], [0.5, 0], [0, -0.5], [0, 0.5]])).reshape(-1, 2)
        lengths[number] = length(points)
    assert found.longest_mm == pytest.approx(max(lengths.values()))
    assert lengths[found.slice] == max(lengths.values())


def to_patient(points: np.ndarray) -> np.ndarray:
    matrix = OBLIQUE.index_to_physical
    return points[:, ::-1] @ matrix[:3, :3].T + matrix[:3, 3]


def slice_points(mask: np.ndarray, number: int) -> np.ndarray:
    """Return the middles of all pixels' edges in a slice, in the patient."""
    points = (np.argwhere(mask[number])[:, None] + np.array([[-0.5, 0], [0.5, 0], [0, -0.5], [0, 0.5]])).reshape(-1, 2)
    return to_patient(np.column_stack([np.full(len(points), number), points]))


def length(points: np.ndarray) -> float:
    """Return the longest of all distances."""
    squares = (points**2).sum(axis=1)
    return float(np.sqrt((squares[:, None] + squares - 2 * points @ points.T).max()))


def longest_across(points: np.ndarray, first: np.ndarray, second: np.ndarray) -> float:
    """Return the longest chord at a right angle to a line, between lines from any point to any other one."""
    along = (second - first) / np.linalg.norm(second - first)
    t = (points - first) @ along
    rest = points - first - t[:, None] * along
    across = rest[np.linalg.norm(rest, axis=1).argmax()]
    height = rest @ (across / np.linalg.norm(across))
    longest = 0.0
    before, after = np.nonzero(t[:, None] < t[None] - 1e-9)
    slopes = (height[after] - height[before]) / (t[after] - t[before])
    for place in np.unique(t.round(9)):
        spans = (t[before] <= place + 1e-8) & (t[after] >= place - 1e-8)
        heights = height[before][spans] + (place - t[before][spans]) * slopes[spans]
        longest = max(longest, float(np.ptp(heights)))
    return longest
