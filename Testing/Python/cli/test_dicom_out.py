"""`braintumorvaeseg segment --dicom-out`: from images to objects that a PACS takes."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from BrainTumorVAESegLib.core.labels import LABELS
from BrainTumorVAESegLib.core.modalities import MODALITIES, Modality
from BrainTumorVAESegLib.images.reading import read_volume

pytest.importorskip("highdicom", reason="the extra [dicom] is not installed")
import pydicom
from dicomstudies import TAGS, edit, write_series, write_study

MODELS = Path(__file__).resolve().parents[3] / "BrainTumorVAESeg" / "Resources" / "Models"
NAMES = ["EXAM_labels.dcm", "EXAM_lesions.dcm", "EXAM_measures.dcm", "EXAM_regions.dcm"]

READER = """
import sys
import highdicom, numpy as np
seg = highdicom.seg.segread(sys.argv[1])
volume = seg.get_volume(combine_segments=True)
names = {int(item.SegmentNumber): str(item.SegmentLabel) for item in seg.SegmentSequence}
report = highdicom.sr.srread(sys.argv[2])
groups = report.content.get_volumetric_roi_measurement_groups()
print({"names": names, "affine": volume.affine.tolist(),
       "sources": [str(uid) for *_, uid in seg.get_source_image_uids()],
       "evidence": [[str(value) for value in each] for each in report.get_evidence()],
       "volumes": {str(group.tracking_identifier): group.get_measurements()[0].value for group in groups}})
np.save(sys.argv[3], volume.array)
"""


@pytest.fixture
def sent(tmp_path: Path) -> Path:
    """The folder for the DICOM objects, not made yet."""
    return tmp_path / "to-pacs"


def test_a_study_becomes_objects_that_hold_its_label_map(command, dicom_study: Path, out: Path, sent: Path) -> None:
    outcome = command("segment", "--dicom", dicom_study, "--out", out, "--dicom-out", sent)
    assert outcome.code == 0, outcome.err
    assert sorted(path.name for path in sent.iterdir()) == NAMES
    labels = read_volume(out / "EXAM_seg.nii.gz").array
    report = pydicom.dcmread(sent / "EXAM_measures.dcm")
    assert (report.Modality, str(report.PatientName)) == ("SR", "Doe^Jane")
    data = pydicom.dcmread(sent / "EXAM_labels.dcm")
    assert np.count_nonzero(data.pixel_array) == np.count_nonzero(labels) > 0
    assert len(data.ReferencedSeriesSequence) == 4  # the four that it was made from
    summary = json.loads((out / "EXAM.json").read_text())
    assert sorted(summary["dicom"]["files"].values()) == NAMES and summary["dicom"]["notes"] == []
    assert "Doe" not in (out / "EXAM.json").read_text()
    assert str(sent / "EXAM_regions.dcm") in outcome.out


def test_again_gives_the_same_uids_and_labelmap_where_it_is_asked_for(
    command, dicom_study: Path, out: Path, sent: Path
) -> None:
    call = ("segment", "--dicom", dicom_study, "--out", out, "--dicom-out", sent)
    assert command(*call).code == 0
    before = {name: pydicom.dcmread(sent / name).SOPInstanceUID for name in NAMES}
    outcome = command(*call)
    assert outcome.code == 7 and "exists already" in outcome.error
    assert command(*call, "--overwrite").code == 0
    assert {name: pydicom.dcmread(sent / name).SOPInstanceUID for name in NAMES} == before
    assert command(*call, "--overwrite", "--dicom-labelmap").code == 0
    assert pydicom.dcmread(sent / "EXAM_labels.dcm").SegmentationType == "LABELMAP"


def test_files_that_are_no_dicom_say_what_is_needed(command, case: Path, out: Path, sent: Path) -> None:
    outcome = command("segment", case, "--out", out, "--dicom-out", sent)
    assert outcome.code == 2
    assert "--dicom-out refers to the DICOM series that the images came from" in outcome.error
    assert "--dicom-reference FOLDER" in outcome.error
    assert not out.exists() and not sent.exists()


def test_files_with_the_series_that_they_came_from_become_objects(
    command, case: Path, dicom_study: Path, out: Path, sent: Path
) -> None:
    outcome = command("segment", case, "--out", out, "--dicom-out", sent, "--dicom-reference", dicom_study)
    assert outcome.code == 0, outcome.err
    (path,) = sent.glob("*_labels.dcm")
    assert [item.SeriesInstanceUID for item in pydicom.dcmread(path).ReferencedSeriesSequence] == [
        next(row["uid"] for row in command("dicom", "list", dicom_study, "--json").json if row["number"] == 7)
    ]


def test_a_reference_on_another_grid_is_named(
    command, case: Path, phantom, tmp_path: Path, out: Path, sent: Path
) -> None:
    volume = phantom.study[Modality.T1CE]
    moved = replace(volume, geometry=replace(volume.geometry, origin=(1.0, 2.0, 3.0)))
    write_series(moved, tmp_path / "other", **TAGS[Modality.T1CE])
    outcome = command("segment", case, "--out", out, "--dicom-out", sent, "--dicom-reference", tmp_path / "other")
    assert outcome.code == 3 and "none of its 1 series has the grid of the T1ce" in outcome.error
    assert not out.exists() and not sent.exists()


def test_an_instance_without_a_uid_stops_before_anything_is_computed(
    command, phantom, tmp_path: Path, out: Path, sent: Path
) -> None:
    write_study(phantom.study.volumes, tmp_path / "EXAM")
    series = (path for path in (tmp_path / "EXAM").iterdir() if pydicom.dcmread(path).SeriesNumber == 7)
    edit(next(series), SOPInstanceUID="")
    outcome = command("segment", "--dicom", tmp_path / "EXAM", "--out", out, "--dicom-out", sent)
    assert outcome.code == 3 and "has no SOPInstanceUID, so that no DICOM object can refer to it" in outcome.error
    assert "load the model" not in outcome.err
    assert not out.exists() and not sent.exists()
    assert command("segment", "--dicom", tmp_path / "EXAM", "--out", out).code == 0  # which needs no UID


def test_a_folder_of_another_examination_stays_as_it_is(
    command, phantom, dicom_study: Path, out: Path, sent: Path
) -> None:
    write_series(phantom.study[Modality.T1], sent, StudyInstanceUID="1.2.3")
    before = sorted(sent.iterdir())
    outcome = command("segment", "--dicom", dicom_study, "--out", out, "--dicom-out", sent)
    assert outcome.code == 7 and "holds DICOM files of another examination" in outcome.error
    assert sorted(sent.iterdir()) == before and not out.exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--dicom-reference", "x"], "--dicom-reference belongs to --dicom-out"),
        (["--dicom-labelmap"], "--dicom-labelmap belongs to --dicom-out"),
        (["--dicom-out", "x", "--dicom-reference", "x"], "--dicom names the series already"),
    ],
)
def test_options_that_do_not_go_together_are_one_line(
    command, dicom_study: Path, out: Path, arguments: list[str], said: str
) -> None:
    outcome = command("segment", "--dicom", dicom_study, "--out", out, *arguments)
    assert outcome.code == 2 and said in outcome.error and not out.exists()


def test_what_cannot_be_written_of_dicom_leaves_no_result_either(
    command, dicom_study: Path, out: Path, sent: Path
) -> None:
    (sent / "EXAM_regions.dcm").mkdir(parents=True)
    outcome = command("segment", "--dicom", dicom_study, "--out", out, "--dicom-out", sent, "--overwrite")
    assert outcome.code == 7 and "EXAM_regions.dcm: is a folder" in outcome.error
    assert not list(out.glob("*")) and [path.name for path in sent.iterdir()] == ["EXAM_regions.dcm"]


def test_where_no_tumor_is_found_the_report_says_so_alone(command, dicom_study: Path, out: Path, sent: Path) -> None:
    outcome = command("segment", "--dicom", dicom_study, "--model", "nothing", "--out", out, "--dicom-out", sent)
    assert outcome.code == 0, outcome.err
    assert [path.name for path in sent.iterdir()] == ["EXAM_measures.dcm"]
    assert "No tumor, so no DICOM segmentation: the report alone was written." in outcome.out


@pytest.mark.slow
def test_a_real_study_gives_the_overlay_of_its_nifti_files_and_objects_that_another_process_reads(
    command, data_folder: Path, tmp_path: Path, out: Path, sent: Path
) -> None:
    case = data_folder / "cases" / "BraTS2021_00006"
    study = tmp_path / "DISK1"
    volumes = {m: read_volume(case / f"{case.name}_{m.value.lower()}.nii.gz") for m in MODALITIES}
    for modality, volume in volumes.items():
        write_series(volume, study / "IMAGES" / f"SER{TAGS[modality]['SeriesNumber']:05d}", **TAGS[modality])
    write_series(volumes[Modality.T1], study / "IMAGES" / "SER00001", SeriesNumber=1, SeriesDescription="3-PL LOC")
    (study / "DICOMDIR").write_bytes(b"\0" * 128 + b"DICM")
    (study / "README.TXT").write_text("Viewer: start VIEWER.EXE\n" * 20)
    options = ("--model", MODELS / "fast", "--name", "P1", "--montage", "--dicom-out", sent)
    outcome = command("segment", "--dicom", study, *options, "--out", out)
    assert outcome.code == 0, outcome.err
    outcome = command("segment", case, "--model", MODELS / "fast", "--name", "P2", "--out", out)
    assert outcome.code == 0, outcome.err
    labels, nifti = (read_volume(out / f"{name}_seg.nii.gz") for name in ("P1", "P2"))
    assert labels.geometry.same_grid(nifti.geometry)
    assert np.count_nonzero(nifti.array) > 10_000
    both = np.count_nonzero((labels.array > 0) & (nifti.array > 0))
    assert 2 * both > 0.99 * (np.count_nonzero(labels.array) + np.count_nonzero(nifti.array))
    assert (out / "P1.png").stat().st_size > 50_000

    arguments = [sent / "P1_labels.dcm", sent / "P1_measures.dcm", tmp_path / "read.npy"]
    done = subprocess.run([sys.executable, "-c", READER, *arguments], capture_output=True, text=True, check=True)
    told = ast.literal_eval(done.stdout)
    values = {label.name: label.value for label in LABELS}
    numbers = np.array([0, *(values[told["names"][number]] for number in sorted(told["names"]))], np.uint8)
    filed = numbers[np.load(tmp_path / "read.npy")]
    to_grid = np.linalg.solve(labels.geometry.index_to_physical, np.array(told["affine"]))
    whole = np.zeros_like(labels.array)
    for index, picture in enumerate(filed):
        x, y, z, _ = to_grid @ (index, 0, 0, 1)
        assert max(abs(x), abs(y), abs(z - round(z))) < 1e-2
        whole[round(z)] = picture
    np.testing.assert_array_equal(whole, labels.array)

    images = [pydicom.dcmread(path, stop_before_pixels=True) for path in study.glob("IMAGES/*/*")]
    instances = {str(image.SOPInstanceUID) for image in images if image.SeriesNumber != 1}
    objects = {str(pydicom.dcmread(path).SOPInstanceUID) for path in sent.iterdir()}
    assert set(told["sources"]) == instances
    assert {instance for _, _, instance, _ in told["evidence"]} <= instances | objects
    measured = json.loads((out / "P1.json").read_text())["volumes_ml"]
    assert told["volumes"]["Whole tumor"] == pytest.approx(measured["WT"], abs=6e-4)
