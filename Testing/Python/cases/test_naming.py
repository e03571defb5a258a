"""What a case is called by its folders."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from BrainTumorVAESegLib.cases.naming import case_name, case_parts


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("data/BraTS2021_00006", "BraTS2021_00006"),
        ("data/sub-01/ses-1/anat", "sub-01_ses-1"),
        ("data/sub-01/ses-pre", "sub-01_ses-pre"),
        ("data/sub-01/anat", "sub-01"),
        ("data/P1/Timepoint_1", "P1_Timepoint_1"),
        ("data/Patient-001/week-000-1", "Patient-001_week-000-1"),
        ("data/Patient-001/2004-05-31", "Patient-001_2004-05-31"),
        ("data/P1/baseline/nifti", "P1_baseline"),
        ("data/P1/Visit 2", "P1_Visit 2"),
        ("data/RHUH-0001/0", "RHUH-0001_0"),
        ("data/12", "12"),
        ("data/timing", "timing"),
        ("data/scanner7", "scanner7"),
        ("data/a/../b", "b"),
    ],
)
def test_a_folder_of_a_visit_is_called_by_its_patient_too(folder, name):
    assert case_name(Path("/somewhere") / folder) == name
    assert case_parts(Path("/somewhere") / folder)[-1] in name


def test_a_folder_given_by_a_link_keeps_its_given_name(tmp_path, monkeypatch):
    (tmp_path / "0f3a").mkdir()
    os.symlink(tmp_path / "0f3a", tmp_path / "PATIENT-1")
    assert case_name(tmp_path / "PATIENT-1") == "PATIENT-1"
    monkeypatch.chdir(tmp_path / "0f3a")
    assert case_name(Path()) == "0f3a"
