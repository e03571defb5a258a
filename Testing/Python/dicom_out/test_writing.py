"""An answer to DICOM objects: read back equal, referring to what is there, the same each time, all or none."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest
from BrainTumorVAESegLib.core.errors import DependencyError, InputError, OutputError
from BrainTumorVAESegLib.core.geometry import Geometry
from BrainTumorVAESegLib.core.labels import LABELS, REGIONS, channels_from_labels
from BrainTumorVAESegLib.core.volume import Volume
from BrainTumorVAESegLib.dicom_out.answers import Answer
from BrainTumorVAESegLib.dicom_out.sources import Source, open_source
from BrainTumorVAESegLib.dicom_out.writing import KINDS, make_objects, write_dicom
from BrainTumorVAESegLib.images.dicom import find_series
from dicomstudies import write_enhanced

from .conftest import OBLIQUE, T1CE, answer_of, tumor


def masks(path: Path, source: Source) -> dict[str, np.ndarray]:
    """The segments of a file by their labels, each (z, y, x) on the source's grid, placed by its frames' positions."""
    data = pydicom.dcmread(path)
    pixels = data.pixel_array.reshape(-1, data.Rows, data.Columns)
    matrix = np.linalg.inv(source.grid.index_to_physical)
    named = {int(item.SegmentNumber): str(item.SegmentLabel) for item in data.SegmentSequence}
    result = {name: np.zeros(source.grid.shape, bool) for number, name in named.items() if number}
    for frame, picture in zip(data.PerFrameFunctionalGroupsSequence, pixels, strict=True):
        place = matrix @ (*map(float, frame.PlanePositionSequence[0].ImagePositionPatient), 1)
        assert np.allclose(place[:3], np.rint(place[:3]), atol=1e-3) and np.allclose(place[:2], 0, atol=1e-3)
        if data.SegmentationType == "LABELMAP":
            for number, name in named.items():
                if number:
                    result[name][round(place[2])] |= picture == number
        else:
            shared = data.SharedFunctionalGroupsSequence[0]
            group = frame if "SegmentIdentificationSequence" in frame else shared
            number = int(group.SegmentIdentificationSequence[0].ReferencedSegmentNumber)
            result[named[number]][round(place[2])] |= picture > 0
    return result


@pytest.mark.parametrize("labelmap", [False, True], ids=["BINARY", "LABELMAP"])
def test_the_masks_come_back_bit_for_bit(answer: Answer, source: Source, tmp_path: Path, labelmap: bool) -> None:
    files = write_dicom(answer, source, tmp_path / "out", "P1", labelmap)
    labels = answer.segmentation.labels
    read = masks(files["labels"], source)
    assert set(read) == {label.name for label in LABELS}
    for label in LABELS:
        np.testing.assert_array_equal(read[label.name], labels == label.value)
    nested = channels_from_labels(labels, tuple(region.key for region in REGIONS)) > 0
    read = masks(files["regions"], source)
    for region, mask in zip(REGIONS, nested, strict=True):
        np.testing.assert_array_equal(read[region.name], mask)
    kinds = [pydicom.dcmread(files[kind]).SegmentationType for kind in ("labels", "regions", "lesions")]
    assert kinds == ["LABELMAP" if labelmap else "BINARY", "BINARY", "BINARY"]


def test_a_segment_says_what_its_code_does_not(answer: Answer, source: Source, tmp_path: Path) -> None:
    files = write_dicom(answer, source, tmp_path / "out", "P1")
    told = {
        str(item.SegmentLabel): str(item.SegmentDescription)
        for kind in ("labels", "regions")
        for item in pydicom.dcmread(files[kind]).SegmentSequence
    }
    assert set(told) == {part.name for part in (*LABELS, *REGIONS)}
    assert "does not enhance" in told["Necrotic and non-enhancing core"]


def test_each_lesion_is_a_segment_of_its_own(answer: Answer, source: Source, tmp_path: Path) -> None:
    read = masks(write_dicom(answer, source, tmp_path / "out", "P1")["lesions"], source)
    enhancing = answer.segmentation.labels == 3
    border = np.zeros_like(enhancing)
    border[-2, :2, :2] = True
    np.testing.assert_array_equal(read["Enhancing tumor, lesion 1"], enhancing & ~border)
    np.testing.assert_array_equal(read["Enhancing tumor, lesion 2"], border)
    assert set(read) >= {"Whole tumor, lesion 1", "Whole tumor, lesion 2"}


def test_another_process_reads_them_by_highdicom_and_finds_what_they_refer_to(
    answer: Answer, source: Source, tmp_path: Path
) -> None:
    files = write_dicom(answer, source, tmp_path / "out", "P1")
    script = (
        "import json, sys, numpy as np, highdicom\n"
        "seg = highdicom.seg.segread(sys.argv[1])\n"
        "volume = seg.get_volume(combine_segments=True, skip_overlap_checks=True)\n"
        "report = highdicom.sr.srread(sys.argv[2])\n"
        "groups = report.content.get_volumetric_roi_measurement_groups()\n"
        "print(json.dumps({\n"
        "    'counts': np.bincount(volume.array.ravel()).tolist(),\n"
        "    'sources': [str(uid) for *_, uid in seg.get_source_image_uids()],\n"
        "    'evidence': [[str(value) for value in each] for each in report.get_evidence()],\n"
        "    'segments': [str(group.referenced_segment.referenced_sop_instance_uid) for group in groups],\n"
        "    'tracking': [str(group.tracking_uid) for group in groups]}))\n"
    )
    out = subprocess.run(
        [sys.executable, "-c", script, files["labels"], files["measures"]], capture_output=True, text=True, check=True
    )
    told = json.loads(out.stdout)
    assert told["counts"][1:] == np.bincount(answer.segmentation.labels.ravel()).tolist()[1:]  # empty slices left out
    assert set(told["sources"]) == set(source.instances)
    written = {str(data.SOPInstanceUID): data for data in map(pydicom.dcmread, files.values())}
    known = {*source.instances, *written}
    assert {instance for _, _, instance, _ in told["evidence"]} <= known
    assert {(study, series) for study, series, instance, _ in told["evidence"] if instance in source.instances} == {
        (source.study, source.series)
    }
    tracked = {str(item.TrackingUID) for data in written.values() for item in data.get("SegmentSequence", [])}
    assert set(told["segments"]) <= set(written) and set(told["tracking"]) <= tracked


def test_frames_refer_to_the_slices_that_they_lie_on(answer: Answer, source: Source) -> None:
    data = make_objects(answer, source)["labels"]
    for frame in data.PerFrameFunctionalGroupsSequence:
        (picture,) = frame.DerivationImageSequence[0].SourceImageSequence
        (header,) = [each for each in source.headers if each.SOPInstanceUID == picture.ReferencedSOPInstanceUID]
        assert list(frame.PlanePositionSequence[0].ImagePositionPatient) == list(header.ImagePositionPatient)


def test_segments_are_coded_as_our_table_says_and_name_what_made_them(answer: Answer, source: Source) -> None:
    item = make_objects(answer, source)["labels"].SegmentSequence[0]
    kind = item.SegmentedPropertyTypeCodeSequence[0]
    assert (kind.CodingSchemeDesignator, kind.CodeValue) == (LABELS[0].type.scheme, LABELS[0].type.value)
    assert item.AnatomicRegionSequence[0].CodeMeaning == "Brain"
    made = item.SegmentationAlgorithmIdentificationSequence[0]
    assert (item.SegmentAlgorithmType, made.AlgorithmName, made.AlgorithmVersion) == ("AUTOMATIC", "known", "1.2.0")
    assert made.AlgorithmParameters == f"sha256={'ab' * 32}"


def test_the_same_answer_has_the_same_uids_and_another_one_others(answer: Answer, source: Source) -> None:
    first, again = make_objects(answer, source), make_objects(answer, source)
    changed = answer.segmentation.labels.copy()
    changed[6, 2, 2] = 3
    other = make_objects(answer_of(changed, OBLIQUE), source)
    for kind in KINDS:
        assert first[kind].SOPInstanceUID == again[kind].SOPInstanceUID != other[kind].SOPInstanceUID
        assert pydicom.uid.UID(first[kind].SOPInstanceUID).is_valid
    times = {"InstanceCreationDate", "InstanceCreationTime", "ContentDate", "ContentTime"}
    times |= {"ContributingEquipmentSequence"}  # which tells when it contributed
    for one, two in zip(first.values(), again.values(), strict=True):
        assert {element.keyword for element in one if two[element.tag] != element} <= times
    by_model = make_objects(replace(answer, algorithm=replace(answer.algorithm, sha256="cd" * 32)), source)
    assert by_model["labels"].SOPInstanceUID != first["labels"].SOPInstanceUID
    uids = [str(item.TrackingUID) for item in first["regions"].SegmentSequence]
    assert uids == [str(item.TrackingUID) for item in other["regions"].SegmentSequence]


def test_an_enhanced_file_is_referred_to_by_its_frames(volume: Volume, answer: Answer, tmp_path: Path) -> None:
    write_enhanced(volume, tmp_path / "study" / "IM0", **T1CE)
    (series,) = find_series(tmp_path / "study")
    source = open_source(series)
    files = write_dicom(answer, source, tmp_path / "out", "P1")
    read = masks(files["labels"], source)
    for label in LABELS:
        np.testing.assert_array_equal(read[label.name], answer.segmentation.labels == label.value)
    frame = pydicom.dcmread(files["labels"]).PerFrameFunctionalGroupsSequence[0]
    picture = frame.DerivationImageSequence[0].SourceImageSequence[0]
    stored = pydicom.dcmread(tmp_path / "study" / "IM0").PerFrameFunctionalGroupsSequence
    place = stored[int(picture.ReferencedFrameNumber) - 1].PlanePositionSequence[0].ImagePositionPatient
    assert np.allclose(place, frame.PlanePositionSequence[0].ImagePositionPatient)


def test_a_mask_on_the_same_voxels_stored_otherwise_comes_onto_the_series_grid(source: Source, tmp_path: Path) -> None:
    """As a NIfTI file that was made from the series holds it: rows the other way round, axes in another order."""
    matrix = OBLIQUE.index_to_physical
    x, y, z = OBLIQUE.size
    turned = np.column_stack([matrix[:3, 2], -matrix[:3, 1], matrix[:3, 0]])
    origin = (matrix @ (0, y - 1, 0, 1))[:3]
    spacing = (OBLIQUE.spacing[2], OBLIQUE.spacing[1], OBLIQUE.spacing[0])
    grid = Geometry((z, y, x), spacing, tuple(origin), tuple((turned / spacing).ravel()))
    labels = tumor(OBLIQUE)
    stored = labels[:, ::-1].transpose(2, 1, 0)
    files = write_dicom(answer_of(stored, grid), source, tmp_path / "out", "P1")
    read = masks(files["labels"], source)
    for label in LABELS:
        np.testing.assert_array_equal(read[label.name], labels == label.value)


def test_an_empty_segmentation_gives_the_report_alone(source: Source, tmp_path: Path) -> None:
    files = write_dicom(answer_of(np.zeros(OBLIQUE.shape, np.uint8), OBLIQUE), source, tmp_path / "out", "P1")
    assert (
        [path.name for path in files.values()] == ["P1_measures.dcm"] == [p.name for p in (tmp_path / "out").iterdir()]
    )


def test_one_voxel_is_enough(source: Source, tmp_path: Path) -> None:
    labels = np.zeros(OBLIQUE.shape, np.uint8)
    labels[0, 0, 0] = 3
    files = write_dicom(answer_of(labels, OBLIQUE), source, tmp_path / "out", "P1")
    assert list(masks(files["labels"], source)) == ["Enhancing tumor"]
    np.testing.assert_array_equal(masks(files["regions"], source)["Whole tumor"], labels == 3)


def test_another_grid_is_refused_and_nothing_is_written(source: Source, tmp_path: Path) -> None:
    grid = replace(OBLIQUE, origin=(-20.0, 5.0, 34.0))
    with pytest.raises(InputError, match=r"series 7 \(AX T1 POST GAD\): lies on another grid"):
        write_dicom(answer_of(tumor(OBLIQUE), grid), source, tmp_path / "out", "P1")
    assert not (tmp_path / "out").exists()


def test_what_is_there_is_replaced_only_when_asked_and_nothing_stale_stays(
    answer: Answer, source: Source, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    write_dicom(answer, source, out, "P1")
    with pytest.raises(OutputError, match=r"P1_labels.dcm: exists already; give --overwrite"):
        write_dicom(answer, source, out, "P1")
    empty = answer_of(np.zeros(OBLIQUE.shape, np.uint8), OBLIQUE)
    write_dicom(empty, source, out, "P1", overwrite=True)
    assert [path.name for path in out.iterdir()] == ["P1_measures.dcm"]


def test_a_folder_of_another_examination_is_refused(answer: Answer, source: Source, tmp_path: Path) -> None:
    out = tmp_path / "out"
    files = write_dicom(answer, source, out, "P1")
    data = pydicom.dcmread(files["measures"])
    data.StudyInstanceUID = "1.2.3"
    data.save_as(out / "other.dcm")
    (out / "notes.txt").write_text("x" * 500)
    before = sorted(path.name for path in out.iterdir())
    with pytest.raises(OutputError, match=r"holds DICOM files of another examination \(other.dcm\); choose an empty"):
        write_dicom(answer, source, out, "P2")
    assert sorted(path.name for path in out.iterdir()) == before


def test_a_full_disk_leaves_nothing(answer: Answer, source: Source, tmp_path: Path, full_disk: Callable) -> None:
    with full_disk(), pytest.raises(OutputError):
        write_dicom(answer, source, tmp_path / "out", "P1")
    assert not (tmp_path / "out").exists()


def test_without_highdicom_one_sentence_says_what_to_install(
    answer: Answer, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(DependencyError, match=r"highdicom is not installed; pip install 'braintumorvaeseg\[dicom\]'"):
        make_objects(answer, source)


def test_what_was_written_into_the_study_s_own_folder_is_none_of_its_images(
    answer: Answer, source: Source, tmp_path: Path
) -> None:
    write_dicom(answer, source, tmp_path / "study", "P1")
    found = find_series(tmp_path / "study")
    assert {each.said.name for each in found if each.uid != source.series} == {"other"}
    (own,) = [each for each in found if each.uid == source.series]
    assert own.said.name == "T1ce"
