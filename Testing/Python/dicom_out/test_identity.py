"""Patient and study carried over: every script, and nothing that DICOM does not allow."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pydicom
import pytest
from BrainTumorVAESegLib.dicom_out.answers import Answer
from BrainTumorVAESegLib.dicom_out.sources import Source
from BrainTumorVAESegLib.dicom_out.writing import write_dicom


def written(answer: Answer, source: Source, folder: Path) -> list[pydicom.Dataset]:
    return [pydicom.dcmread(path) for path in write_dicom(answer, source, folder, "P1").values()]


def test_patient_and_study_are_the_series_own(answer: Answer, source: Source, tmp_path: Path) -> None:
    for data in written(answer, source, tmp_path / "out"):
        assert (data.PatientID, data.PatientName, data.PatientBirthDate, data.PatientSex) == (
            "P1", "Doe^Jane", "19610203", "F",
        )  # fmt: skip
        assert (data.StudyID, data.AccessionNumber, data.StudyDate, data.StudyTime) == (
            "17", "A-4711", "20260102", "100000",
        )  # fmt: skip


@pytest.mark.parametrize(
    ("charset", "name"),
    [
        ("ISO_IR 192", "王^小东"),
        ("GB18030", "王^小东=Wang^XiaoDong"),
        ("ISO_IR 100", "Müller^Jürgen"),
        (["", "ISO 2022 IR 87"], "Yamada^Tarou=山田^太郎=やまだ^たろう"),
        ("ISO_IR 192", "<b>O'Neil</b>^\"&;"),
    ],
)
def test_a_name_of_any_script_is_kept(
    answer: Answer, make_source: Callable[..., Source], tmp_path: Path, charset: str, name: str
) -> None:
    source = make_source(SpecificCharacterSet=charset, PatientName=name)
    assert source.notes == ()
    for data in written(answer, source, tmp_path / "out"):
        assert str(data.PatientName) == name


@pytest.mark.filterwarnings("ignore:Invalid value for VR", "ignore:The value length")
@pytest.mark.parametrize(
    ("keyword", "value", "kept"),
    [
        ("PatientName", "Doe^\x1b[2JJane\n", "Doe^[2JJane"),
        ("PatientID", "P\x001\r\n", "P1"),
        ("PatientID", "x" * 70, "x" * 64),
        ("PatientBirthDate", "19611340", ""),
        ("PatientSex", "female", ""),
        ("StudyTime", "25:00", ""),
        ("StudyID", "a\\b", "a b"),
        ("PatientAge", "old", None),
    ],
)
def test_what_dicom_does_not_allow_is_left_out_and_said(
    answer: Answer, make_source: Callable[..., Source], tmp_path: Path, keyword: str, value: str, kept: str | None
) -> None:
    source = make_source(**{keyword: value})
    assert source.notes == (
        f"series 7 (AX T1 POST GAD): {keyword} holds what DICOM does not allow there, which was not carried over.",
    )
    for data in written(answer, source, tmp_path / "out"):
        assert (str(data[keyword].value) if kept is not None else data.get(keyword)) == kept


def test_a_series_that_tells_nothing_of_the_patient_is_no_hindrance(
    answer: Answer, make_source: Callable[..., Source], tmp_path: Path
) -> None:
    silent = dict.fromkeys(("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyDate", "StudyID"), "")
    for data in written(answer, make_source(**silent), tmp_path / "out"):
        assert not data.PatientName and data.PatientSex == ""
