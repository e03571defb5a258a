from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from BrainTumorVAESegLib.cases.reading import find_case_files, find_segmentation_file, read_case, read_study
from BrainTumorVAESegLib.core.errors import InputError
from BrainTumorVAESegLib.core.modalities import MODALITIES, Modality


def test_a_study_is_read_with_its_names(small_study, write_study, tmp_path):
    files = write_study(small_study)
    study = read_case(tmp_path / "case")
    assert study.name == "case" and study.reference is Modality.T1CE and not study.missing
    for modality in MODALITIES:
        np.testing.assert_array_equal(study[modality].array, small_study[modality].array)
        assert study[modality].source == str(files[modality])


def test_a_study_without_a_modality_says_which(small_study, write_study):
    files = write_study(small_study)
    del files[Modality.T2], files[Modality.FLAIR]
    with pytest.raises(InputError, match="T2, FLAIR are missing; give T1, T1ce, T2 and FLAIR"):
        read_study(files)


def test_a_study_is_read_without_what_may_be_absent(small_study, write_study, tmp_path):
    files = write_study(small_study)
    for modality in (Modality.T1CE, Modality.T2):
        files.pop(modality).unlink()
    study = read_case(tmp_path / "case", optional=MODALITIES)
    assert study.missing == (Modality.T1CE, Modality.T2) and study.reference is Modality.FLAIR
    np.testing.assert_array_equal(study[Modality.T1].array, small_study[Modality.T1].array)
    assert read_study(files, Modality.T1, optional=MODALITIES).reference is Modality.T1
    with pytest.raises(InputError, match="T1ce is missing; give T1, T1ce and FLAIR"):
        read_study(files, optional=(Modality.T2,))
    with pytest.raises(InputError, match="reference T1ce is not among"):
        read_study(files, Modality.T1CE, optional=MODALITIES)


def test_a_bad_file_of_a_study_names_itself(small_study, write_study):
    files = write_study(small_study)
    files[Modality.T2].write_bytes(files[Modality.T2].read_bytes()[:5000])
    with pytest.raises(InputError, match=r"case_t2\.nii\.gz: is damaged or truncated"):
        read_study(files)


def make_folder(folder: Path, *names: str) -> Path:
    folder.mkdir()
    for name in names:
        (folder / name).write_bytes(b"x")
    return folder


FOUR = ("p_t1.nii.gz", "p_t1ce.nii.gz", "p_t2.nii.gz", "p_flair.nii.gz")


def test_a_folder_may_hold_a_segmentation_and_other_files(tmp_path):
    folder = make_folder(tmp_path / "case", *FOUR, "p_seg.nii.gz", "notes.txt", ".p_t1.nii.gz", "p_adc.nii.gz")
    (folder / "p_t2_dicom").mkdir()
    assert find_case_files(folder) == dict(zip(MODALITIES, (folder / name for name in FOUR), strict=True))
    assert find_segmentation_file(folder) == folder / "p_seg.nii.gz"


def test_a_modality_twice_in_a_folder_names_both_files(tmp_path):
    folder = make_folder(tmp_path / "case", *FOUR, "p_t1_post.nii.gz")
    with pytest.raises(InputError, match=r"p_t1_post\.nii\.gz and p_t1ce\.nii\.gz both look like T1ce; name the four"):
        find_case_files(folder)


def test_a_modality_that_may_be_absent_is_not_missed_in_a_folder(tmp_path):
    folder = make_folder(tmp_path / "case", FOUR[0], FOUR[3])
    expected = {Modality.T1: folder / FOUR[0], Modality.FLAIR: folder / FOUR[3]}
    assert find_case_files(folder, optional=MODALITIES) == expected
    with pytest.raises(InputError, match=r"no file looks like T2 \(found"):
        find_case_files(folder, optional=(Modality.T1CE,))


def test_a_folder_without_any_image_is_refused_whatever_may_be_absent(tmp_path):
    with pytest.raises(InputError, match="no file looks like T1, T1ce, T2, FLAIR"):
        find_case_files(make_folder(tmp_path / "case", "p_adc.nii.gz"), optional=MODALITIES)


def test_a_modality_missing_in_a_folder_names_what_is_there(tmp_path):
    folder = make_folder(tmp_path / "case", *FOUR[:3])
    with pytest.raises(InputError, match=r"no file looks like FLAIR \(found: p_t1\.nii\.gz.*name the four files"):
        find_case_files(folder)


@pytest.mark.parametrize("names", [(), ("a.txt",), ("1.dcm", "2.dcm")])
def test_a_folder_without_images_says_so(tmp_path, names):
    folder = make_folder(tmp_path / "case", *names)
    with pytest.raises(InputError, match="no image at all"):
        find_case_files(folder)
    assert find_segmentation_file(folder) is None


def test_a_folder_that_is_none_is_named(tmp_path):
    with pytest.raises(InputError, match=r"gone: no such folder; give"):
        find_case_files(tmp_path / "gone")


def test_a_brain_mask_beside_the_segmentation_is_left_out(tmp_path):
    folder = make_folder(tmp_path / "case", *FOUR, "p_tumor_seg.nii.gz", "p_brain_mask.nii.gz")
    assert find_segmentation_file(folder) == folder / "p_tumor_seg.nii.gz"


def test_a_brain_mask_alone_is_no_ground_truth(tmp_path):
    folder = make_folder(tmp_path / "case", *FOUR, "p_T1_brainmask.nii.gz")
    assert find_segmentation_file(folder) is None
    assert find_case_files(folder)[Modality.T1] == folder / FOUR[0]


def test_a_session_of_bids_holds_its_images_one_folder_below(tmp_path):
    (tmp_path / "sub-01").mkdir()
    (tmp_path / "sub-01/ses-1").mkdir()
    names = [f"sub-01_ses-1_{ending}.nii.gz" for ending in ("T1w", "ce-gadolinium_T1w", "T2w", "FLAIR", "dseg")]
    folder = make_folder(tmp_path / "sub-01/ses-1/anat", *names)
    assert find_case_files(folder.parent) == dict(zip(MODALITIES, (folder / name for name in names), strict=False))
    assert find_segmentation_file(folder.parent) == folder / names[4]


def test_two_segmentations_are_not_chosen_between(tmp_path):
    folder = make_folder(tmp_path / "case", *FOUR, "p_seg.nii.gz", "q_seg.nii.gz")
    with pytest.raises(InputError, match=r"p_seg\.nii\.gz, q_seg\.nii\.gz all look like a segmentation; keep one"):
        find_segmentation_file(folder)


def test_a_folder_of_dicom_files_is_named_as_such(tmp_path):
    (tmp_path / "IM0001").write_bytes(bytes(128) + b"DICM" + bytes(40))
    with pytest.raises(InputError, match="holds DICOM files; segment --dicom takes them"):
        find_case_files(tmp_path)


def test_a_file_in_a_folders_place_is_no_folder_that_is_missing(tmp_path):
    file = tmp_path / "IM0001"
    file.write_bytes(bytes(128) + b"DICM" + bytes(40))
    with pytest.raises(InputError, match="IM0001: is a file, no folder; give the folder that holds"):
        find_case_files(file)


def test_a_link_to_nothing_in_a_cases_folder_is_told_as_such(tmp_path):
    for name in ("a_t1.nii", "a_t1ce.nii", "a_t2.nii", "a_flair.nii"):
        (tmp_path / name).symlink_to(tmp_path / "gone" / name)
    with pytest.raises(InputError, match=r"a_t1\.nii: is a link to .*gone/a_t1\.nii, which does not exist"):
        read_case(tmp_path)


def test_a_cases_folder_that_may_not_be_entered_is_no_missing_one(tmp_path, monkeypatch):
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "listdir", refuse)
    with pytest.raises(InputError, match="may not be read; check who may read it and its folders"):
        find_case_files(tmp_path)
