"""Thick slices are means of thin ones, along the head-foot axis, and the truth goes with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from BrainTumorVAESegLib.core.geometry import Geometry
from BrainTumorVAESegLib.core.modalities import MODALITIES, Modality
from BrainTumorVAESegLib.core.segmentation import Segmentation
from BrainTumorVAESegLib.core.volume import Study, Volume
from BrainTumorVAESegLib.evaluation.changes import choose_changes, rotated, thick_slices
from BrainTumorVAESegLib.images.itk import orient

BrainOf = Callable[[Study], np.ndarray]


@pytest.fixture(scope="module")
def thin(patient, make_grid) -> tuple[Study, Volume]:
    """The patient in axial slices of 1 mm, coarse within them, and his truth; not to be changed."""
    grid = make_grid((46, 54, 131), (3.2, 3.3, 1.0))
    return patient.study(grid), Volume(patient.labels(grid), grid)


@pytest.mark.parametrize("millimeters", [3, 5])
def test_thick_slices_are_the_means_of_thin_ones(thin: tuple[Study, Volume], millimeters: int) -> None:
    study, truth = thin
    changed, _ = thick_slices(millimeters).apply(study, truth)
    old, new = study[Modality.T2], changed[Modality.T2]
    assert new.geometry.size == (46, 54, -(-131 // millimeters))
    assert new.geometry.spacing == (3.2, 3.3, millimeters)
    faces = [volume.geometry.corners(outer=True)[0] for volume in (old, new)]
    assert np.allclose(*faces), "both begin at one place"
    inner = old.array[: 131 // millimeters * millimeters].reshape(-1, millimeters, 54, 46)
    whole = (inner != 0).all(axis=1)
    assert whole.sum() > 10_000
    assert np.allclose(new.array[: len(inner)][whole], inner.mean(axis=1)[whole], rtol=1e-4)


def test_thick_slices_follow_the_head_foot_axis_wherever_it_is_stored(thin: tuple[Study, Volume]) -> None:
    plain, labels = thick_slices(5).apply(*thin)
    turned, turned_labels = thick_slices(5).apply(*choose_changes(["sagittal-storage"])[-1].apply(*thin))
    assert turned_labels.geometry.axis_codes != labels.geometry.axis_codes
    for one, other in zip((*plain.volumes.values(), labels), (*turned.volumes.values(), turned_labels), strict=True):
        array, grid = orient(other.array, other.geometry, one.geometry.axis_codes)
        # The first slice is at the other end, and 131 slices are no multiple of 5.
        assert grid.spacing == one.geometry.spacing and array.shape == one.array.shape
        assert abs((array != 0).sum() / (one.array != 0).sum() - 1) < 0.01


def test_the_rim_of_the_brain_is_not_darkened(thin: tuple[Study, Volume], brain_of: BrainOf) -> None:
    study, truth = thin
    flat = {m: replace(study[m], array=np.where(study[m].array != 0, 500, 0).astype(np.int16)) for m in study}
    for change in (thick_slices(3), thick_slices(5), rotated(15, 10)):
        changed, _ = change.apply(replace(study, volumes=flat), truth)
        inside = brain_of(changed)
        assert np.allclose(changed[Modality.T1].array[inside], 500, rtol=1e-3), change.key
        lost = inside.sum() * changed[Modality.T1].geometry.voxel_volume
        assert lost == pytest.approx(brain_of(study).sum() * study[Modality.T1].geometry.voxel_volume, rel=0.01)


@pytest.mark.parametrize("millimeters", [3, 5])
def test_thick_slices_keep_the_labels_volumes(thin: tuple[Study, Volume], millimeters: int) -> None:
    _, old = thin
    _, new = thick_slices(millimeters).apply(*thin)
    before, after = (Segmentation(volume.array, volume.geometry).volumes_ml() for volume in (old, new))
    assert before["NCR"] > 1
    for label, volume in before.items():
        assert after[label] == pytest.approx(volume, rel=0.05), label


def test_a_thick_voxel_has_the_label_of_the_largest_share_where_half_of_it_is_tumor() -> None:
    grid = Geometry((3, 1, 5), (1.0, 1.0, 1.0), (0.0, 0.0, 0.0))
    columns = [[0, 1, 1, 3, 3], [0, 0, 0, 3, 3], [2, 0, 2, 0, 1]]
    truth = Volume(np.array(columns, np.uint8).T[:, None, :], grid)
    study = Study({m: Volume(np.ones(grid.shape, np.int16), grid) for m in MODALITIES})
    _, thick = thick_slices(5).apply(study, truth)
    assert thick.array.tolist() == [[[1, 0, 2]]]


def test_slices_that_are_thick_already_stay(small_study: Study, truth: Volume) -> None:
    changed, same = thick_slices(2.5).apply(small_study, truth)
    assert same is truth and changed[Modality.T1] is small_study[Modality.T1]
    changed, _ = thick_slices(2).apply(small_study, truth)
    assert changed[Modality.T1] is small_study[Modality.T1]
