"""Changes of studies and their truths, and what a package's answers make of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from BrainTumorVAESegLib.core.errors import InputError
from BrainTumorVAESegLib.core.geometry import Geometry
from BrainTumorVAESegLib.core.modalities import MODALITIES, Modality
from BrainTumorVAESegLib.core.segmentation import Segmentation
from BrainTumorVAESegLib.core.settings import Preprocessing
from BrainTumorVAESegLib.core.volume import Study, Volume
from BrainTumorVAESegLib.evaluation.changes import (
    CHANGES,
    Change,
    choose_changes,
    gamma,
    rotated,
    shifted,
    thick_slices,
)
from BrainTumorVAESegLib.evaluation.dice import dice, region_dice
from BrainTumorVAESegLib.images.itk import orient, resample
from BrainTumorVAESegLib.phantom.phantom import PhantomSettings
from BrainTumorVAESegLib.preparation.preparing import PreparedStudy, prepare

BY_KEY: Mapping[str, Change] = {change.key: change for change in CHANGES}
INTENSITIES = ("rescaled", "gamma-0.7", "gamma-1.5", "bias", "8-bit", "noise")
MADE = PhantomSettings(seed=1, size=(32, 40, 32))


@pytest.fixture(scope="module")
def truth(patient, small_grid: Geometry) -> Volume:
    """The truth of `small_study`."""
    return Volume(patient.labels(small_grid), small_grid)


@pytest.fixture(scope="module")
def uneven(small_study: Study) -> Study:
    """A study with voxels below 0, and others that are 0 in one volume and brain in another; not to be changed."""
    array = small_study[Modality.T1].array.copy()
    brain = np.flatnonzero(array)
    array.flat[brain[::7]] = 0
    array.flat[brain[1::7]] -= 700
    volumes = {**small_study.volumes, Modality.T1: replace(small_study[Modality.T1], array=array)}
    return replace(small_study, volumes=volumes)


def brain_of(study: Study) -> np.ndarray:
    """Return the union of the voxels that are not 0, (z, y, x)."""
    return np.any([study[modality].array != 0 for modality in study], axis=0)


def prepared(study: Study) -> PreparedStudy:
    return prepare(study, Preprocessing(spacing=2.5), MODALITIES)


def arrays_of(study: Study, truth: Volume) -> list[np.ndarray]:
    return [*(study[modality].array for modality in study), truth.array]


@pytest.mark.parametrize("key", INTENSITIES)
def test_a_change_of_intensities_keeps_grid_truth_and_brain(uneven: Study, truth: Volume, key: str) -> None:
    assert (uneven[Modality.T1].array < 0).any()
    changed, same = BY_KEY[key].apply(uneven, truth)
    assert same is truth
    assert np.array_equal(brain_of(changed), brain_of(uneven))
    for modality in uneven:
        assert changed[modality].geometry == uneven[modality].geometry
        assert not np.array_equal(changed[modality].array, uneven[modality].array), "it is a change"
        assert np.isfinite(changed[modality].array).all()
        still = changed[modality].array[uneven[modality].array != 0] != 0
        assert still.all(), "no voxel of a volume falls out of it"


@pytest.mark.parametrize("key", BY_KEY)
def test_the_same_is_made_each_time_and_what_was_given_stays(small_study: Study, truth: Volume, key: str) -> None:
    before = [array.copy() for array in arrays_of(small_study, truth)]
    np.random.seed(1)
    first = BY_KEY[key].apply(small_study, truth)
    np.random.seed(2)
    second = BY_KEY[key].apply(small_study, truth)
    for one, other in zip(arrays_of(*first), arrays_of(*second), strict=True):
        assert np.array_equal(one, other)
    for array, old in zip(arrays_of(small_study, truth), before, strict=True):
        assert np.array_equal(array, old)


@pytest.mark.parametrize("key", BY_KEY)
def test_every_volume_and_the_truth_end_on_one_grid(small_study: Study, truth: Volume, key: str) -> None:
    changed, moved = BY_KEY[key].apply(small_study, truth)
    assert moved.array.dtype == np.uint8
    assert changed.reference == small_study.reference
    assert all(changed[modality].geometry == moved.geometry for modality in changed)


def test_volumes_on_other_grids_are_changed_on_their_own(patient, make_grid, small_grid: Geometry) -> None:
    other = make_grid((50, 56, 76), (3.2, 3.4, 2.1))
    study = patient.study({m: other if m is Modality.FLAIR else small_grid for m in MODALITIES})
    truth = Volume(patient.labels(small_grid), small_grid)
    for change in CHANGES:
        changed, moved = change.apply(study, truth)
        assert changed[Modality.T1].geometry == moved.geometry
        flair = changed[Modality.FLAIR]
        there = resample(flair.array != 0, flair.geometry, moved.geometry, nearest=True)
        assert {3.2, 3.4} < set(flair.geometry.spacing)
        assert dice(there, changed[Modality.T1].array != 0) > 0.96, f"{change.key}: no longer in one place"


def test_what_another_grid_alone_shows_is_brain_too(patient, make_grid, small_grid: Geometry) -> None:
    other = make_grid((50, 56, 76), (3.2, 3.4, 2.1))
    study = patient.study({m: other if m is Modality.FLAIR else small_grid for m in MODALITIES})
    volumes = {m: replace(v, array=v.array.copy()) for m, v in study.volumes.items()}
    hole = (slice(28, 34), slice(36, 42), slice(30, 36))
    for modality in (Modality.T1, Modality.T1CE, Modality.T2):
        volumes[modality].array[hole] = 0
    changed, _ = BY_KEY["noise"].apply(replace(study, volumes=volumes), Volume(patient.labels(small_grid), small_grid))
    assert (changed[Modality.T1].array[hole] != 0).all()


def test_rescaled_volumes_are_prepared_to_the_same_input(small_study: Study, truth: Volume) -> None:
    changed, _ = BY_KEY["rescaled"].apply(small_study, truth)
    ratios = [changed[m].array.max() / small_study[m].array.max() for m in MODALITIES]
    assert ratios == pytest.approx([0.01, 7, 1000, 0.3])
    assert np.allclose(prepared(changed).images, prepared(small_study).images, atol=1e-4)


def test_a_gamma_of_one_changes_nothing_and_others_keep_the_order_and_the_ends(
    small_study: Study, truth: Volume
) -> None:
    old = small_study[Modality.T2].array
    same, _ = gamma(1).apply(small_study, truth)
    assert np.allclose(same[Modality.T2].array, old, rtol=1e-5)
    for exponent, sign in ((0.7, 1), (1.5, -1)):
        new = gamma(exponent).apply(small_study, truth)[0][Modality.T2].array
        inside = old != 0
        order = np.argsort(old[inside], kind="stable")
        assert (np.diff(new[inside][order]) >= -1e-3).all()
        assert new[inside].min() == pytest.approx(old[inside].min(), rel=1e-5)
        assert new[inside].max() == pytest.approx(old[inside].max(), rel=1e-5)
        assert sign * (new[inside].mean() - old[inside].mean()) > 10


def test_a_brain_voxel_that_a_gamma_would_make_zero_stays_brain() -> None:
    grid = Geometry((3, 1, 1), (1.0, 1.0, 1.0), (0.0, 0.0, 0.0))
    # (1 / 4) ** 0.5 * 4 - 2 is exactly 0.
    array = np.array([[[-2, -1, 2]]], np.float32)
    study = Study({m: Volume(array, grid) for m in MODALITIES})
    changed, _ = gamma(0.5).apply(study, Volume(np.zeros(grid.shape, np.uint8), grid))
    values = changed[Modality.T1].array[0, 0]
    assert values[1] != 0
    assert values == pytest.approx([-2, 0, 2])


def test_the_bias_is_smooth_another_one_for_each_modality_and_of_thirty_percent(
    small_study: Study, truth: Volume
) -> None:
    changed, _ = BY_KEY["bias"].apply(small_study, truth)
    inside = brain_of(small_study)
    fields = []
    for modality in MODALITIES:
        field = np.where(inside, changed[modality].array / np.where(inside, small_study[modality].array, 1), np.nan)
        assert (np.nanmin(field), np.nanmax(field)) == pytest.approx((0.7, 1.3), abs=1e-3)
        steps = [np.nanmax(np.abs(np.diff(field, axis=axis))) for axis in range(3)]
        assert max(steps) < 0.05
        fields.append(field[inside])
    assert np.abs(np.corrcoef(fields)[np.triu_indices(4, 1)]).max() < 0.95


def test_eight_bits_span_each_volumes_own_maximum(uneven: Study, truth: Volume) -> None:
    changed, _ = BY_KEY["8-bit"].apply(uneven, truth)
    for modality in MODALITIES:
        array, old = changed[modality].array, uneven[modality].array.astype(float)
        assert array.dtype == np.uint8
        assert array.max() == 255 and array[brain_of(uneven)].min() >= 1
        low = min(old.min(), 0)
        again = array / 255 * (old.max() - low) + low
        assert np.abs(again - old)[brain_of(uneven)].max() <= (old.max() - low) / 255


def test_the_noise_has_a_tenth_of_the_brains_deviation_and_is_anothers_in_each_volume(
    small_study: Study, truth: Volume
) -> None:
    changed, _ = BY_KEY["noise"].apply(small_study, truth)
    inside = brain_of(small_study)
    noises = []
    for modality in MODALITIES:
        old = small_study[modality].array[inside].astype(float)
        noises.append(changed[modality].array[inside] - old)
        assert noises[-1].std() == pytest.approx(0.1 * old.std(), rel=0.02)
        assert abs(noises[-1].mean()) < 0.01 * old.std()
    assert np.abs(np.corrcoef(noises)[np.triu_indices(4, 1)]).max() < 0.02


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
    turned, turned_labels = thick_slices(5).apply(*BY_KEY["sagittal-storage"].apply(*thin))
    assert turned_labels.geometry.axis_codes != labels.geometry.axis_codes
    for one, other in zip((*plain.volumes.values(), labels), (*turned.volumes.values(), turned_labels), strict=True):
        array, grid = orient(other.array, other.geometry, one.geometry.axis_codes)
        # The first slice is at the other end, and 131 slices are no multiple of 5.
        assert grid.spacing == one.geometry.spacing and array.shape == one.array.shape
        assert abs((array != 0).sum() / (one.array != 0).sum() - 1) < 0.01


def test_the_rim_of_the_brain_is_not_darkened(thin: tuple[Study, Volume]) -> None:
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


def test_the_shift_moves_voxels_whole(small_study: Study, truth: Volume) -> None:
    changed, moved = shifted(3, -2, 1).apply(small_study, truth)
    assert moved.geometry == truth.geometry
    assert np.array_equal(moved.array, np.roll(truth.array, (1, -2, 3), (0, 1, 2)))
    for modality in MODALITIES:
        expected = np.roll(small_study[modality].array, (1, -2, 3), (0, 1, 2))
        assert np.array_equal(changed[modality].array != 0, expected != 0)
        assert np.allclose(changed[modality].array, expected, rtol=1e-4)


def test_the_shift_ends_where_the_brain_would_leave_the_image(small_study: Study, truth: Volume) -> None:
    changed, moved = shifted(100, -100, 0).apply(small_study, truth)
    assert moved.geometry == truth.geometry
    brain = brain_of(changed)
    assert brain.sum() == brain_of(small_study).sum()
    assert brain[:, :, -1].any() and brain[:, 0].any() and not brain[:, :, 0].any() and not brain[:, -1].any()


def of_labels(study: Study, truth: Volume) -> Study:
    """Return a study whose T1 shows the tumor alone."""
    tumor = replace(study[Modality.T1], array=(truth.array > 0).astype(np.int16) * 100)
    return replace(study, volumes={**study.volumes, Modality.T1: tumor})


@pytest.mark.parametrize(
    ("key", "least"),
    [("slices-3mm", 1), ("slices-5mm", 1), ("shifted", 1), ("rotated-15", 0.95), ("sagittal-storage", 1)],
)
def test_the_truth_goes_where_the_images_go(small_study: Study, truth: Volume, key: str, least: float) -> None:
    changed, moved = BY_KEY[key].apply(of_labels(small_study, truth), truth)
    assert not moved.geometry.same_grid(truth.geometry) or not np.array_equal(moved.array, truth.array)
    assert region_dice((changed[Modality.T1].array != 0) * 3, (moved.array > 0) * 3)["WT"] >= least


def center_of(mask: np.ndarray, grid: Geometry) -> np.ndarray:
    """Return the center of a mask in LPS mm."""
    return grid.index_to_physical[:3] @ (*np.argwhere(mask).mean(axis=0)[::-1], 1.0)


def test_the_head_turns_by_its_degrees_about_the_brains_center(small_study: Study, truth: Volume) -> None:
    turned, moved = rotated(90, 0).apply(small_study, truth)
    middle = center_of(brain_of(small_study), truth.geometry)
    assert center_of(brain_of(turned), moved.geometry) == pytest.approx(middle, abs=0.2)
    x, y, z = center_of(truth.array > 0, truth.geometry) - middle
    assert center_of(moved.array > 0, moved.geometry) - middle == pytest.approx([-y, x, z], abs=0.5)
    _, moved = rotated(0, 90).apply(small_study, truth)
    assert center_of(moved.array > 0, moved.geometry) - middle == pytest.approx([x, -z, y], abs=0.5)


def test_the_grid_grows_where_the_turned_brain_would_be_cut_off(patient, make_grid) -> None:
    roomy, tight = make_grid((80, 80, 68), (2.5, 2.5, 2.5)), make_grid((54, 68, 52), (2.5, 2.5, 2.5))
    volumes = []
    for grid in (roomy, tight):
        changed, moved = rotated(40, 30).apply(patient.study(grid), Volume(patient.labels(grid), grid))
        assert all(new >= old for new, old in zip(moved.geometry.size, grid.size, strict=True))
        assert (moved.geometry.size == grid.size) is (grid is roomy)
        volumes.append((brain_of(changed).sum(), np.count_nonzero(moved.array)))
    assert volumes[0] == pytest.approx(volumes[1], rel=0.002)


def test_changes_are_chosen_by_key_and_the_unchanged_comes_first() -> None:
    assert choose_changes() == CHANGES
    assert [change.key for change in choose_changes(("noise", "bias"))] == ["unchanged", "bias", "noise"]
    assert len(BY_KEY) == len(CHANGES) == 12
    with pytest.raises(InputError, match="'blur' is no change") as caught:
        choose_changes(("noise", "blur"))
    assert all(key in str(caught.value) for key in BY_KEY)
