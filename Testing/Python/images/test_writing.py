from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import SimpleITK as sitk
from BrainTumorVAESegLib.core.disk.files import comes_of_full_disk
from BrainTumorVAESegLib.core.errors import OutputError
from BrainTumorVAESegLib.core.geometry import Geometry
from BrainTumorVAESegLib.core.labels import ET, LABELS, LabelConvention
from BrainTumorVAESegLib.core.modalities import Modality
from BrainTumorVAESegLib.core.segmentation import Segmentation
from BrainTumorVAESegLib.core.terminology import terminology_entry
from BrainTumorVAESegLib.images import writing
from BrainTumorVAESegLib.images.itk import geometry_of
from BrainTumorVAESegLib.images.reading import read_label_map, read_volume
from BrainTumorVAESegLib.images.writing import (
    outputs,
    write_label_map,
    write_probabilities,
    write_segmentation_nrrd,
    write_volume,
)

TILT = np.linalg.qr(np.random.default_rng(6).normal(size=(3, 3)))[0]


@pytest.fixture
def segmentation(patient, make_grid) -> Segmentation:
    """The patient's tumor on an oblique, anisotropic grid, with probabilities."""
    grid = make_grid((60, 56, 40), (1.4, 1.6, 3.2), TILT)
    labels = patient.labels(grid)
    assert {1, 2, 3} <= set(np.unique(labels))
    probabilities = np.random.default_rng(0).random((3, *grid.shape)).astype(np.float32)
    return Segmentation(labels, grid, probabilities, ("WT", "TC", "ET"))


@pytest.mark.parametrize("suffix", [".nii.gz", ".nii", ".nrrd", ".mha"])
@pytest.mark.parametrize("convention", list(LabelConvention))
def test_a_label_map_reads_back_in_each_format_and_convention(segmentation, tmp_path, suffix, convention):
    path = tmp_path / f"a_seg{suffix}"
    write_label_map(segmentation, path, convention)
    volume = read_label_map(path, convention)
    np.testing.assert_array_equal(volume.array, segmentation.labels)
    assert volume.geometry.same_grid(segmentation.geometry, 1e-4)
    raw = sitk.ReadImage(str(path))
    assert raw.GetPixelID() == sitk.sitkUInt8
    enhancing = sitk.GetArrayFromImage(raw)[segmentation.labels == ET.value]
    assert (enhancing == ET.values[convention]).all()
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_without_a_convention_labels_are_those_of_brats_2023(segmentation, tmp_path):
    write_label_map(segmentation, tmp_path / "a.nii.gz")
    np.testing.assert_array_equal(read_volume(tmp_path / "a.nii.gz").array, segmentation.labels)


@pytest.mark.parametrize("suffix", [".nii.gz", ".nrrd"])
def test_probabilities_are_one_file_with_the_channels_last(segmentation, tmp_path, suffix):
    path = tmp_path / f"p{suffix}"
    write_probabilities(segmentation, path)
    image = sitk.ReadImage(str(path))
    array = sitk.GetArrayFromImage(image)
    array = np.moveaxis(array, -1, 0) if suffix == ".nrrd" else array
    assert array.dtype == np.float32
    np.testing.assert_array_equal(array, segmentation.probabilities)
    assert geometry_of(image).same_grid(segmentation.geometry, 1e-4)
    assert "WT,TC,ET" in image.GetMetaData("channels" if suffix == ".nrrd" else "descrip")


def test_probabilities_that_were_not_kept_cannot_be_written(segmentation, tmp_path):
    with pytest.raises(OutputError, match=r"p\.nii\.gz: the segmentation was made without probabilities"):
        write_probabilities(Segmentation(segmentation.labels, segmentation.geometry), tmp_path / "p.nii.gz")


def test_a_volume_reads_back(small_study, tmp_path):
    for modality in small_study:
        write_volume(small_study[modality], tmp_path / "a.nii.gz")
        volume = read_volume(tmp_path / "a.nii.gz")
        np.testing.assert_array_equal(volume.array, small_study[modality].array)
        assert volume.array.dtype == np.int16 and volume.geometry.same_grid(small_study[modality].geometry, 1e-4)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_volume_that_is_not_finite_is_never_told_as_a_full_disk(small_study, tmp_path, value):
    array = small_study[Modality.T1].array.astype(np.float32)
    array[0, 0, 0] = value
    volume = replace(small_study[Modality.T1], array=array)
    for name in ("a.nrrd", "a.mha"):
        write_volume(volume, tmp_path / name)
        np.testing.assert_array_equal(read_volume(tmp_path / name).array, array)
    for name in ("a.nii.gz", "a.nii"):  # of which ITK's readers make 0
        with pytest.raises(OutputError, match=rf"{name}: .*NaN or infinite.*end the name in \.nrrd") as caught:
            write_volume(volume, tmp_path / name)
        assert "disk" not in str(caught.value) and not (tmp_path / name).exists()


@pytest.mark.parametrize("name", ["a.txt", "a", "a.nii.bz2"])
def test_an_ending_of_no_format_is_refused(segmentation, tmp_path, name):
    for write in (write_label_map, write_probabilities, write_segmentation_nrrd):
        with pytest.raises(OutputError, match="end the name in"):
            write(segmentation, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a.nii.gz", "a.nii", "a.nrrd", "a.mha"])
def test_a_full_disk_is_an_error_and_leaves_nothing(segmentation, tmp_path, name, full_disk):
    with pytest.raises(OutputError, match=rf"{name}: cannot be written: .*choose another"), full_disk():
        write_label_map(segmentation, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", [os.fsdecode(b"\xff.nii.gz"), os.fsdecode(b"\xe9.seg.nrrd"), f"{'x' * 250}.nii.gz"])
def test_a_name_that_no_file_can_have_is_refused_before_anything_is_written(segmentation, tmp_path, name):
    for write in (write_label_map, write_probabilities, write_segmentation_nrrd):
        if name.endswith(".seg.nrrd") or write is not write_segmentation_nrrd:
            with pytest.raises(OutputError, match=r"cannot be written: .*(no UTF-8; rename|too long)"):
                write(segmentation, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_failing_output_takes_the_whole_set_with_it(segmentation, tmp_path):
    with pytest.raises(OutputError, match=r"out/b\.txt: cannot be written"), outputs(tmp_path / "out") as folder:
        write_label_map(segmentation, folder / "a.nii.gz")
        write_label_map(segmentation, folder / "b.txt")
    assert list(tmp_path.iterdir()) == []


def segments_in_slicer(path: Path) -> list[dict[str, object]]:
    """Open a .seg.nrrd in Slicer's own MRML and return what its segments are."""
    slicer = pytest.importorskip("slicer", reason="slicer-core, Slicer's MRML without Slicer, is not installed")
    import vtk
    from vtk.util.numpy_support import vtk_to_numpy

    scene = slicer.vtkMRMLScene()
    node = scene.AddNewNodeByClass("vtkMRMLSegmentationNode")
    storage = scene.AddNewNodeByClass("vtkMRMLSegmentationStorageNode")
    storage.SetFileName(str(path))
    assert storage.ReadData(node) == 1
    assert storage.GetUserMessages().GetNumberOfMessages() == 0
    found = []
    opened = node.GetSegmentation()
    assert opened.GetNumberOfLayers() == 1
    assert opened.GetSourceRepresentationName() == "Binary labelmap"
    for number in range(opened.GetNumberOfSegments()):
        name, segment = opened.GetNthSegmentID(number), opened.GetNthSegment(number)
        tag, image, matrix = vtk.reference(""), slicer.vtkOrientedImageData(), vtk.vtkMatrix4x4()
        segment.GetTag("TerminologyEntry", tag)
        node.GetBinaryLabelmapRepresentation(name, image)
        image.GetImageToWorldMatrix(matrix)
        size = [last - first + 1 for first, last in zip(image.GetExtent()[::2], image.GetExtent()[1::2], strict=True)]
        parameter = slicer.vtkSegmentationConverter.GetReferenceImageGeometryParameterName()
        found.append(
            {
                "id": name,
                "name": segment.GetName(),
                "color": segment.GetColor(),
                "value": segment.GetLabelValue(),
                "generated": (segment.GetNameAutoGenerated(), segment.GetColorAutoGenerated()),
                "terminology": str(tag),
                "mask": vtk_to_numpy(image.GetPointData().GetScalars()).reshape(size[::-1]).copy() > 0,
                "matrix": np.array([[matrix.GetElement(row, column) for column in range(4)] for row in range(4)]),
                "reference": [float(part) for part in opened.GetConversionParameter(parameter).split(";") if part],
            }
        )
    return found


@pytest.mark.parametrize("direction", [np.eye(3), np.diag([-1.0, -1.0, 1.0]), np.diag([1.0, -1.0, 1.0]), TILT])
def test_slicer_opens_a_seg_nrrd_as_three_named_colored_coded_segments(patient, make_grid, tmp_path, direction):
    grid: Geometry = make_grid((60, 56, 40), (1.4, 1.6, 3.2), direction)
    labels = patient.labels(grid)
    write_segmentation_nrrd(Segmentation(labels, grid), tmp_path / "a.seg.nrrd")
    segments = segments_in_slicer(tmp_path / "a.seg.nrrd")
    ijk_to_ras = np.diag([-1.0, -1.0, 1.0, 1.0]) @ grid.index_to_physical
    assert [segment["id"] for segment in segments] == ["NCR", "ED", "ET"]
    for segment, label in zip(segments, LABELS, strict=True):
        assert (segment["name"], segment["value"]) == (label.name, label.value)
        assert segment["color"] == pytest.approx(label.color)
        assert segment["generated"] == (False, False)
        assert segment["terminology"] == terminology_entry(label)
        np.testing.assert_array_equal(segment["mask"], labels == label.value)
        np.testing.assert_allclose(segment["matrix"], ijk_to_ras, atol=1e-9)
        np.testing.assert_allclose(segment["reference"], [*ijk_to_ras.ravel(), 0, 59, 0, 55, 0, 39], atol=1e-9)


def test_slicer_finds_all_three_segments_where_there_is_no_tumor(small_grid, tmp_path):
    write_segmentation_nrrd(Segmentation(np.zeros(small_grid.shape, np.uint8), small_grid), tmp_path / "a.seg.nrrd")
    segments = segments_in_slicer(tmp_path / "a.seg.nrrd")
    assert [segment["id"] for segment in segments] == ["NCR", "ED", "ET"]
    assert not any(np.any(segment["mask"]) for segment in segments)


def test_what_does_not_arrive_on_a_disk_without_room_says_that_it_is_full(segmentation, tmp_path, monkeypatch):
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("ITK ERROR: could not write")

    monkeypatch.setattr(writing.sitk, "WriteImage", fail)
    monkeypatch.setattr(writing.shutil, "disk_usage", lambda path: SimpleNamespace(free=4096))
    with pytest.raises(OutputError, match="the disk is full") as caught:
        write_label_map(segmentation, tmp_path / "a.nii.gz")
    assert comes_of_full_disk(caught.value)
    monkeypatch.setattr(writing.shutil, "disk_usage", lambda path: SimpleNamespace(free=2**30))
    with pytest.raises(OutputError, match="may be full") as caught:
        write_label_map(segmentation, tmp_path / "a.nii.gz")
    assert not comes_of_full_disk(caught.value)
