from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from BrainTumorVAESegLib.cases.searching import find_cases
from BrainTumorVAESegLib.core.geometry import Geometry
from BrainTumorVAESegLib.core.modalities import MODALITIES
from BrainTumorVAESegLib.core.volume import Volume
from dicomstudies import TAGS, write_series

SHAPE = (24, 6, 5)
VOLUME = Volume(np.arange(720, dtype=np.float32).reshape(SHAPE), Geometry(SHAPE[::-1], (1.0, 1.0, 5.0), (0, 0, 0)))


def _study(folder: Path, uid: str, apart: bool = True) -> Path:
    """Write four series, each in a folder of its own or all in one."""
    for modality in MODALITIES:
        place = folder / modality.value if apart else folder
        place.mkdir(parents=True, exist_ok=True)
        write_series(VOLUME, place, **{**TAGS[modality], "StudyInstanceUID": uid})
    return folder


@pytest.mark.parametrize("apart", [True, False])
def test_a_folder_of_dicom_studies_has_a_case_for_each(tmp_path, apart):
    for name, uid in (("P1", "1.2.3"), ("P2", "1.2.4")):
        _study(tmp_path / name, uid, apart)
    cases, faults = find_cases([tmp_path])
    assert ([case.name for case in cases], faults) == (["P1", "P2"], [])
    assert [case.dicom for case in cases] == [tmp_path / "P1", tmp_path / "P2"]
    assert [*cases[0].choose_series().series] == [*MODALITIES]


def test_a_folder_that_is_one_study_is_a_case(tmp_path):
    folder = _study(tmp_path / "P1", "1.2.3", apart=False)
    assert [(case.name, case.dicom) for case in find_cases([folder])[0]] == [("P1", folder)]


def test_two_visits_of_a_patient_are_two_cases(tmp_path):
    for visit, uid in (("20200101", "1.2.3"), ("20210101", "1.2.4")):
        _study(tmp_path / "P1" / visit, uid)
    assert [case.name for case in find_cases([tmp_path])[0]] == ["P1_20200101", "P1_20210101"]


def test_studies_and_image_files_may_lie_side_by_side(tmp_path):
    _study(tmp_path / "dicom", "1.2.3")
    (tmp_path / "files").mkdir()
    for ending in ("t1", "t1ce", "t2", "flair"):
        (tmp_path / "files" / f"{ending}.nii.gz").write_bytes(b"x")
    assert [case.name for case in find_cases([tmp_path])[0]] == ["dicom", "files"]


def test_a_list_may_name_folders_of_dicom(tmp_path):
    _study(tmp_path / "x" / "y", "1.2.3")
    (tmp_path / "list.csv").write_text("case,dicom\nfirst,x/y\n")
    (case,) = find_cases([tmp_path / "list.csv"])[0]
    assert (case.name, case.dicom) == ("first", tmp_path / "x" / "y")
