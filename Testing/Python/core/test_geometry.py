from __future__ import annotations

import numpy as np
import pytest
from BrainTumorVAESegLib.core.boxes import Box
from BrainTumorVAESegLib.core.errors import InputError
from BrainTumorVAESegLib.core.geometry import Geometry

OBLIQUE = np.linalg.qr(np.random.default_rng(3).normal(size=(3, 3)))[0]


def grid(direction: np.ndarray | None = None, spacing=(1.0, 2.0, 3.0), origin=(5.0, -6.0, 7.0)) -> Geometry:
    return Geometry((10, 20, 30), spacing, origin, tuple(np.ravel(np.eye(3) if direction is None else direction)))


def test_the_array_shape_is_the_size_reversed():
    assert grid().shape == (30, 20, 10)


def test_a_voxel_has_its_volume_in_milliliters():
    assert grid().voxel_volume == pytest.approx(0.006)


def test_an_index_is_mapped_by_spacing_direction_and_origin():
    turned = grid(np.array([[0, -1, 0], [1, 0, 0], [0, 0, 1.0]]))
    np.testing.assert_allclose(turned.index_to_physical @ [1, 1, 1, 1], [5 - 2, -6 + 1, 7 + 3, 1])


@pytest.mark.parametrize(
    ("direction", "codes"),
    [
        (np.eye(3), "LPS"),
        (np.diag([-1.0, -1.0, 1.0]), "RAS"),
        (np.diag([1.0, -1.0, 1.0]), "LAS"),
        (np.array([[0, 0, -1.0], [1, 0, 0], [0, 1, 0]]), "PSR"),
    ],
)
def test_axis_codes_name_where_each_axis_rises_to(direction, codes):
    assert grid(direction).axis_codes == codes


@pytest.mark.parametrize("seed", range(50))
def test_axis_codes_name_each_pair_of_directions_once_however_the_grid_is_turned(seed):
    direction = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))[0]
    codes = grid(direction).axis_codes
    assert sorted(next(pair for pair in ("LR", "PA", "SI") if code in pair) for code in codes) == ["LR", "PA", "SI"]


def test_the_same_grid_may_differ_by_rounding_but_not_by_a_tenth_of_a_millimeter():
    assert grid().same_grid(grid(origin=(5.0001, -6.0, 7.0)))
    assert not grid().same_grid(grid(origin=(5.1, -6.0, 7.0)))
    assert not grid().same_grid(grid(spacing=(1.0, 2.0, 3.01)))


def test_a_sub_grid_keeps_its_voxels_where_they_are():
    whole = grid(OBLIQUE)
    part = whole.sub_grid(Box.at((4, -2, 3), (5, 8, 2)))
    assert part.size == (2, 8, 5)
    np.testing.assert_allclose(part.index_to_physical @ [0, 0, 0, 1], whole.index_to_physical @ [3, -2, 4, 1])


def test_the_covered_box_holds_every_voxel_within_the_other_image():
    whole = grid(OBLIQUE)
    x, y, z, _ = whole.index_to_physical @ [5, 10, 15, 1]
    other = grid(spacing=(0.9, 1.1, 1.3), origin=(x, y, z))
    k, j, i = np.meshgrid(*(np.arange(n) for n in whole.shape), indexing="ij")
    index = np.stack([i, j, k, np.ones_like(i)]).reshape(4, -1)
    there = np.linalg.inv(other.index_to_physical) @ whole.index_to_physical @ index
    inside = np.logical_and.reduce([(p > -0.5) & (p < n - 0.5) for p, n in zip(there, other.size, strict=False)])
    outside_box = np.ones(whole.shape, bool)
    outside_box[whole.covered_by(other)] = False
    assert 0 < inside.sum() < inside.size
    assert not (inside.reshape(whole.shape) & outside_box).any()


def test_a_grid_far_away_covers_nothing():
    far = grid(origin=(500.0, 0.0, 0.0))
    assert np.zeros(grid().shape)[grid().covered_by(far)].size == 0


@pytest.mark.parametrize("spacing", [(0.0, 1.0, 1.0), (1.0, -1.0, 1.0), (1.0, 1.0, float("nan"))])
def test_a_spacing_that_is_none_is_refused(spacing):
    with pytest.raises(InputError, match="spacing"):
        grid(spacing=spacing)


@pytest.mark.parametrize("direction", [np.zeros((3, 3)), np.full((3, 3), np.nan), np.diag([1.0, 1.0, 0.0])])
def test_directions_that_span_no_space_are_refused(direction):
    with pytest.raises(InputError, match="directions"):
        grid(direction)


def test_it_reads_as_size_spacing_and_axes():
    assert str(grid(spacing=(0.46875, 0.46875, 5.0))) == "10x20x30 at 0.4688x0.4688x5 mm, LPS"
