"""What one image alone shows: next to nothing, a size that is no brain's, any background."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from BrainTumorVAESegLib.core.boxes import Box
from BrainTumorVAESegLib.core.modalities import MODALITIES, Modality
from BrainTumorVAESegLib.core.volume import Study
from BrainTumorVAESegLib.preparation.checks import check
from findingstudies import ERROR, NOTE, changed, codes, the_one, with_volume


# --- next to nothing in an image --------------------------------------------------------------------------------------
def five_voxels(array: np.ndarray) -> np.ndarray:
    result = np.zeros_like(array)
    result[32, 40, 30:40:2] = array[32, 40, 30:40:2]
    return result


def one_slice(array: np.ndarray) -> np.ndarray:
    result = np.zeros_like(array)
    result[32] = array[32]
    return result


@pytest.mark.parametrize("modality", [Modality.FLAIR, Modality.T1CE], ids=["one", "the reference"])
@pytest.mark.parametrize(("spoil", "ml"), [(five_voxels, "0.078"), (one_slice, "44")])
def test_an_image_with_next_to_nothing_where_the_others_show_brain_is_an_error(small_study, modality, spoil, ml):
    finding = the_one(check(changed(small_study, modality, spoil)))
    assert (finding.code, finding.severity, finding.modality) == ("blank", ERROR, modality)
    assert finding.message == f"the image is all but empty: it shows {ml} ml, where the others show brain."


def test_voxels_between_the_points_that_are_looked_at_are_counted(patient, make_grid):
    study = patient.study(make_grid((136, 180, 130), (1.0, 1.0, 1.0)))

    def spoil(array: np.ndarray) -> np.ndarray:
        result = np.zeros_like(array)
        result[60, 60, 60] = 700
        return result

    finding = check(changed(study, Modality.T2, spoil))[0]
    assert finding.code == "blank" and "shows 0.001 ml, where" in finding.message


@pytest.mark.parametrize("spoil", [five_voxels, one_slice])
def test_four_images_with_next_to_nothing_are_an_error_each(small_study, spoil):
    volumes = {m: replace(small_study[m], array=spoil(small_study[m].array)) for m in MODALITIES}
    errors = [finding for finding in check(Study(volumes)) if finding.severity is ERROR]
    assert [finding.modality for finding in errors] == list(MODALITIES)
    assert {finding.code for finding in errors} <= {"blank", "brain_size"}


def test_two_blank_images_of_four_are_both_found_and_no_other(small_study):
    study = changed(changed(small_study, Modality.T1CE, five_voxels), Modality.T2, five_voxels)
    assert codes(check(study)) == [("blank", ERROR, Modality.T1CE), ("blank", ERROR, Modality.T2)]


def test_an_image_is_not_blank_beside_one_of_a_whole_head(small_study, small_grid):
    noise = np.random.default_rng(0).integers(1, 30, small_grid.shape).astype(np.int16)
    volumes = {m: small_study[m] for m in (Modality.T1, Modality.T1CE)}
    volumes[Modality.T1] = replace(volumes[Modality.T1], array=np.maximum(volumes[Modality.T1].array, noise))
    found = check(Study(volumes), optional=MODALITIES)
    assert [f.code for f in found if f.severity is ERROR] == ["not_stripped"]


def test_a_slab_that_shows_brain_where_it_lies_is_not_blank_but_a_slab(patient, small_study, small_grid):
    slab = small_grid.sub_grid(Box.at((30, 0, 0), (4, 80, 68)))
    findings = check(with_volume(small_study, Modality.T2, patient.volume(Modality.T2, slab)))
    assert [finding.code for finding in findings if finding.severity is ERROR] == ["slab"]
    assert "coverage" in {finding.code for finding in findings}


def test_next_to_no_overlap_is_an_error(small_study, small_grid):
    x, y, z = small_grid.origin
    apart = replace(small_study[Modality.T2], geometry=replace(small_grid, origin=(x + 125, y, z)))
    finding = check(with_volume(small_study, Modality.T2, apart))[0]
    assert (finding.code, finding.severity) == ("apart", ERROR) and "T1ce hardly in space" in finding.message


# --- units and sizes --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("factor", "unit"), [(1e3, "micrometers"), (1e-3, "meters"), (0.1, "centimeters"), (0.35, None), (20.0, None)]
)
def test_a_brain_of_no_brains_size_is_an_error_that_names_the_unit(small_study, small_grid, factor, unit):
    x, y, z = (factor * spacing for spacing in small_grid.spacing)
    grid = replace(small_grid, spacing=(x, y, z))
    found = check(Study({m: replace(small_study[m], geometry=grid) for m in MODALITIES}))
    assert [(f.code, f.severity) for f in found[:4]] == [("brain_size", ERROR)] * 4
    assert "which is no brain's size" in found[0].message and "Correct the voxel spacing" in found[0].advice
    assert ("seems to be in" in found[0].message) == (unit is not None) and (unit or "") in found[0].message


@pytest.mark.parametrize("scale", [0.8, 0.85, 1.0, 1.1])
def test_the_brain_of_a_child_or_an_adult_is_no_matter(small_study, small_grid, scale):
    x, y, z = (scale * spacing for spacing in small_grid.spacing)
    grid = replace(small_grid, spacing=(x, y, z))
    assert check(Study({m: replace(small_study[m], geometry=grid) for m in MODALITIES})) == ()


# --- the background ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("outside", "text"), [(np.nan, "NaN"), (-1024.0, "-1024"), ("noise", "noise of up to"), ("z-score", "-0.")]
)
def test_any_background_is_noted_and_is_no_fault(small_study, outside, text):
    def change(array: np.ndarray) -> np.ndarray:
        values = array.astype(np.float32)
        if outside == "z-score":
            return (values - values.mean()) / values.std()
        rng = np.random.default_rng(0)
        around = 1e-4 * rng.standard_normal(array.shape) if outside == "noise" else outside
        return np.where(array != 0, values, around).astype(np.float32)

    finding = the_one(check(changed(small_study, Modality.FLAIR, change)))
    assert (finding.code, finding.severity, finding.modality) == ("background", NOTE, Modality.FLAIR)
    assert text in finding.message


@pytest.mark.parametrize(("side", "faulty"), [(4, False), (24, True)])
def test_nan_within_the_brain_is_a_fault_beside_a_background_of_nan_where_it_is_more_than_holes(
    small_study, side, faulty
):
    def spoil(array: np.ndarray) -> np.ndarray:
        result = np.where(array != 0, array, np.nan).astype(np.float32)
        result[20 : 20 + side, 28 : 28 + side, 24 : 24 + side] = np.nan
        return result

    findings = check(changed(small_study, Modality.T2, spoil))
    assert [f.code for f in findings] == (["non_finite"] if faulty else []) + ["background"]


def test_an_image_of_nan_alone_is_empty_and_has_no_holes(small_study):
    findings = check(changed(small_study, Modality.T2, lambda array: np.full_like(array, np.nan, np.float32)))
    assert [(each.code, each.modality) for each in findings if each.severity is ERROR] == [("blank", Modality.T2)]


def test_a_handful_of_slices_is_an_error(small_study, patient, make_grid):
    grid = make_grid((68, 80, 5), (2.5, 2.5, 5.0))
    few = with_volume(small_study, Modality.T2, patient.volume(Modality.T2, grid))
    errors = [finding for finding in check(few) if finding.severity is ERROR]
    assert [(finding.code, finding.modality) for finding in errors] == [("slab", Modality.T2)]
    assert "only 5 slices that cover 25 mm, no whole brain" in errors[0].message
