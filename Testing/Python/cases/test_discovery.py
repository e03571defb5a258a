"""Data sets of every layout, made of one tiny phantom: their cases are found, with the right images and labels."""

from __future__ import annotations

import errno
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from BrainTumorVAESegLib.cases.discovery import discover_cases
from BrainTumorVAESegLib.cases.faults import Fault
from BrainTumorVAESegLib.cases.reading import read_study
from BrainTumorVAESegLib.core.errors import InputError
from BrainTumorVAESegLib.core.labels import LabelConvention, convert_labels
from BrainTumorVAESegLib.core.modalities import MODALITIES
from BrainTumorVAESegLib.images.reading import read_label_map
from BrainTumorVAESegLib.phantom.phantom import Phantom, PhantomSettings, make_phantom

BRATS = ("_t1", "_t1ce", "_t2", "_flair", "_seg")
BRATS2023 = ("-t1n", "-t1c", "-t2w", "-t2f", "-seg")
UPENN = ("_T1", "_T1GD", "_T2", "_FLAIR", "_segm")
WriteCase = Callable[..., Path]


@pytest.fixture(scope="module")
def phantom() -> Phantom:
    return make_phantom(PhantomSettings(seed=3, size=(20, 18, 16)))


@pytest.fixture
def write_case(phantom) -> WriteCase:
    """Write the phantom as a case's folder; the endings are those of T1, T1ce, T2, FLAIR and the segmentation."""

    def write(folder: Path, endings=BRATS, convention=LabelConvention.BRATS2021, suffix=".nii.gz", name="") -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        labels = convert_labels(phantom.labels, LabelConvention.BRATS2023, convention)
        arrays = [*(phantom.study[modality].array for modality in MODALITIES), labels]
        for ending, array in zip(endings, arrays, strict=False):
            sitk.WriteImage(sitk.GetImageFromArray(array), str(folder / f"{name or folder.name}{ending}{suffix}"))
        return folder

    return write


def assert_whole(case, phantom) -> None:
    study = read_study(case.images, name=case.name)
    for modality in MODALITIES:
        np.testing.assert_array_equal(study[modality].array, phantom.study[modality].array)
    np.testing.assert_array_equal(read_label_map(case.segmentation, case.convention).array, phantom.labels)


def names(cases) -> list[str]:
    return [case.name for case in cases]


def test_brats_2018_and_2019_lie_one_folder_deeper_by_grade(tmp_path, write_case, phantom):
    write_case(tmp_path / "HGG" / "Brats18_CBICA_AAB_1")
    write_case(tmp_path / "LGG" / "BraTS19_TCIA10_103_1")
    (tmp_path / "survival_data.csv").write_text("x")
    cases = discover_cases(tmp_path)
    assert names(cases) == ["BraTS19_TCIA10_103_1", "Brats18_CBICA_AAB_1"]
    assert [case.patient for case in cases] == ["BraTS19_TCIA10_103", "Brats18_CBICA_AAB"]
    for case in cases:
        assert case.convention is None
        assert_whole(case, phantom)


def test_brats_2020_is_uncompressed_and_one_segmentation_is_called_otherwise(tmp_path, write_case, phantom):
    """Case 355 of BraTS 2020 is published with such a name."""
    folder = write_case(tmp_path / "MICCAI_BraTS2020_TrainingData" / "BraTS20_Training_355", suffix=".nii")
    (folder / "BraTS20_Training_355_seg.nii").rename(folder / "W39_1998.09.19_Segm.nii")
    [case] = discover_cases(tmp_path)
    assert (case.name, case.patient) == ("BraTS20_Training_355", "BraTS20_Training_355")
    assert_whole(case, phantom)


def test_brats_2021_names_each_case_a_patient(tmp_path, write_case, phantom):
    for name in ("BraTS2021_00002", "BraTS2021_00000"):
        write_case(tmp_path / name)
    (tmp_path / ".hidden").mkdir()
    (tmp_path / "__MACOSX" / "BraTS2021_00000").mkdir(parents=True)
    cases = discover_cases(tmp_path)
    assert [(case.name, case.patient) for case in cases] == [(n, n) for n in ("BraTS2021_00000", "BraTS2021_00002")]
    assert cases[0].folder == tmp_path / "BraTS2021_00000"
    assert_whole(cases[0], phantom)


def test_brats_2023_knows_its_labels_and_the_visits_of_a_patient(tmp_path, write_case, phantom):
    for name in ("BraTS-GLI-00005-000", "BraTS-GLI-00005-001", "BraTS-SSA-00005-000"):
        write_case(tmp_path / name, BRATS2023, LabelConvention.BRATS2023)
    cases = discover_cases(tmp_path)
    assert [case.patient for case in cases] == ["BraTS-GLI-00005", "BraTS-GLI-00005", "BraTS-SSA-00005"]
    assert {case.convention for case in cases} == {LabelConvention.BRATS2023}
    assert_whole(cases[2], phantom)


def test_endings_in_any_case_are_read(tmp_path, write_case, phantom):
    write_case(tmp_path / "case1", ("_T1", "_T1CE", "_T2", "_Flair", "_SEG"), suffix=".nii")
    for file in (tmp_path / "case1").iterdir():
        file.rename(file.with_suffix(".NII"))
    [case] = discover_cases(tmp_path)
    assert_whole(case, phantom)


@pytest.fixture
def upenn(tmp_path, write_case) -> Path:
    """UPENN-GBM as published: an expert's, an automatic, both and, of a follow-up, no ground truth."""
    root = tmp_path / "NIfTI-files"
    for name in ("UPENN-GBM-00001_11", "UPENN-GBM-00002_11", "UPENN-GBM-00003_11", "UPENN-GBM-00003_21"):
        folder = write_case(root / "images_structural" / name, UPENN)
        (folder / f"{name}_segm.nii.gz").rename(tmp_path / "truth.nii.gz")
        write_case(root / "images_structural_unstripped" / name, [f"{ending}_unstripped" for ending in UPENN[:4]])
        (root / "images_DTI" / "images_DTI" / name).mkdir(parents=True)
    for folder, of in (("images_segm", "12"), ("automated_segm", "23")):
        (root / folder).mkdir()
        for number in of:
            ending = "segm" if folder == "images_segm" else "automated_approx_segm"
            shutil.copy(tmp_path / "truth.nii.gz", root / folder / f"UPENN-GBM-0000{number}_11_{ending}.nii.gz")
    return root


@pytest.mark.parametrize("given", ["", "..", "images_structural"])
def test_upenn_gbm_as_published_joins_its_folders_and_prefers_the_experts_truth(upenn, phantom, given):
    told: list[str] = []
    cases = discover_cases((upenn / given).resolve(), report=told.append)
    assert [case.segmentation.name for case in cases] == [
        "UPENN-GBM-00001_11_segm.nii.gz",
        "UPENN-GBM-00002_11_segm.nii.gz",
        "UPENN-GBM-00003_11_automated_approx_segm.nii.gz",
    ]
    assert [case.patient for case in cases] == [f"UPENN-GBM-0000{n}" for n in (1, 2, 3)]
    assert cases[0].folder == upenn / "images_structural" / "UPENN-GBM-00001_11"
    assert told == ["left out, since the data set gives follow-up scans no segmentation: UPENN-GBM-00003_21"]
    assert_whole(cases[2], phantom)


def test_a_follow_up_of_upenn_gbm_with_a_truth_of_ones_own_is_a_case(upenn, tmp_path):
    name = "UPENN-GBM-00003_21"
    shutil.copy(tmp_path / "truth.nii.gz", upenn / "images_structural" / name / f"{name}_segm.nii.gz")
    cases = discover_cases(upenn)
    assert (cases[-1].name, cases[-1].patient) == (name, cases[-2].patient)


def test_a_scan_of_upenn_gbm_before_surgery_without_a_truth_is_named(upenn):
    (upenn / "images_segm" / "UPENN-GBM-00001_11_segm.nii.gz").unlink()
    with pytest.raises(InputError, match=r"1 of 3 cases cannot be used.*UPENN-GBM-00001_11: no segmentation"):
        discover_cases(upenn)


def test_upenn_gbm_with_its_truth_in_the_cases_folder(tmp_path, write_case, phantom):
    for name in ("UPENN-GBM-00055_11", "UPENN-GBM-00055_21"):
        write_case(tmp_path / name, UPENN)
    cases = discover_cases(tmp_path)
    assert [case.patient for case in cases] == ["UPENN-GBM-00055"] * 2
    assert_whole(cases[0], phantom)


def test_bids_and_longitudinal_folders_give_names_that_differ(tmp_path, write_case, phantom):
    bids = ("_T1w", "_ce-gadolinium_T1w", "_T2w", "_FLAIR", "_dseg")
    for subject, session in (("sub-01", "ses-1"), ("sub-01", "ses-2"), ("sub-02", "ses-1")):
        write_case(tmp_path / "bids" / subject / session / "anat", bids, name=f"{subject}_{session}")
        (tmp_path / "bids" / subject / session / "dwi").mkdir()
    (tmp_path / "bids" / "derivatives" / "sub-01").mkdir(parents=True)
    cases = discover_cases(tmp_path / "bids")
    assert names(cases) == ["sub-01_ses-1", "sub-01_ses-2", "sub-02_ses-1"]
    assert [case.patient for case in cases] == ["sub-01", "sub-01", "sub-02"]
    assert_whole(cases[2], phantom)
    for patient, visit in (("P1", "Timepoint_1"), ("P1", "Timepoint_2"), ("P2", "Timepoint_1")):
        write_case(tmp_path / "visits" / patient / visit)
    cases = discover_cases(tmp_path / "visits")
    assert [(case.name, case.patient) for case in cases] == [
        ("P1_Timepoint_1", "P1"), ("P1_Timepoint_2", "P1"), ("P2_Timepoint_1", "P2"),
    ]  # fmt: skip


# --- what cannot be used ----------------------------------------------------------------------------------------------
def make_case(folder: Path, endings: tuple[str, ...] = BRATS) -> Path:
    folder.mkdir(parents=True)
    for ending in endings:
        (folder / f"{folder.name}{ending}.nii.gz").write_bytes(b"x")
    return folder


def test_every_case_at_fault_is_named_at_once(tmp_path):
    make_case(tmp_path / "whole")
    make_case(tmp_path / "blind", BRATS[:4])
    make_case(tmp_path / "lame", BRATS[1:])
    (tmp_path / "bare").mkdir()
    with pytest.raises(InputError) as caught:
        discover_cases(tmp_path)
    text = str(caught.value)
    assert "3 of 4 cases cannot be used" in text and "\n" not in text
    assert "blind: no segmentation" in text and "lame: no file looks like T1 " in text
    assert "bare: holds no image; put the case's images there or remove the folder" in text


def test_cases_at_fault_may_be_told_one_by_one_and_the_others_given(tmp_path):
    make_case(tmp_path / "whole")
    make_case(tmp_path / "blind", BRATS[:4])
    told: list[Fault] = []
    assert names(discover_cases(tmp_path, on_fault=told.append)) == ["whole"]
    assert [fault.case for fault in told] == ["blind"] and str(tmp_path / "blind") in told[0].message
    shutil.rmtree(tmp_path / "whole")
    with pytest.raises(InputError, match="1 of 1 cases cannot be used"):
        discover_cases(tmp_path, on_fault=told.append)


def test_two_cases_with_one_name_are_both_named(tmp_path):
    first, second = make_case(tmp_path / "HGG" / "case1"), make_case(tmp_path / "LGG" / "case1")
    with pytest.raises(InputError) as caught:
        discover_cases(tmp_path)
    assert f"{first} and {second}: two cases have the name case1; rename or remove one" in str(caught.value)


def test_two_images_of_one_modality_are_named(tmp_path):
    make_case(tmp_path / "case1", (*BRATS, "_t1_post"))
    with pytest.raises(InputError, match=r"case1_t1_post\.nii\.gz and case1_t1ce\.nii\.gz both look like T1ce"):
        discover_cases(tmp_path)


def test_a_folder_without_cases_says_so(tmp_path):
    with pytest.raises(InputError, match="holds no case; give a folder with a subfolder for each case"):
        discover_cases(tmp_path)
    with pytest.raises(InputError, match="no such folder"):
        discover_cases(tmp_path / "gone")


def test_a_folder_of_dicom_files_is_named_as_such(tmp_path):
    (tmp_path / "P1").mkdir()
    (tmp_path / "P1" / "IM0001").write_bytes(bytes(128) + b"DICM" + bytes(40))
    with pytest.raises(InputError, match="P1: holds DICOM files; segment --dicom takes them"):
        discover_cases(tmp_path)
    with pytest.raises(InputError, match="P1: holds DICOM files; segment --dicom takes them"):
        discover_cases(tmp_path / "P1")


def test_a_cases_own_folder_is_no_data_set(tmp_path):
    with pytest.raises(InputError, match="holds no case"):
        discover_cases(make_case(tmp_path / "case1"))


# --- patients by a table ----------------------------------------------------------------------------------------------
def test_a_table_of_patients_goes_before_the_names(tmp_path):
    for name in ("BraTS-GLI-00005-000", "BraTS-GLI-00005-001", "BraTS2021_00001"):
        make_case(tmp_path / "data" / name)
    table = tmp_path / "patients.csv"
    table.write_text("case, patient\nBraTS2021_00001, BraTS-GLI-00005\nBraTS-GLI-00005-001,other\nelsewhere,p9\n")
    cases = discover_cases(tmp_path / "data", patients=table)
    assert [case.patient for case in cases] == ["BraTS-GLI-00005", "other", "BraTS-GLI-00005"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name;patient\na;b\n", "has no columns case and patient"),
        ("case,patient\nunknown,p1\n", "names none of the 1 cases, such as case1"),
        ("case,patient\ncase1,p1\ncase1,p2\n", "gives case1 no patient or two"),
        ("case,patient\ncase1,\n", "gives case1 no patient or two"),
        ("case,patient\n,p1\n", "gives a line without a case no patient or two"),
        (None, "cannot be read as CSV"),
    ],
)
def test_a_table_of_patients_that_cannot_be_followed_is_refused(tmp_path, text, message):
    make_case(tmp_path / "data" / "case1")
    table = tmp_path / "patients.csv"
    if text is not None:
        table.write_text(text)
    with pytest.raises(InputError, match=rf"patients\.csv: .*{message}"):
        discover_cases(tmp_path / "data", patients=table)


# --- the real ones ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("part", ["train", "validation", "cases"])
def test_the_real_list_gives_what_its_folders_hold(data_folder, part):
    listed = discover_cases(data_folder / "split.json", part)
    assert listed == discover_cases(data_folder / part)
    expected = sorted(json.loads((data_folder / "split.json").read_text())[part])
    assert names(listed) == expected
    # Each was examined once, as far as the names tell.
    assert len({case.patient for case in listed}) == len(expected) > 0


def test_a_folder_that_may_not_be_entered_is_named_with_the_cause(tmp_path, monkeypatch):
    (tmp_path / "closed").mkdir()

    def refuse(path, *_):
        raise PermissionError(errno.EACCES, "Permission denied", str(tmp_path / "closed"))

    monkeypatch.setattr("BrainTumorVAESegLib.cases.discovery.find_places", refuse)
    with pytest.raises(InputError, match=r"closed: may not be read"):
        discover_cases(tmp_path)
