"""The head is shifted and turned within its images, and nothing of the brain is lost."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from BrainTumorVAESegLib.core.geometry import Geometry
from BrainTumorVAESegLib.core.modalities import MODALITIES
from BrainTumorVAESegLib.core.volume import Study, Volume
from BrainTumorVAESegLib.evaluation.changes import rotated, shifted

BrainOf = Callable[[Study], np.ndarray]


def test_the_shift_moves_voxels_whole(small_study: Study, truth: Volume) -> None:
    changed, moved = shifted(3, -2, 1).apply(small_study, truth)
    assert moved.geometry == truth.geometry
    assert np.array_equal(moved.array, np.roll(truth.array, (1, -2, 3), (0, 1, 2)))
    for modality in MODALITIES:
        expected = np.roll(small_study[modality].array, (1, -2, 3), (0, 1, 2))
        assert np.array_equal(changed[modality].array != 0, expected != 0)
        assert np.allclose(changed[modality].array, expected, rtol=1e-4)


def test_the_shift_ends_where_the_brain_would_leave_the_image(
    small_study: Study, truth: Volume, brain_of: BrainOf
) -> None:
    changed, moved = shifted(100, -100, 0).apply(small_study, truth)
    assert moved.geometry == truth.geometry
    brain = brain_of(changed)
    assert brain.sum() == brain_of(small_study).sum()
    assert brain[:, :, -1].any() and brain[:, 0].any() and not brain[:, :, 0].any() and not brain[:, -1].any()


def center_of(mask: np.ndarray, grid: Geometry) -> np.ndarray:
    """Return the center of a mask in LPS mm."""
    return grid.index_to_physical[:3] @ (*np.argwhere(mask).mean(axis=0)[::-1], 1.0)


def test_the_head_turns_by_its_degrees_about_the_brains_center(
    small_study: Study, truth: Volume, brain_of: BrainOf
) -> None:
    turned, moved = rotated(90, 0).apply(small_study, truth)
    middle = center_of(brain_of(small_study), truth.geometry)
    assert center_of(brain_of(turned), moved.geometry) == pytest.approx(middle, abs=0.2)
    x, y, z = center_of(truth.array > 0, truth.geometry) - middle
    assert center_of(moved.array > 0, moved.geometry) - middle == pytest.approx([-y, x, z], abs=0.5)
    _, moved = rotated(0, 90).apply(small_study, truth)
    assert center_of(moved.array > 0, moved.geometry) - middle == pytest.approx([x, -z, y], abs=0.5)


def test_the_grid_grows_where_the_turned_brain_would_be_cut_off(patient, make_grid, brain_of: BrainOf) -> None:
    roomy, tight = make_grid((80, 80, 68), (2.5, 2.5, 2.5)), make_grid((54, 68, 52), (2.5, 2.5, 2.5))
    volumes = []
    for grid in (roomy, tight):
        changed, moved = rotated(40, 30).apply(patient.study(grid), Volume(patient.labels(grid), grid))
        assert all(new >= old for new, old in zip(moved.geometry.size, grid.size, strict=True))
        assert (moved.geometry.size == grid.size) is (grid is roomy)
        volumes.append((brain_of(changed).sum(), np.count_nonzero(moved.array)))
    assert volumes[0] == pytest.approx(volumes[1], rel=0.002)
