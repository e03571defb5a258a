"""Which files a case is made of, and what it is called."""

from __future__ import annotations

from pathlib import Path

import pytest
from BrainTumorVAESegLib.cli.support.inputs import shared_name


@pytest.mark.parametrize(
    ("names", "shared"),
    [
        (["A_01_t1.nii.gz", "A_01_t1ce.nii.gz", "A_01_t2.nii.gz", "A_01_flair.nii.gz"], "A_01"),
        (["SSA-7-000-t1n.nii", "SSA-7-000-t1c.nii", "SSA-7-000-t2w.nii", "SSA-7-000-t2f.nii"], "SSA-7-000"),
        (["10.2.t1.nrrd", "10.2.t1ce.nrrd", "10.2.t2.nrrd", "10.2.flair.nrrd"], "10.2"),
        (["t1.nii.gz", "t1ce.nii.gz", "t2.nii.gz", "flair.nii.gz"], "PATIENT 1"),
        (["t1_A.mha", "t2_A.mha"], "PATIENT 1"),
        (["same.nii", "same.nii.gz"], "same"),
    ],
)
def test_a_case_is_named_by_the_words_that_its_files_share_or_by_their_folder(names, shared, tmp_path) -> None:
    assert shared_name([tmp_path / "PATIENT 1" / name for name in names]) == shared


def test_files_that_share_neither_words_nor_folder_make_a_case_of_no_name(tmp_path: Path) -> None:
    assert shared_name([tmp_path / "a" / "t1.nii", tmp_path / "b" / "t2.nii"]) == "case"
