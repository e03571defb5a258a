"""Distances between surfaces: by hand, against all pairs of points, and against DeepMind's own program."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from BrainTumorVAESegLib.evaluation.surfaces import hd95, measure_surfaces

SPACINGS = [(1.0, 1.0, 1.0), (2.5, 1.0, 0.8), (0.47, 0.47, 5.0)]


def rim(mask: np.ndarray, spacing: tuple[float, ...]) -> np.ndarray:
    """Return the places (mm) of the mask's voxels that have a neighbor outside it, the image's border counting."""
    padded = np.pad(mask, 1)
    inner = padded.copy()
    for axis in range(3):
        inner &= np.roll(padded, 1, axis) & np.roll(padded, -1, axis)
    return np.argwhere(padded & ~inner) * np.array(spacing)


def hd95_of_all_pairs(a: np.ndarray, b: np.ndarray, spacing: tuple[float, ...]) -> float:
    distances = np.linalg.norm(rim(a, spacing)[:, None] - rim(b, spacing)[None], axis=-1)
    return float(np.percentile(np.concatenate([distances.min(axis=0), distances.min(axis=1)]), 95))


@pytest.mark.parametrize("spacing", SPACINGS)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_hd95_is_that_of_all_pairs_of_points(make_blobs, seed, spacing):
    a, b = make_blobs(seed)
    assert hd95(a, b, spacing) == pytest.approx(hd95_of_all_pairs(a, b, spacing), rel=1e-5)


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("steps", [1, 3])
def test_a_box_that_is_shifted_lies_that_far_away(make_boxes, axis, steps):
    """More than 5 % of the surfaces are the two faces that are a whole shift apart, and nothing is further apart."""
    spacing = (2.5, 1.0, 0.8)
    start = [4, 4, 4]
    a = make_boxes((20, 20, 20), ((4, 4, 4), (8, 9, 8)))
    start[axis] += steps
    b = make_boxes((20, 20, 20), (tuple(start), (8, 9, 8)))
    assert hd95(a, b, spacing) == hd95(b, a, spacing) == pytest.approx(steps * spacing[axis])
    assert measure_surfaces(a, b, spacing).hd95() == pytest.approx(steps * spacing[axis])


@pytest.mark.parametrize("spacing", SPACINGS)
@pytest.mark.parametrize("seed", [4, 5])
def test_surface_elements_are_those_of_the_program_of_brats_2023(make_blobs, seed, spacing):
    theirs = pytest.importorskip("surface_distance", reason="surface-distance is not installed")
    prediction, truth = make_blobs(seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = theirs.compute_surface_distances(truth, prediction, spacing)
    surfaces = measure_surfaces(prediction, truth, spacing)
    assert surfaces.hd95() == pytest.approx(theirs.compute_robust_hausdorff(expected, 95), rel=1e-5)
    for tolerance in (1.0, 2.0):
        share = theirs.compute_surface_dice_at_tolerance(expected, tolerance)
        assert 0.1 < share < 1 and surfaces.dice(tolerance) == pytest.approx(share, rel=1e-4)


def test_the_same_mask_is_at_no_distance(make_blobs):
    mask, _ = make_blobs(6)
    assert hd95(mask, mask, (1.0, 2.0, 3.0)) == 0
    surfaces = measure_surfaces(mask, mask, (1.0, 2.0, 3.0))
    assert (surfaces.hd95(), surfaces.dice()) == (0, 1)


def test_a_spacing_that_was_rounded_does_not_cost_the_surface_dice(make_boxes):
    """One voxel of 1.0000002 mm is within 1 mm; a voxel of 1.1 mm is not."""
    a, b = make_boxes((12, 12, 12), ((2, 2, 2), (6, 6, 6))), make_boxes((12, 12, 12), ((3, 2, 2), (6, 6, 6)))
    assert measure_surfaces(a, b, (1.0000002, 1.0, 1.0)).dice() == 1
    assert measure_surfaces(a, b, (1.1, 1.0, 1.0)).dice() < 0.9
