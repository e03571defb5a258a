"""Label maps of two folders by the names of their cases."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path

import pytest
from BrainTumorVAESegLib.core.errors import InputError
from BrainTumorVAESegLib.evaluation.pairing import pair_folders


@pytest.fixture
def folders(tmp_path) -> Callable[[str, str], tuple[Path, Path]]:
    """Make a folder of predictions and one of truths that hold these files (words), empty ones, and return both."""

    def make(predictions: str, truth: str) -> tuple[Path, Path]:
        places = tmp_path / "predictions", tmp_path / "truth"
        for place, names in zip(places, (predictions, truth), strict=True):
            place.mkdir()
            for name in names.split():
                (place / name).parent.mkdir(parents=True, exist_ok=True)
                (place / name).touch()
        return places

    return make


@pytest.mark.parametrize(
    ("predictions", "truth"),
    [
        ("A_seg.nii.gz A.seg.nrrd A.json A.png A_probabilities.nii.gz", "A_seg.nii.gz A_t1.nii.gz A_flair.nii.gz"),
        ("A.nii.gz", "A/A_seg.nii.gz A/A_t1ce.nii.gz A/A_brain_mask.nii.gz"),
        ("A/A_seg.nii.gz A/A.seg.nrrd A/A_probabilities.nii.gz", "A/A-seg.nii A/A-t1n.nii A/A-t2f.nii"),
        ("A/prediction.mha A/log.txt", "A_segm.nii.gz"),
        ("A_pred.nrrd", "A_final_seg.nii.gz"),
        ("seg_A.nii", "A.label.nii.gz .A.nii.gz"),
        ("A/labels.nii.gz", "A/A_gt.nii.gz empty/notes.txt"),
        ("A.seg.nrrd", "A/A.seg.nrrd A/A_T1_brainmask.nii.gz A/A_t1.nrrd"),
        ("A_tumorMask.nii.gz A.seg.nrrd A_brainmask.nii.gz", "A_dseg.nii.gz"),
    ],
)
def test_a_case_is_found_by_every_usual_name(folders, predictions, truth):
    mine, theirs = folders(predictions, truth)
    [pair] = pair_folders(mine, theirs)
    assert pair.name == "A"
    assert pair.prediction == mine / predictions.split()[0]
    assert pair.truth == theirs / truth.split()[0]


@pytest.mark.parametrize("case", ["BraTS2021_00006", "BraTS-SSA-00074-000", "UPENN-GBM-00001_11", "BRATS_001", "P-T1"])
def test_names_of_data_sets_are_kept_whole(folders, case):
    mine, theirs = folders(f"{case}.nii.gz", f"{case}_seg.nii.gz {case}_t1.nii.gz")
    assert [pair.name for pair in pair_folders(mine, theirs)] == [case]


def test_the_visits_of_patients_are_cases_of_their_own(folders):
    mine, theirs = folders(
        "P1_Timepoint_1.nii.gz P1_Timepoint_2.nii.gz sub-01_ses-1_seg.nii.gz",
        "P1/Timepoint_1/seg.nii.gz P1/Timepoint_2/seg.nii.gz sub-01/ses-1/anat/sub-01_ses-1_dseg.nii.gz",
    )
    assert [pair.name for pair in pair_folders(mine, theirs)] == ["P1_Timepoint_1", "P1_Timepoint_2", "sub-01_ses-1"]


def test_cases_come_by_name(folders):
    mine, theirs = folders("C.nii B.nii.gz A/seg.nii", "A.nii B_seg.nii C/C_seg.nii.gz")
    assert [pair.name for pair in pair_folders(mine, theirs)] == ["A", "B", "C"]


def test_missing_and_superfluous_cases_are_named(folders):
    mine, theirs = folders("A.nii X.nii.gz Y/Y_seg.nii", "A_seg.nii B_seg.nii C_seg.nii")
    with pytest.raises(InputError, match="no prediction for B, C; no ground truth for X, Y; complete them"):
        pair_folders(mine, theirs)
    assert [pair.name for pair in pair_folders(mine, theirs, partial=True)] == ["A"]


def test_a_case_that_two_files_claim_is_named(folders):
    mine, theirs = folders("A.nii B_seg.nii B/B_seg.nii.gz", "A/one_seg.nii A/two_seg.nii B.nii")
    with pytest.raises(InputError) as caught:
        pair_folders(mine, theirs)
    message = str(caught.value)
    assert f"B by {mine / 'B' / 'B_seg.nii.gz'} and {mine / 'B_seg.nii'}" in message
    assert f"A by {theirs / 'A' / 'one_seg.nii'} and {theirs / 'A' / 'two_seg.nii'}" in message
    assert "\n" not in message


def test_folders_without_a_common_case_name_what_they_hold(folders):
    mine, theirs = folders("A.nii", "B_seg.nii")
    with pytest.raises(InputError, match=r"\(A\) and .*truth \(B\) have no case in common"):
        pair_folders(mine, theirs, partial=True)


def test_folders_that_hold_nothing_or_are_none_are_refused(folders, tmp_path):
    mine, theirs = folders("notes.txt A_t1.seg.txt", "A_seg.nii")
    with pytest.raises(InputError, match=r"predictions \(no label map\)"):
        pair_folders(mine, theirs)
    with pytest.raises(InputError, match="gone: no such folder"):
        pair_folders(tmp_path / "gone", theirs)
    with pytest.raises(InputError, match=r"A_seg\.nii: is a file, no folder; give one"):
        pair_folders(theirs / "A_seg.nii", theirs)


def test_of_very_many_cases_the_first_are_named(folders):
    mine, theirs = folders("case-00.nii", " ".join(f"case-{n:02}.nii" for n in range(60)))
    with pytest.raises(InputError, match=r"case-01, case-02.*case-20 and 39 more; complete"):
        pair_folders(mine, theirs)


def test_a_folder_that_may_not_be_entered_is_named_with_the_cause(tmp_path, monkeypatch):
    def refuse(path):
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(InputError, match=rf"{tmp_path}: .*may not be read"):
        pair_folders(tmp_path, tmp_path)
