from __future__ import annotations

import json

import numpy as np
import pytest
from BrainTumorVAESegLib.core.modalities import Modality
from BrainTumorVAESegLib.core.transform import Transform
from BrainTumorVAESegLib.images.itk import geometry_of, image_from_array
from BrainTumorVAESegLib.preparation.registration import coarsen, register
from movedheads import grow_head, mean_error, motion, moved

TRUE = motion(8.0, (6.0, -9.0, 5.0))


@pytest.fixture(scope="module")
def study(patient, make_grid):
    return patient.study(make_grid((36, 42, 34), (5.0, 5.0, 5.0)))


@pytest.fixture(scope="module")
def region(study):
    return study.reference_volume.array != 0


@pytest.fixture(scope="module")
def places(study):
    """Points within the brain, in LPS mm."""
    return 0.6 * study.reference_volume.geometry.corners()


def test_a_volume_that_moved_is_found_again(study, region, places):
    fit = register(study.reference_volume, region, moved(study[Modality.T2], TRUE))
    assert mean_error(Transform(), TRUE, places) > 10
    assert mean_error(fit.transform, TRUE, places) < 1.5
    assert fit.after > 1.2 * fit.before


def test_a_volume_in_place_stays_within_a_fraction_of_a_voxel(study, region, places):
    fit = register(study.reference_volume, region, study[Modality.FLAIR])
    assert mean_error(fit.transform, Transform(), places) < 0.7


def test_where_the_scanners_coordinates_disagree_the_centers_of_mass_begin(study, region, places):
    far = motion(0.0, (10.0, -20.0, 400.0))
    fit = register(study.reference_volume, region, moved(study[Modality.T2], far))
    assert fit.before == 0 and mean_error(fit.transform, far, places) < 1.5


def test_a_scale_is_found_where_an_affine_transform_is_asked_for(study, region, places):
    true = Transform.of(np.diag([1.12, 1.0, 1.0, 1.0]))
    fit = register(study.reference_volume, region, moved(study[Modality.T1], true), affine=True)
    assert mean_error(fit.transform, true, places) < 0.5 * mean_error(Transform(), true, places)
    assert fit.transform.array[0, 0] == pytest.approx(1.12, abs=0.03)


def test_an_image_of_nothing_is_registered_to_nothing(study, region):
    empty = moved(study[Modality.T1], Transform())
    assert register(study.reference_volume, region, type(empty)(np.zeros_like(empty.array), empty.geometry)) is None


def test_coarse_voxels_are_means_that_cover_the_same_place():
    from BrainTumorVAESegLib.core.geometry import Geometry

    grid = Geometry((8, 6, 4), (1.0, 1.0, 5.0), (0.0, 0.0, 0.0))
    array = np.arange(4 * 6 * 8, dtype=np.float32).reshape(4, 6, 8)
    coarse = coarsen(image_from_array(array, grid), 2.0)
    assert coarse.GetSize() == (4, 3, 4) and coarse.GetSpacing() == (2.0, 2.0, 5.0)
    assert geometry_of(coarse).origin == pytest.approx((0.5, 0.5, 0.0))
    assert coarse.GetPixel(0, 0, 0) == pytest.approx(array[0, :2, :2].mean())


@pytest.mark.slow
def test_a_real_head_that_moved_between_sequences_is_found_again(data_folder):
    from BrainTumorVAESegLib.cases.reading import read_case

    name = json.loads((data_folder / "split.json").read_text())["cases"][0]
    study = read_case(data_folder / "cases" / name)
    reference = study.reference_volume
    index = np.argwhere(reference.array != 0)[::5000][:, ::-1]
    places = Transform.of(reference.geometry.index_to_physical).points(index)
    fit = register(reference, reference.array != 0, moved(study[Modality.T2], TRUE))
    assert mean_error(fit.transform, TRUE, places) < 1


@pytest.mark.slow
def test_a_whole_head_that_moved_is_found_again_by_the_brain_within(data_folder):
    from BrainTumorVAESegLib.cases.reading import read_case

    study = read_case(data_folder / "cases" / "BraTS2021_01479")
    brain = np.any([study[modality].array != 0 for modality in study], axis=0)
    heads = grow_head(study, brain)
    index = np.argwhere(brain)[::5000][:, ::-1]
    places = Transform.of(study.reference_volume.geometry.index_to_physical).points(index)
    true = motion(6.0, (9.0, -4.0, 5.0))
    fit = register(heads.reference_volume, brain, moved(heads[Modality.T2], true))
    assert mean_error(fit.transform, true, places) < 1
