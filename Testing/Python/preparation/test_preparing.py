from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from BrainTumorVAESegLib.cases.reading import read_case, read_study
from BrainTumorVAESegLib.core.boxes import Box, cut
from BrainTumorVAESegLib.core.errors import CheckError, InputError
from BrainTumorVAESegLib.core.modalities import MODALITIES, Modality
from BrainTumorVAESegLib.core.settings import Preprocessing
from BrainTumorVAESegLib.core.volume import Study, Volume
from BrainTumorVAESegLib.images.itk import orient, resample
from BrainTumorVAESegLib.preparation.preparing import PreparedStudy, normalise, prepare, prepare_labels

SETTINGS = Preprocessing(spacing=2.5)
ORIENTATIONS = ("LPS", "RAS", "LAS", "PSR", "ILA", "SAL")


@pytest.fixture(scope="module")
def prepared(small_study) -> PreparedStudy:
    return prepare(small_study, SETTINGS, MODALITIES)


def turn(study: Study, codes: str) -> Study:
    """Return a study stored along other axes."""
    volumes = {}
    for modality in study:
        array, geometry = orient(study[modality].array, study[modality].geometry, codes)
        volumes[modality] = Volume(np.ascontiguousarray(array), geometry, study[modality].source)
    return Study(volumes, study.reference, study.name)


def change(study: Study, modality: Modality, array: np.ndarray) -> Study:
    return Study({**study.volumes, modality: replace(study[modality], array=array)}, study.reference)


def test_the_brain_is_cropped_with_its_margin(prepared, small_study):
    index = np.argwhere(prepared.brain)
    assert index.min(axis=0).tolist() == [2, 2, 2]
    assert (np.array(prepared.brain.shape) - index.max(axis=0)).tolist() == [3, 3, 3]
    assert prepared.images.shape == (4, *prepared.brain.shape) and prepared.images.dtype == np.float32
    assert prepared.brain.sum() == (small_study[Modality.T1].array != 0).sum()
    assert prepared.geometry.shape == prepared.brain.shape


def test_images_are_z_scored_over_the_brain_and_zero_outside(prepared):
    for image in prepared.images:
        assert image[prepared.brain].mean() == pytest.approx(0, abs=1e-4)
        assert image[prepared.brain].std() == pytest.approx(1, abs=1e-4)
        assert not image[~prepared.brain].any()


def test_normalising_clips_at_the_percentiles_of_the_brain_before_the_z_score():
    values = np.arange(1, 1002, dtype=np.float32).reshape(1, 7, 143)
    values[0, 0, 0] = -1e6
    brain = np.ones(values.shape, bool)
    brain[0, 6, 142] = False
    inside = values[brain].astype(np.float64)
    expected = np.clip(inside, np.percentile(inside, 1), np.percentile(inside, 99))
    expected = (expected - expected.mean()) / expected.std()
    result = normalise(values, brain, (1, 99))
    np.testing.assert_allclose(result[brain], expected, atol=1e-4)
    assert result[0, 6, 142] == 0


def test_each_volume_may_be_normalized_over_its_own_voxels(small_study, prepared):
    half = small_study[Modality.T2].array.copy()
    half[: len(half) // 2] = 0
    study = change(small_study, Modality.T2, half)
    own = prepare(study, replace(SETTINGS, foreground="channel"), MODALITIES)
    assert own.geometry == prepared.geometry, "the crop is still that of all volumes"
    t2 = own.images[MODALITIES.index(Modality.T2)]
    there = np.zeros(own.brain.shape, bool)
    there[2:-2, 2:-2, 2:-2] = cut(half != 0, Box.at(own.start, own.brain.shape).grown(-2))
    assert not t2[~there].any()
    assert (t2[there].mean(), t2[there].std()) == (pytest.approx(0, abs=1e-4), pytest.approx(1, abs=1e-4))
    empty = prepare(
        change(small_study, Modality.T2, np.zeros_like(half)), replace(SETTINGS, foreground="channel"), MODALITIES
    )
    assert not empty.images[MODALITIES.index(Modality.T2)].any()


def test_a_constant_image_becomes_zero_and_no_nan():
    values = np.full((3, 4, 5), 7, np.int16)
    assert not normalise(values, np.ones(values.shape, bool), (0.1, 99.9)).any()


def test_modalities_come_in_the_order_asked_for(prepared, small_study):
    order = (Modality.FLAIR, Modality.T1, Modality.T2, Modality.T1CE)
    other = prepare(small_study, SETTINGS, order)
    assert other.modalities == order
    np.testing.assert_array_equal(other.images, prepared.images[[3, 0, 2, 1]])


@pytest.mark.parametrize("suffix", [".nii.gz", ".nrrd", ".mha"])
@pytest.mark.parametrize("codes", ORIENTATIONS)
def test_the_same_patient_stored_along_any_axes_in_any_format_is_prepared_alike(
    prepared, small_study, write_study, tmp_path, codes, suffix
):
    write_study(turn(small_study, codes), suffix=suffix)
    study = read_case(tmp_path / "case")
    assert study.reference_volume.geometry.axis_codes == codes
    other = prepare(study, SETTINGS, MODALITIES)
    np.testing.assert_array_equal(other.images, prepared.images)
    np.testing.assert_array_equal(other.brain, prepared.brain)
    assert other.geometry.same_grid(prepared.geometry) and other.start == prepared.start and other.aligned


def test_volumes_of_one_study_may_be_stored_along_different_axes(prepared, small_study):
    volumes = {m: turn(small_study, codes)[m] for m, codes in zip(MODALITIES, ORIENTATIONS, strict=False)}
    other = prepare(Study(volumes), SETTINGS, MODALITIES)
    np.testing.assert_allclose(orient(other.images[2], other.geometry)[0], prepared.images[2], atol=1e-5)
    np.testing.assert_array_equal(other.brain, prepared.brain)


def test_the_reference_decides_the_grid_and_nothing_else(prepared, small_study):
    other = prepare(Study(small_study.volumes, Modality.FLAIR), SETTINGS, MODALITIES)
    np.testing.assert_array_equal(other.images, prepared.images)


@pytest.mark.parametrize(("spacing", "aligned"), [(2.5, True), (2.52, True), (2.48, True), (2.56, False), (2.0, False)])
def test_a_spacing_within_one_percent_is_kept_and_another_resampled(patient, make_grid, spacing, aligned):
    study = patient.study(make_grid((74, 86, 70), (2.5, 2.5, spacing)))
    result = prepare(study, SETTINGS, MODALITIES)
    assert result.aligned is aligned
    assert result.geometry.spacing == ((2.5, 2.5, spacing) if aligned else (2.5, 2.5, 2.5))


def test_volumes_on_four_grids_meet_in_the_patient(patient, make_grid, prepared):
    tilt = np.array([[1, 0, 0], [0, np.cos(0.2), -np.sin(0.2)], [0, np.sin(0.2), np.cos(0.2)]])
    grids = {
        Modality.T1: make_grid((180, 200, 36), (1.0, 1.0, 5.0)),
        Modality.T1CE: make_grid((120, 140, 60), (1.5, 1.5, 3.0), tilt),
        Modality.T2: make_grid((40, 190, 150), (4.0, 1.2, 1.2), np.diag([-1.0, -1.0, 1.0])),
        Modality.FLAIR: make_grid((84, 96, 80), (2.0, 2.0, 2.0)),
    }
    result = prepare(patient.study(grids), SETTINGS, MODALITIES)
    assert not result.aligned
    assert result.geometry.spacing == (2.5, 2.5, 2.5)
    truth = patient.brain(result.geometry)
    assert 2 * (truth & result.brain).sum() / (truth.sum() + result.brain.sum()) > 0.95
    # Thick slices end the brain elsewhere: compare well within it.
    core = ((patient.places(result.geometry) / (0.9 * patient.half_axes[:, None, None, None])) ** 2).sum(axis=0) < 1
    for image, modality in zip(result.images, MODALITIES, strict=True):
        expected = patient.volume(modality, result.geometry).array
        assert np.corrcoef(image[core], expected[core])[0, 1] > 0.98, modality


def test_edges_of_a_resampled_brain_are_not_darkened_by_the_background(patient, make_grid):
    grid = make_grid((60, 72, 56), (3.0, 3.0, 3.0))
    halves = np.where(patient.places(grid)[0] < 0, 400, 600)
    volume = Volume(np.where(patient.brain(grid), halves, 0).astype(np.int16), grid)
    result = prepare(Study({m: volume for m in MODALITIES}), replace(SETTINGS, clip=(0, 100)), MODALITIES)
    assert not result.aligned
    # Two halves lie about one standard deviation from their mean; an edge mixed with the background would lie at -4.
    assert abs(result.images).max() < 1.1


def test_resampling_the_brain_alone_gives_what_resampling_the_whole_gives(patient, make_grid):
    tilt = np.array([[1, 0, 0], [0, np.cos(0.4), -np.sin(0.4)], [0, np.sin(0.4), np.cos(0.4)]])
    volume = patient.volume(Modality.T1, make_grid((80, 100, 60), (2.1, 2.0, 3.3), tilt))
    result = prepare(Study({m: volume for m in MODALITIES}), SETTINGS, MODALITIES)
    share = resample((volume.array != 0).astype(np.float32), volume.geometry, result.canvas)
    values = np.where(share < 0.5, 0, resample(volume.array, volume.geometry, result.canvas) / np.maximum(share, 0.5))
    box = Box.at(result.start, result.brain.shape)
    np.testing.assert_array_equal(result.brain, cut(values, box) != 0)
    expected = normalise(values, values != 0, SETTINGS.clip)
    np.testing.assert_allclose(result.images[0], cut(expected, box), atol=1e-4)


def test_a_new_grid_spans_what_the_reference_spans(patient, make_grid):
    reference = make_grid((170, 170, 34), (1.0, 1.0, 5.0))
    result = prepare(patient.study(reference), SETTINGS, MODALITIES)
    assert result.canvas.size == (68, 68, 68)
    np.testing.assert_allclose(result.canvas.corners(outer=True), reference.corners(outer=True))


def test_small_negative_voxels_are_brain(small_study, prepared):
    array = small_study[Modality.T2].array.copy()
    array[array != 0] -= 3000
    assert array.max() <= 0
    other = prepare(Study({m: Volume(array, small_study[m].geometry) for m in MODALITIES}), SETTINGS, MODALITIES)
    np.testing.assert_array_equal(other.brain, prepared.brain)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_values_that_are_not_finite_count_as_zero(small_study, value):
    array = small_study[Modality.T1].array.astype(np.float32)
    zeroed, strange = array.copy(), array.copy()
    zeroed[30:34, 40:44, 30:34] = 0
    strange[30:34, 40:44, 30:34] = value
    ours = prepare(change(small_study, Modality.T1, strange), SETTINGS, MODALITIES)
    np.testing.assert_array_equal(
        ours.images, prepare(change(small_study, Modality.T1, zeroed), SETTINGS, MODALITIES).images
    )
    assert np.isfinite(ours.images).all()


def test_a_brain_at_the_images_edge_is_padded(patient, small_grid):
    part = small_grid.sub_grid(Box.at((20, 8, 12), (30, 52, 38)))
    result = prepare(patient.study(part), SETTINGS, MODALITIES)
    assert result.start == (-2, -2, -2)
    assert result.brain.shape == tuple(n + 4 for n in part.shape)
    assert not result.brain[:2].any() and not result.images[:, :, :, -2:].any()


def test_a_missing_modality_that_may_be_absent_is_0_and_changes_no_other(prepared, small_study):
    study = Study({m: v for m, v in small_study.volumes.items() if m is not Modality.T2})
    result = prepare(study, SETTINGS, MODALITIES, optional=(Modality.T2,))
    assert result.modalities == MODALITIES and result.images.shape == prepared.images.shape
    assert not result.images[2].any()
    for n in (0, 1, 3):
        np.testing.assert_array_equal(result.images[n], prepared.images[n])


def test_a_missing_modality_leaves_its_own_channel_whatever_the_order(small_study):
    study = Study({m: v for m, v in small_study.volumes.items() if m is not Modality.T2})
    order = (Modality.T2, Modality.FLAIR, Modality.T1CE, Modality.T1)
    result = prepare(study, SETTINGS, order, optional=MODALITIES)
    assert [bool(image.any()) for image in result.images] == [False, True, True, True]


def test_a_missing_modality_is_named(small_study):
    study = Study({m: v for m, v in small_study.volumes.items() if m is not Modality.T2})
    with pytest.raises(InputError, match="T2 is missing; give"):
        prepare(study, SETTINGS, MODALITIES)


@pytest.mark.parametrize("where", ["empty", "elsewhere"])
def test_a_study_without_a_brain_is_refused(small_study, small_grid, where):
    empty = Volume(np.zeros(small_grid.shape, np.int16), small_grid)
    far = replace(small_grid, origin=(1000.0, 0.0, 0.0))
    other = empty if where == "empty" else Volume(small_study[Modality.T1].array, far)
    study = Study({**dict.fromkeys(MODALITIES, other), Modality.T1CE: empty})
    with pytest.raises(CheckError, match="choose other files"):
        prepare(study, SETTINGS, MODALITIES)


@pytest.mark.parametrize("codes", ORIENTATIONS)
def test_labels_are_prepared_onto_the_images_grid_whatever_their_axes(patient, prepared, small_grid, codes):
    array, geometry = orient(patient.labels(small_grid), small_grid, codes)
    labels = prepare_labels(Volume(array, geometry), prepared)
    assert labels.flags.c_contiguous
    np.testing.assert_array_equal(labels, patient.labels(prepared.geometry))


def test_labels_on_another_grid_are_prepared_by_the_nearest_voxel(patient, prepared, make_grid):
    grid = make_grid((140, 170, 130), (1.2, 1.2, 1.2))
    labels = prepare_labels(Volume(patient.labels(grid), grid), prepared)
    truth = patient.labels(prepared.geometry)
    assert labels.dtype == np.uint8 and labels.shape == truth.shape
    for value in (1, 2, 3):
        assert (
            2 * ((labels == value) & (truth == value)).sum() / ((labels == value).sum() + (truth == value).sum()) > 0.9
        )


def test_a_file_read_twice_is_prepared_alike(small_study, write_study):
    files = write_study(small_study)
    first, second = (prepare(read_study(files), SETTINGS, MODALITIES) for _ in range(2))
    np.testing.assert_array_equal(first.images, second.images)


@pytest.mark.parametrize("case", ["cases/BraTS2021_00006", "cases/BraTS-SSA-00074-000"])
def test_a_real_case_on_one_grid_is_only_cropped(data_folder, case):
    study = read_case(data_folder / case)
    result = prepare(study, Preprocessing(), MODALITIES)
    assert result.aligned and result.geometry.axis_codes == "LPS"
    assert result.brain.sum() == np.logical_or.reduce([study[m].array != 0 for m in MODALITIES]).sum()
    assert np.isfinite(result.images).all() and abs(result.images).max() < 30


def test_a_real_case_on_four_grids_is_brought_onto_one(data_folder):
    result = prepare(read_case(data_folder / "native" / "TCGA-DU-7294"), Preprocessing(), MODALITIES)
    assert not result.aligned and result.geometry.spacing == (1.0, 1.0, 1.0)
    assert 1150 < result.brain.sum() * result.geometry.voxel_volume < 1400
    inside = result.images[:, result.brain]
    assert np.corrcoef(inside)[0, 1] > 0.5  # T1 and T1ce show the same anatomy


# --- what a check would refuse, forced --------------------------------------------------------------------------------
@pytest.mark.parametrize("outside", [-1024.0, np.nan], ids=["a constant", "NaN"])
def test_a_background_other_than_0_is_not_the_brain(small_study, prepared, outside):
    array = small_study[Modality.FLAIR].array
    other = replace(small_study[Modality.FLAIR], array=np.where(array != 0, array, outside).astype(np.float32))
    result = prepare(Study({**small_study.volumes, Modality.FLAIR: other}), SETTINGS, MODALITIES)
    np.testing.assert_array_equal(result.brain, prepared.brain)
    np.testing.assert_allclose(result.images, prepared.images, atol=1e-4)


def test_a_background_other_than_0_is_not_blended_in_by_resampling(patient, make_grid):
    grid = make_grid((90, 100, 50), (1.9, 2.1, 3.1))
    volumes = patient.study(grid).volumes
    shifted = {m: replace(v, array=np.where(v.array != 0, v.array, -2000)) for m, v in volumes.items()}
    expected, result = (prepare(Study(v), SETTINGS, MODALITIES) for v in (volumes, shifted))
    np.testing.assert_array_equal(result.brain, expected.brain)
    np.testing.assert_allclose(result.images, expected.images, atol=1e-2)


def test_a_few_voxels_are_prepared(small_study):
    few = np.zeros_like(small_study[Modality.T1].array)
    few[30, 40, 30:35] = 7, 8, 9, 10, 11
    volumes = {m: replace(small_study[m], array=few) for m in MODALITIES}
    result = prepare(Study(volumes), SETTINGS, MODALITIES)
    assert result.brain.sum() == 5 and np.isfinite(result.images).all()


@pytest.mark.parametrize("factor", [1e3, 1e6])
def test_a_brain_too_large_for_any_grid_is_refused_before_memory_is(small_study, small_grid, factor):
    x, y, z = (factor * spacing for spacing in small_grid.spacing)
    grid = replace(small_grid, spacing=(x, y, z))
    with pytest.raises(CheckError, match=r"too much for a grid of 2\.5 mm; correct the voxel spacing"):
        prepare(Study({m: replace(small_study[m], geometry=grid) for m in MODALITIES}), SETTINGS, MODALITIES)


def test_a_brain_smaller_than_a_voxel_of_the_grid_is_refused(small_study, small_grid):
    x, y, z = (1e-3 * spacing for spacing in small_grid.spacing)
    study = Study({m: replace(small_study[m], geometry=replace(small_grid, spacing=(x, y, z))) for m in MODALITIES})
    with pytest.raises(CheckError, match="choose other files"):
        prepare(study, SETTINGS, MODALITIES)
