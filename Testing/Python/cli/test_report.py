"""`braintumorvaeseg segment --report` and `braintumorvaeseg report`: the page beside results, and of stored ones."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("jinja2", reason="the extra [report] is not installed")

from BrainTumorVAESegLib.images.reading import read_volume
from BrainTumorVAESegLib.images.writing import write_volume
from BrainTumorVAESegLib.reporting.report import view3d

PAGE = "PATIENT-1_report.html"


@pytest.fixture(autouse=True)
def without_vtk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw nothing in 3D, which takes seconds."""
    monkeypatch.setattr(view3d, "find_spec", lambda name: None)


@pytest.fixture
def result(command, case: Path, out: Path) -> Path:
    """A stored result's folder, without a report."""
    assert command("segment", case, "--out", out).code == 0
    return out


def text_of(folder: Path) -> str:
    return re.sub(r'"data:[^"]*"', '""', (folder / PAGE).read_text("utf-8"))


def test_segment_writes_the_report_beside_its_results(command, case: Path, out: Path) -> None:
    outcome = command("segment", case, "--out", out, "--report", "--json")
    assert outcome.code == 0, outcome.err
    assert outcome.json["files"]["report"] == PAGE
    page = text_of(out)
    assert f"{outcome.json['volumes_ml']['WT']:.1f}" in page and "all-edema 1.2.3" in page
    assert "PATIENT-1" not in page and "The model in brief" in page


def test_options_of_the_report_are_passed_on_and_ask_for_it(command, case: Path, out: Path) -> None:
    outcome = command("segment", case, "--out", out, "--report", "--language", "zh", "--identify")
    assert outcome.code == 0 and "脑肿瘤分割报告" in text_of(out) and "PATIENT-1_t1.nii.gz" in text_of(out)
    outcome = command("segment", case, "--out", out, "--overwrite", "--identify")
    assert outcome.code == 2 and "give --report as well" in outcome.error


def test_a_report_left_by_an_earlier_result_is_told(command, case: Path, out: Path) -> None:
    command("segment", case, "--out", out, "--report")
    outcome = command("segment", case, "--out", out, "--overwrite")
    assert outcome.code == 0 and f"{PAGE} is the report of an earlier result; --report writes it anew." in outcome.err


def test_another_cases_report_stops_segment_before_it_computes(command, case: Path, out: Path, tmp_path: Path) -> None:
    command("segment", case, "--out", out, "--report")
    other = tmp_path / "other"
    shutil.copytree(case, other)
    volume = read_volume(other / "PATIENT-1_t1ce.nii.gz")
    write_volume(type(volume)(volume.array * np.float32(1.5), volume.geometry), other / "PATIENT-1_t1ce.nii.gz")
    outcome = command("segment", other, "--out", out, "--name", "PATIENT-1", "--report", "--overwrite")
    assert outcome.code == 7 and "is the report of another case" in outcome.error
    assert "stage 1" not in outcome.err


def test_a_stored_result_gets_its_report_by_its_folder_or_file(command, case: Path, result: Path) -> None:
    outcome = command("report", result, case)
    assert outcome.code == 0, outcome.err
    assert outcome.out == f"written    {result / PAGE}\n" and "all-edema 1.2.3" in text_of(result)
    again = command("report", result / "PATIENT-1.json", case)
    assert again.code == 7 and "exists already; give --overwrite" in again.error
    assert command("report", result / "PATIENT-1.json", case, "--overwrite", "--json").json["files"] == [PAGE]


def test_another_mask_of_the_same_volumes_is_known_as_edited(command, case: Path, result: Path) -> None:
    path = result / "PATIENT-1_seg.nii.gz"
    labels = read_volume(path)
    array = np.roll(labels.array, 1, axis=2)
    write_volume(type(labels)(array, labels.geometry), path)
    assert command("report", result, case).code == 0
    assert "The mask was edited after it was segmented" in text_of(result)
    write_volume(labels, path)
    assert command("report", result, case, "--overwrite").code == 0
    assert "The mask was edited after it was segmented" not in text_of(result)


def test_an_edited_label_map_is_measured_anew(command, case: Path, result: Path) -> None:
    path = result / "PATIENT-1_seg.nii.gz"
    labels = read_volume(path)
    array = labels.array.copy()
    array[:13] = 0
    write_volume(type(labels)(array, labels.geometry), path)
    assert command("report", result, case).code == 0
    assert "The mask was edited after it was segmented" in text_of(result)


def test_what_a_report_needs_and_is_not_there_is_named(command, case: Path, result: Path, tmp_path: Path) -> None:
    outcome = command("report", result)
    assert outcome.code == 3 and "PATIENT-1_flair.nii.gz: the image that PATIENT-1.json was made from" in outcome.error
    shutil.copy(case / "PATIENT-1_t1.nii.gz", tmp_path / "PATIENT-1_t1.nii.gz")
    outcome = command("report", tmp_path, case)
    assert outcome.code == 3 and "holds no result of segment" in outcome.error
    (tmp_path / "IM0001").write_bytes(bytes(128) + b"DICM" + bytes(40))
    assert "holds DICOM files; segment --dicom takes them" in command("report", tmp_path, case).error
    (result / "second.json").write_text((result / "PATIENT-1.json").read_text())
    outcome = command("report", result, case)
    assert outcome.code == 3 and "holds several results (PATIENT-1.json, second.json); name one" in outcome.error


def test_a_report_is_made_without_the_package_that_is_gone(command, case: Path, result: Path, shipped: Path) -> None:
    shutil.rmtree(shipped / "all-edema")
    assert command("report", result, case).code == 0
    assert "The package is not at hand" in text_of(result)


def test_a_result_that_is_damaged_is_refused_in_a_line(command, case: Path, result: Path) -> None:
    path = result / "PATIENT-1.json"
    stored = json.loads(path.read_text())
    for values in ("[" * 100_000, "{}", json.dumps({**stored, "images": {"X": {}}})):
        path.write_text(values)
        outcome = command("report", path, case)
        assert outcome.code == 3 and "give the NAME.json that segment wrote, or its folder" in outcome.error


def test_a_dicom_patient_is_named_only_where_it_is_asked_for(command, phantom, out: Path, tmp_path: Path) -> None:
    pytest.importorskip("pydicom", reason="the extra [dicom] is not installed")
    from dicomstudies import write_study

    tags = {"PatientName": "DOE^JANE", "PatientID": "4711", "PatientBirthDate": "19500102", "StudyDate": "20260101"}
    folder = tmp_path / "DOE_JANE"
    write_study(phantom.study.volumes, folder, **{modality.name: tags for modality in phantom.study})
    assert command("segment", "--dicom", folder, "--out", out, "--report").code == 0
    page = (out / "DOE_JANE_report.html").read_text("utf-8")
    bare = re.sub(r'"data:[^"]*"', '""', page)
    assert not re.search("DOE|JANE|4711|1950", bare) and "AX T1 SE POST GAD" in bare
    assert command("report", out, folder, "--identify", "--overwrite").code == 0
    told = re.sub(r"<[^>]*>", " ", (out / "DOE_JANE_report.html").read_text("utf-8"))
    assert re.search(r"Patient\s+DOE JANE\s+Patient ID\s+4711\s+Born\s+1950-01-02\s+Examined\s+2026-01-01", told)
