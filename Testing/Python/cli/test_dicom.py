"""`braintumorvaeseg dicom list` and `segment --dicom`: from a folder of DICOM files to labels."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from BrainTumorVAESegLib.core.modalities import MODALITIES, Modality
from BrainTumorVAESegLib.images.reading import read_volume

pytest.importorskip("pydicom", reason="the extra [dicom] is not installed")
from dicomstudies import write_series, write_study


def test_the_series_are_listed_with_what_each_is_and_why(command, dicom_study: Path) -> None:
    outcome = command("dicom", "list", dicom_study)
    assert outcome.code == 0, outcome.err
    rows = [line.split() for line in outcome.out.splitlines()]
    assert ["3", "AX", "T1", "SE", "open", "T1", "26"] in [row[:7] for row in rows]
    assert "its description says T1, not whether contrast agent was given" in outcome.out


def test_machines_get_the_list_as_json(command, dicom_study: Path) -> None:
    rows = command("dicom", "list", dicom_study, "--json").json
    assert [(row["number"], row["class"], row["taken_as"]) for row in rows] == [
        (1, "other", None), (3, "open", "T1"), (4, "T2", "T2"), (5, "FLAIR", "FLAIR"), (7, "T1ce", "T1ce"),
    ]  # fmt: skip
    assert rows[3]["ti_ms"] == 2500 and rows[1]["could_be"] == ["T1", "T1ce"]


def test_several_patients_are_listed_and_not_segmented(command, phantom, tmp_path: Path, out: Path) -> None:
    write_series(phantom.study[Modality.T1], tmp_path / "a", PatientID="P1")
    write_series(phantom.study[Modality.T1], tmp_path / "b", PatientID="P2")
    rows = command("dicom", "list", tmp_path, "--json").json
    assert {row["patient"] for row in rows} == {"P1", "P2"}
    outcome = command("segment", "--dicom", tmp_path, "--out", out)
    assert outcome.code == 3 and "holds 2 patients" in outcome.error and not out.exists()


def test_a_study_becomes_labels_on_the_grid_of_its_t1ce(command, dicom_study: Path, out: Path, phantom) -> None:
    outcome = command("segment", "--dicom", dicom_study, "--out", out)
    assert outcome.code == 0, outcome.err
    labels = read_volume(out / "EXAM_seg.nii.gz")
    assert labels.geometry.same_grid(phantom.study.reference_volume.geometry)
    brain = np.any([phantom.study[modality].array != 0 for modality in phantom.study], axis=0)
    assert np.mean((labels.array == 2) == brain) > 0.999  # 12 bits lose the faintest voxels
    for modality in MODALITIES:
        assert f"{modality}: series " in outcome.err
    told = json.loads((out / "EXAM.json").read_text())["images"]
    assert {name: image["series"] for name, image in told.items()} == {"T1": 3, "T1ce": 7, "T2": 4, "FLAIR": 5}
    assert all(len(image["sha256"]) == 64 for image in told.values())


def test_a_series_can_be_named_by_hand(command, dicom_study: Path, out: Path) -> None:
    uid = next(row["uid"] for row in command("dicom", "list", dicom_study, "--json").json if row["number"] == 1)
    outcome = command("segment", "--dicom", dicom_study, "--t1", uid, "--name", "P1", "--out", out)
    assert outcome.code == 0, outcome.err
    assert json.loads((out / "P1.json").read_text())["images"]["T1"]["description"] == "3-PL LOC"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--t1", "99"], "T1: no series has the UID or number 99; dicom list shows the series."),
        (["--t1", "3", "--t1", "4"], "T1 was given twice"),
        (["case"], "--dicom goes with neither a case's folder nor --frames"),
        (["--name", "../x"], "cannot begin a file's name"),
    ],
)
def test_what_is_given_wrongly_is_one_line(command, dicom_study: Path, out: Path, arguments, said: str) -> None:
    outcome = command("segment", *arguments, "--dicom", dicom_study, "--out", out)
    assert outcome.code in (2, 3) and said in outcome.error and not out.exists()


def test_voxels_that_cannot_be_read_leave_nothing(command, phantom, tmp_path: Path, out: Path) -> None:
    write_study(phantom.study.volumes, tmp_path / "study")
    path = next((tmp_path / "study").glob("*_9.dcm"))
    path.write_bytes(path.read_bytes()[:-100])
    outcome = command("segment", "--dicom", tmp_path / "study", "--out", out)
    assert outcome.code == 3 and "its voxels cannot be read" in outcome.error
    assert not list(out.glob("*"))


def test_a_folder_of_dicom_files_given_as_a_case_says_what_takes_it(command, dicom_study: Path, out: Path) -> None:
    outcome = command("segment", dicom_study, "--out", out)
    assert outcome.code == 3 and "segment --dicom takes them" in outcome.error
