from __future__ import annotations

import numpy as np
import pytest
from BrainTumorVAESegLib.cases.reading import find_segmentation_file, read_case
from BrainTumorVAESegLib.core.boxes import Box
from BrainTumorVAESegLib.core.geometry import Geometry
from BrainTumorVAESegLib.core.labels import channels_from_labels
from BrainTumorVAESegLib.core.modalities import MODALITIES, Modality
from BrainTumorVAESegLib.core.settings import Preprocessing
from BrainTumorVAESegLib.core.volume import Study
from BrainTumorVAESegLib.images.itk import orient, resample
from BrainTumorVAESegLib.images.reading import read_label_map
from BrainTumorVAESegLib.preparation.preparing import PreparedStudy, prepare, prepare_labels
from BrainTumorVAESegLib.preparation.restoring import restore

SETTINGS = Preprocessing(spacing=2.5)
TILT = np.array([[1, 0, 0], [0, np.cos(0.3), -np.sin(0.3)], [0, np.sin(0.3), np.cos(0.3)]])
CHANNELS, HALF = ("WT", "TC", "ET"), (0.5, 0.5, 0.5)


def probabilities(patient, prepared: PreparedStudy, names: tuple[str, ...] = CHANNELS) -> np.ndarray:
    """Return what a network sure of the truth would say on the prepared grid."""
    return 0.9 * channels_from_labels(patient.labels(prepared.geometry), names).astype(np.float32) + 0.05


def dice(a: np.ndarray, b: np.ndarray) -> float:
    return 2 * (a & b).sum() / (a.sum() + b.sum())


@pytest.mark.parametrize("codes", ["LPS", "RAS", "LAS", "PSR", "ILA"])
@pytest.mark.parametrize("names", [("WT", "TC", "ET"), ("ED", "NCR", "ET"), ("TC", "WT", "ET")])
def test_labels_come_back_to_the_very_voxels_whatever_the_axes(patient, small_grid, codes, names):
    array, geometry = orient(np.zeros(small_grid.shape, np.int16), small_grid, codes)
    assert array.shape == geometry.shape
    study = patient.study(geometry)
    prepared = prepare(study, SETTINGS, MODALITIES)
    result = restore(probabilities(patient, prepared, names), names, HALF, prepared, geometry, keep_probabilities=True)
    np.testing.assert_array_equal(result.labels, patient.labels(geometry))
    assert result.labels.dtype == np.uint8 and result.labels.flags.c_contiguous
    assert result.geometry == geometry and result.channels == names
    assert result.probabilities is not None and result.probabilities.dtype == np.float32
    brain = study.reference_volume.array != 0
    expected = 0.9 * channels_from_labels(patient.labels(geometry), names) + 0.05
    np.testing.assert_allclose(result.probabilities[:, brain], expected[:, brain], atol=1e-6)


def test_labels_of_the_same_patient_coincide_in_space_whatever_the_axes(patient, small_grid):
    results = []
    for codes in ("LPS", "RAS", "SAL"):
        geometry = orient(np.zeros(small_grid.shape, np.int16), small_grid, codes)[1]
        prepared = prepare(patient.study(geometry), SETTINGS, MODALITIES)
        result = restore(probabilities(patient, prepared), CHANNELS, HALF, prepared, geometry)
        results.append(orient(result.labels, result.geometry)[0])
    np.testing.assert_array_equal(results[0], results[1])
    np.testing.assert_array_equal(results[0], results[2])


def four_grids(make_grid) -> dict[Modality, Geometry]:
    return {
        Modality.T1: make_grid((170, 190, 34), (1.0, 1.0, 5.0)),
        Modality.T1CE: make_grid((170, 196, 64), (0.9, 0.9, 2.5), TILT),
        Modality.T2: make_grid((40, 170, 140), (4.0, 1.2, 1.2), np.diag([-1.0, 1.0, 1.0])),
        Modality.FLAIR: make_grid((84, 96, 80), (2.0, 2.0, 2.0)),
    }


@pytest.mark.parametrize("reference", MODALITIES)
def test_a_tumor_comes_back_to_each_of_four_grids(patient, make_grid, reference):
    grids = four_grids(make_grid)
    prepared = prepare(patient.study(grids, reference), Preprocessing(spacing=1.5), MODALITIES)
    result = restore(probabilities(patient, prepared), CHANNELS, HALF, prepared, grids[reference])
    truth = patient.labels(grids[reference])
    assert result.labels.shape == truth.shape
    assert dice(result.labels > 0, truth > 0) > 0.95
    for value in (1, 2, 3):
        assert dice(result.labels == value, truth == value) > 0.9, value


@pytest.mark.parametrize("seed", range(3))
def test_interpolating_around_the_tumor_alone_changes_nothing(patient, make_grid, seed):
    reference = make_grid((90, 100, 54), (1.9, 1.8, 3.1), TILT)
    study = Study({m: patient.volume(m, reference) for m in MODALITIES})
    prepared = prepare(study, SETTINGS, MODALITIES)
    rng = np.random.default_rng(seed)
    values = np.clip(probabilities(patient, prepared) + rng.normal(0, 0.25, prepared.images[:3].shape), 0, 1)
    values = values.astype(np.float32) * prepared.brain
    limits = (0.6, 0.5, 0.8)
    result = restore(values, CHANNELS, limits, prepared, reference, keep_probabilities=True)
    whole = np.stack([resample(channel, prepared.geometry, reference) for channel in values])
    assert result.probabilities is not None
    np.testing.assert_allclose(result.probabilities, whole, atol=1e-6)
    above = whole >= np.array(limits)[:, None, None, None]
    expected = np.select([above[2], above[1], above[0]], [3, 1, 2])
    # Where a value meets its limit, rounding may decide either way.
    sure = (abs(whole - np.array(limits)[:, None, None, None]) > 1e-5).all(axis=0)
    assert expected.any() and sure.mean() > 0.99
    np.testing.assert_array_equal(result.labels[sure], expected[sure])


@pytest.mark.parametrize("spacing", [2.5, 2.0])
def test_no_tumor_is_an_empty_segmentation_of_the_right_size(patient, small_grid, spacing):
    prepared = prepare(patient.study(small_grid), Preprocessing(spacing=spacing), MODALITIES)
    result = restore(np.zeros((3, *prepared.brain.shape), np.float32), CHANNELS, HALF, prepared, small_grid)
    assert result.is_empty and result.labels.shape == small_grid.shape and result.probabilities is None


def test_each_channel_has_its_own_threshold(patient, small_grid):
    prepared = prepare(patient.study(small_grid), SETTINGS, MODALITIES)
    values = np.full((3, *prepared.brain.shape), 0.6, np.float32)
    for limits, label in (((0.5, 0.5, 0.5), 3), ((0.5, 0.5, 0.7), 1), ((0.5, 0.7, 0.7), 2), ((0.7, 0.7, 0.7), 0)):
        result = restore(values, CHANNELS, limits, prepared, small_grid)
        assert (result.labels[patient.brain(small_grid)] == label).all()


def test_the_part_of_the_crop_beyond_the_image_is_dropped(patient, small_grid):
    part = small_grid.sub_grid(Box.at((20, 8, 12), (30, 52, 38)))
    prepared = prepare(patient.study(part), SETTINGS, MODALITIES)
    assert min(prepared.start) < 0
    ones = np.ones((3, *prepared.brain.shape), np.float32)
    assert restore(ones, CHANNELS, HALF, prepared, part).labels.all()


def test_a_real_segmentation_comes_back_voxel_by_voxel(data_folder):
    folder = data_folder / "cases" / "BraTS-SSA-00074-000"
    study, path = read_case(folder), find_segmentation_file(folder)
    assert path is not None
    truth = read_label_map(path)
    prepared = prepare(study, Preprocessing(), MODALITIES)
    channels = channels_from_labels(prepare_labels(truth, prepared), CHANNELS).astype(np.float32)
    result = restore(channels, CHANNELS, HALF, prepared, study.reference_volume.geometry)
    np.testing.assert_array_equal(result.labels, truth.array)
    assert result.geometry.same_grid(truth.geometry)
