from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from BrainTumorVAESegLib.cases.reading import read_case
from BrainTumorVAESegLib.core.boxes import Box
from BrainTumorVAESegLib.core.errors import CheckError
from BrainTumorVAESegLib.core.findings import Finding
from BrainTumorVAESegLib.core.geometry import Geometry
from BrainTumorVAESegLib.core.modalities import MODALITIES, Modality
from BrainTumorVAESegLib.core.preparation import PreparationOptions
from BrainTumorVAESegLib.core.volume import Study, Volume
from BrainTumorVAESegLib.images.itk import orient
from BrainTumorVAESegLib.preparation.checks import check, stop_on_errors
from findingstudies import ERROR, NOTE, WARNING, changed, codes, the_one, with_volume


def test_nothing_is_found_in_four_aligned_volumes(small_study):
    assert check(small_study) == ()


def test_a_check_changes_nothing(small_study):
    before = {m: small_study[m].array.copy() for m in MODALITIES}
    check(small_study)
    assert all(np.array_equal(small_study[m].array, before[m]) for m in MODALITIES)


def test_what_the_reader_found_in_a_file_is_told_of_its_modality(small_study):
    note = Finding("forms_differ", WARNING, "holds two transforms that differ.", "Check where it lies.")
    volume = replace(small_study[Modality.T2], source="case/a_t2.nii.gz", notes=(note,))
    finding = the_one(check(with_volume(small_study, Modality.T2, volume)))
    assert (finding.code, finding.severity, finding.modality) == ("forms_differ", WARNING, Modality.T2)
    assert str(finding) == "T2 (case/a_t2.nii.gz): the file holds two transforms that differ. Check where it lies."


def test_a_missing_modality_is_an_error(small_study):
    study = Study({m: v for m, v in small_study.volumes.items() if m is not Modality.FLAIR})
    assert codes(check(study)) == [("missing", ERROR, Modality.FLAIR)]


def test_a_missing_modality_that_the_model_can_do_without_is_a_warning(small_study):
    volumes = {m: v for m, v in small_study.volumes.items() if m not in (Modality.FLAIR, Modality.T1CE)}
    study = Study(volumes, Modality.T1)
    findings = check(study, optional=(Modality.FLAIR,))
    assert codes(findings) == [("missing", ERROR, Modality.T1CE), ("missing", WARNING, Modality.FLAIR)]
    assert "goes on without it" in str(findings[1]) and "less sure" in str(findings[1])


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_voxels_that_are_not_finite_are_counted(small_study, value):
    def spoil(array: np.ndarray) -> np.ndarray:
        array = array.astype(np.float32)
        array[30, 40, 30:33] = value
        return array

    finding = the_one(check(changed(small_study, Modality.T2, spoil)))
    assert (finding.code, finding.severity, finding.modality) == ("non_finite", ERROR, Modality.T2)
    assert finding.source == "T2.nii.gz" and finding.message == "3 voxels are NaN or infinite."


@pytest.mark.parametrize(("value", "word"), [(0, "empty"), (7, "constant")])
def test_a_constant_image_is_an_error(small_study, value, word):
    findings = check(changed(small_study, Modality.T1, lambda array: np.full_like(array, value)))
    assert findings[0].code == "constant" and findings[0].severity is ERROR and findings[0].modality is Modality.T1
    assert str(findings[0]).startswith(f"T1 (T1.nii.gz): the image is {word}: every voxel is {value}.")
    assert [finding for finding in findings if finding.severity is ERROR] == [findings[0]]


def test_a_single_odd_voxel_does_not_hide_that_an_image_holds_nothing(small_study):
    def spoil(array: np.ndarray) -> np.ndarray:
        array[...] = 0
        array[0, 0, 0] = 1
        return array

    assert ERROR in {f.severity for f in check(changed(small_study, Modality.T1, spoil)) if f.modality is Modality.T1}


def test_a_label_map_given_as_an_image_is_an_error(small_study, small_grid, patient):
    labels = patient.labels(small_grid)
    finding = check(with_volume(small_study, Modality.FLAIR, Volume(labels, small_grid, "a_seg.nii.gz")))[0]
    assert (finding.code, finding.severity) == ("few_values", ERROR)
    assert "(a_seg.nii.gz): only 3 values beside 0, like a label map" in str(finding)


def test_a_head_with_its_skull_is_an_error(small_study, small_grid, patient):
    def add_head(array: np.ndarray) -> np.ndarray:
        head = ((patient.places(small_grid) / (1.25 * patient.half_axes[:, None, None, None])) ** 2).sum(axis=0) < 1
        return np.where(head & (array == 0), 333, array)

    study = changed(small_study, Modality.T1, add_head)
    finding = check(study)[0]
    assert (finding.code, finding.severity, finding.modality) == ("not_stripped", ERROR, Modality.T1)
    assert "the image looks not skull-stripped" in finding.message and "HD-BET" in finding.advice


def test_noise_all_around_is_an_error(small_study, small_grid):
    noise = np.random.default_rng(0).integers(1, 30, small_grid.shape)
    study = changed(small_study, Modality.T2, lambda array: np.where(array == 0, noise, array).astype(np.int16))
    assert codes(check(study)) == [("not_stripped", ERROR, Modality.T2)]


def test_a_background_other_than_zero_is_noted(small_study):
    study = changed(small_study, Modality.T1, lambda array: (array / 100 - 3.5).astype(np.float32))
    finding = the_one(check(study))
    assert (finding.code, finding.severity) == ("background", NOTE)
    assert finding.message == "the background is -3.5, not 0; it is taken as 0."


def test_small_negative_voxels_are_brain(small_study):
    def below_zero(array: np.ndarray) -> np.ndarray:
        return np.where(array != 0, array - 3000, 0).astype(np.int16)

    assert check(changed(small_study, Modality.T1, below_zero)) == ()


def test_a_small_brain_is_a_warning(small_study):
    volumes = {}
    for modality in MODALITIES:
        volume = small_study[modality]
        volumes[modality] = replace(volume, geometry=replace(volume.geometry, spacing=(1.2, 1.2, 1.2)))
    findings = check(Study(volumes))
    assert codes(findings) == [("small_brain", WARNING, m) for m in MODALITIES]
    assert "only 167 ml of brain" in findings[0].message


def test_a_spacing_that_makes_no_brains_shape_is_a_warning(small_study):
    volumes = {}
    for modality in MODALITIES:
        volume = small_study[modality]
        volumes[modality] = replace(volume, geometry=replace(volume.geometry, spacing=(4.0, 4.0, 1.0)))
    findings = [finding for finding in check(Study(volumes)) if finding.severity is not NOTE]
    assert codes(tuple(findings)) == [("brain_shape", WARNING, m) for m in MODALITIES]


@pytest.mark.parametrize(("share", "expected"), [(0.001, []), (0.05, ["saturated"])])
def test_an_image_clipped_far_below_its_maximum_is_a_warning(small_study, share, expected):
    def clip(array: np.ndarray) -> np.ndarray:
        return np.minimum(array, np.quantile(array[array != 0], 1 - share).astype(np.int16))

    assert [finding.code for finding in check(changed(small_study, Modality.T1CE, clip))] == expected


@pytest.mark.parametrize(
    ("size", "spacing", "expected"),
    [
        ((68, 80, 32), (2.5, 2.5, 5.0), "thick_slices"),
        ((68, 80, 20), (2.5, 2.5, 8.0), "spacing"),
        ((1133, 80, 16), (0.15, 2.5, 10.0), "spacing"),
        ((68, 80, 54), (2.5, 2.5, 2.99), None),
    ],
)
def test_thick_slices_are_noted_and_unusual_spacings_warned_of(patient, make_grid, size, spacing, expected):
    study = patient.study(make_grid(size, spacing))
    severity = {"thick_slices": NOTE, "spacing": WARNING}.get(expected)
    assert codes(check(study)) == ([(expected, severity, m) for m in MODALITIES] if expected else [])


def test_another_grid_is_a_warning_that_says_how_it_differs(patient, small_study, make_grid):
    grid = make_grid((136, 160, 60), (1.25, 1.25, 2.7))
    finding = the_one(check(with_volume(small_study, Modality.T2, patient.volume(Modality.T2, grid))))
    assert (finding.code, finding.severity, finding.modality) == ("grid", WARNING, Modality.T2)
    assert "136x160x60 voxels instead of 68x80x64, 1.25x1.25x2.7 mm instead of 2.5x2.5x2.5 mm" in finding.message
    assert "than that of T1ce" in finding.message and "resampled" in finding.advice


def test_a_shifted_or_turned_volume_is_a_warning_that_says_by_how_much(patient, small_study, make_grid, small_grid):
    angle = np.radians(4)
    tilt = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    turned = make_grid(small_grid.size, small_grid.spacing, tilt)
    finding = the_one(check(with_volume(small_study, Modality.T1, patient.volume(Modality.T1, turned))))
    assert (finding.code, finding.severity) == ("position", WARNING) and "turned by 4.0 degrees" in finding.message
    x, y, z = small_grid.origin
    shifted = replace(small_grid, origin=(x + 3, y - 4, z))
    finding = the_one(check(with_volume(small_study, Modality.T1, patient.volume(Modality.T1, shifted))))
    assert finding.code == "position" and "its center 5.00 mm away" in finding.message


def test_other_axes_of_the_same_voxels_are_a_note(small_study):
    array, geometry = orient(small_study[Modality.T1].array, small_study[Modality.T1].geometry, "RAS")
    finding = the_one(check(with_volume(small_study, Modality.T1, Volume(array, geometry, "t1.nii.gz"))))
    assert (finding.code, finding.severity) == ("axes", NOTE)
    assert "(RAS) than those of T1ce (LPS)" in finding.message


@pytest.mark.parametrize(
    "disguise",
    [
        lambda volume: volume,
        lambda volume: replace(volume, array=(volume.array * 0.37).astype(np.float32)),
        lambda volume: Volume(*orient(volume.array, volume.geometry, "RAS")),
    ],
    ids=["itself", "in other units", "along other axes"],
)
def test_the_same_image_given_twice_is_an_error(small_study, disguise):
    study = with_volume(small_study, Modality.FLAIR, replace(disguise(small_study[Modality.T2]), source="x/b.nii.gz"))
    finding = check(study)[0]
    assert (finding.code, finding.severity, finding.modality) == ("duplicate", ERROR, Modality.FLAIR)
    assert str(finding).startswith("FLAIR (x/b.nii.gz): the image is the same as that given for T2 (T2.nii.gz).")


def test_a_volume_elsewhere_in_space_is_an_error(patient, small_study, small_grid):
    far = replace(small_grid, origin=(500.0, 0.0, 0.0))
    volume = replace(patient.volume(Modality.T2, small_grid), geometry=far)
    findings = check(with_volume(small_study, Modality.T2, volume))
    assert codes(findings) == [("apart", ERROR, Modality.T2), ("position", WARNING, Modality.T2)]
    assert "overlaps with that of T1ce not at all" in findings[0].message


def test_a_brain_in_another_place_is_a_warning(small_study):
    study = changed(small_study, Modality.FLAIR, lambda array: np.roll(array, 14, axis=2))
    finding = the_one(check(study))
    assert (finding.code, finding.severity, finding.modality) == ("misaligned", WARNING, Modality.FLAIR)
    assert "Dice 0.6" in finding.message


def test_brains_are_compared_in_the_patient_and_not_by_voxel(patient, small_study, make_grid):
    grid = make_grid((100, 66, 90), (1.9, 2.9, 2.0), np.array([[0, -1.0, 0], [0, 0, 1.0], [-1.0, 0, 0]]))
    study = with_volume(small_study, Modality.T1, patient.volume(Modality.T1, grid))
    assert [finding.code for finding in check(study)] == ["grid"]


def test_a_slab_is_said_to_cover_a_part(patient, small_study, small_grid):
    slab = small_grid.sub_grid(Box.at((20, 0, 0), (24, 80, 68)))
    findings = check(with_volume(small_study, Modality.T2, patient.volume(Modality.T2, slab)))
    assert [finding.code for finding in findings] == ["brain_shape", "coverage", "grid"]
    assert "only 6" in findings[1].message and "of the brain in T1ce are covered" in findings[1].message


# --- what is told -----------------------------------------------------------------------------------------------------
def test_one_fault_of_four_volumes_stops_in_one_sentence(small_study, small_grid):
    grid = replace(small_grid, spacing=(0.25, 0.25, 0.25))
    volumes = {m: replace(small_study[m], geometry=grid, source=f"/d/P1/{m}.nii.gz") for m in MODALITIES}
    with pytest.raises(CheckError, match=r"^T1, T1ce, T2, FLAIR \(P1\): the brain has 1\.5 ml \(") as caught:
        stop_on_errors(check(Study(volumes)))
    assert str(caught.value).count("no brain's size") == 1
    assert [f.modality for f in caught.value.findings if f.severity is ERROR] == list(MODALITIES)


def test_notes_and_warnings_do_not_stop():
    stop_on_errors((Finding("a", NOTE, "odd."), Finding("b", WARNING, "odd.", "Look.", Modality.T1)))
    stop_on_errors(())


def test_errors_stop_and_are_all_named_in_one_line():
    found = (
        Finding("grid", WARNING, "another grid."),
        Finding("constant", ERROR, "it is empty.", "Choose another.", Modality.T1, "a.nii.gz"),
        Finding("apart", ERROR, "it lies elsewhere.", "", Modality.T2, "b.nii.gz"),
    )
    with pytest.raises(CheckError) as caught:
        stop_on_errors(found)
    assert str(caught.value) == "T1 (a.nii.gz): it is empty. Choose another. T2 (b.nii.gz): it lies elsewhere."
    assert caught.value.findings == found


def test_errors_come_first_and_stop(small_study, small_grid):
    study = changed(small_study, Modality.FLAIR, np.zeros_like)
    study = with_volume(
        study, Modality.T1, replace(study[Modality.T1], geometry=replace(small_grid, origin=(-90.0, -97.0, -80.0)))
    )
    findings = check(study)
    assert [finding.severity for finding in findings] == [ERROR, WARNING]
    with pytest.raises(CheckError, match=r"FLAIR \(FLAIR\.nii\.gz\): the image is empty"):
        stop_on_errors(findings)


def test_a_volume_of_no_file_is_called_by_its_modality_or_node(small_study, small_grid):
    for source, name in (("", "T1:"), ("6: T1 W/O", "T1 (6: T1 W/O):"), ("/data/P 1/a.mha", "T1 (P 1/a.mha):")):
        volume = Volume(np.zeros(small_grid.shape, np.int16), small_grid, source)
        assert str(check(with_volume(small_study, Modality.T1, volume))[0]).startswith(f"{name} the image is empty")


@pytest.mark.parametrize(("shape", "spacing"), [((2, 2, 2), 1.0), ((3, 2, 9), 0.1)])
def test_tiny_volumes_are_looked_at_as_well(shape, spacing):
    grid = Geometry((shape[2], shape[1], shape[0]), (spacing, spacing, spacing), (0.0, 0.0, 0.0))
    rng = np.random.default_rng(0)
    study = Study({m: Volume(rng.integers(0, 99, shape).astype(np.int16), grid, f"{m}.nii") for m in MODALITIES})
    assert {finding.severity for finding in check(study)} >= {ERROR}


def test_no_real_case_is_found_fault_with(data_folder):
    split: dict[str, list[str]] = json.loads((data_folder / "split.json").read_text())
    folders = [data_folder / part / name for part, names in split.items() for name in names]
    faults = {folder.name: check(read_case(folder)) for folder in folders}
    assert len(faults) == len(folders) > 0
    assert {name: found for name, found in faults.items() if found} == {}


def test_no_real_case_is_found_fault_with_that_is_to_be_prepared(data_folder):
    split: dict[str, list[str]] = json.loads((data_folder / "split.json").read_text())
    folders = [data_folder / part / name for part in ("cases", "validation") for name in split[part]]
    assert folders and not [folder for folder in folders if check(read_case(folder), preparation=PreparationOptions())]


def test_the_real_case_on_four_grids_is_warned_of_but_not_refused(data_folder):
    findings = check(read_case(data_folder / "native" / "TCGA-DU-7294"))
    assert codes(findings) == [
        ("grid", WARNING, Modality.T1),
        ("grid", WARNING, Modality.T2),
        ("grid", WARNING, Modality.FLAIR),
        ("thick_slices", NOTE, Modality.T1),
        ("thick_slices", NOTE, Modality.T2),
    ]
    assert "512x512x34 voxels instead of 512x512x68" in findings[0].message
