"""Slicer's segmentations, written by hand as Slicer writes them and by Slicer's own MRML."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from BrainTumorVAESegLib.core.errors import InputError
from BrainTumorVAESegLib.core.geometry import Geometry
from BrainTumorVAESegLib.core.labels import ED, ET, LABELS, NCR, LabelConvention
from BrainTumorVAESegLib.core.segmentation import Segmentation
from BrainTumorVAESegLib.core.terminology import terminology_entry
from BrainTumorVAESegLib.images.reading import read_label_map
from BrainTumorVAESegLib.images.slicer_segmentation import read_segmentation_nrrd
from BrainTumorVAESegLib.images.writing import write_segmentation_nrrd

GRID = Geometry((14, 12, 10), (1.0, 1.5, 2.0), (-20.0, 31.5, 7.25), (-1.0, 0, 0, 0, -1.0, 0, 0, 0, 1.0))


def box(margin: int) -> np.ndarray:
    """A box of voxels, smaller with a larger margin."""
    mask = np.zeros(GRID.shape, bool)
    mask[margin:-margin, margin:-margin, margin:-margin] = True
    return mask


NESTED = {"WT": box(1), "TC": box(2), "ET": box(4)}
"""Three regions, the one in the other."""
EXPECTED = np.where(box(4), 3, np.where(box(2), 1, np.where(box(1), 2, 0)))
LABEL_MASKS = {name: label.value == EXPECTED for name, label in (("NCR", NCR), ("ED", ED), ("ET", ET))}


def write(path: Path, layers: list[np.ndarray], segments: list[Mapping[str, object]], first: tuple = (0, 0, 0)) -> Path:
    """Write layers (z, y, x) that begin at a voxel (x, y, z) of `GRID`, with the keys of segments."""
    origin = GRID.index_to_physical @ np.array([*first, 1.0])
    image = sitk.GetImageFromArray(np.stack(layers, -1), isVector=True) if len(layers) > 1 else None
    image = image or sitk.GetImageFromArray(layers[0])
    image.SetSpacing(GRID.spacing)
    image.SetOrigin(tuple(origin[:3]))
    image.SetDirection(GRID.direction)
    for number, segment in enumerate(segments):
        for key, value in {"ID": f"Segment_{number + 1}", **segment}.items():
            image.SetMetaData(f"Segment{number}_{key}", str(value))
    matrix = np.diag([-1.0, -1.0, 1.0, 1.0]) @ GRID.index_to_physical
    numbers = [repr(float(value)) for value in matrix.ravel()] + [str(e) for n in GRID.size for e in (0, n - 1)]
    text = f"Collapse labelmaps|1|Merge the labelmaps.&Reference image geometry|{';'.join(numbers)};|Grid.&"
    image.SetMetaData("Segmentation_ConversionParameters", text)
    image.SetMetaData("Segmentation_ReferenceImageExtentOffset", " ".join(map(str, first)))
    sitk.WriteImage(image, str(path), True)
    return path


def numbered(masks: Mapping[str, np.ndarray]) -> np.ndarray:
    """One layer with the masks numbered in their order."""
    layer = np.zeros(GRID.shape, np.uint8)
    for value, mask in enumerate(masks.values(), 1):
        layer[mask] = value
    return layer


def segments_of(names: Mapping[str, object], **keys: object) -> list[Mapping[str, object]]:
    return [{"Name": name, "LabelValue": n, "Layer": 0, **keys} for n, name in enumerate(names, 1)]


@pytest.mark.parametrize("order", [("NCR", "ED", "ET"), ("ET", "NCR", "ED"), ("ED", "ET", "NCR")])
def test_segments_are_known_by_name_whatever_their_numbers(tmp_path, order):
    masks = {name: LABEL_MASKS[name] for name in order}
    volume = read_segmentation_nrrd(write(tmp_path / "a.seg.nrrd", [numbered(masks)], segments_of(masks)))
    assert volume.array.dtype == np.uint8 and volume.source == str(tmp_path / "a.seg.nrrd")
    np.testing.assert_array_equal(volume.array, EXPECTED)
    assert volume.geometry.same_grid(GRID, 1e-6)


def test_a_label_map_that_is_a_slicer_segmentation_is_read_by_names_whatever_the_convention(tmp_path):
    masks = {name: LABEL_MASKS[name] for name in ("ET", "ED", "NCR")}
    path = write(tmp_path / "a.seg.nrrd", [numbered(masks)], segments_of(masks))
    for convention in (None, *LabelConvention):
        np.testing.assert_array_equal(read_label_map(path, convention).array, EXPECTED)


def test_overlapping_regions_in_layers_become_labels(tmp_path):
    layers = [mask.astype(np.uint8) for mask in NESTED.values()]
    segments = [{"Name": name, "LabelValue": 1, "Layer": layer} for layer, name in enumerate(NESTED)]
    np.testing.assert_array_equal(
        read_segmentation_nrrd(write(tmp_path / "a.seg.nrrd", layers, segments)).array, EXPECTED
    )


def test_a_cropped_file_is_put_back_on_the_whole_grid(tmp_path):
    layer = numbered(LABEL_MASKS)[1:-1, 1:-1, 1:-1]
    volume = read_segmentation_nrrd(write(tmp_path / "a.seg.nrrd", [layer], segments_of(LABEL_MASKS), (1, 1, 1)))
    np.testing.assert_array_equal(volume.array, EXPECTED)
    assert volume.geometry.same_grid(GRID, 1e-6)


def test_a_layer_holds_what_the_extent_of_its_first_segment_holds(tmp_path):
    segments = segments_of(LABEL_MASKS, Extent="0 13 0 11 0 4")
    expected = EXPECTED.copy()
    expected[5:] = 0
    volume = read_segmentation_nrrd(write(tmp_path / "a.seg.nrrd", [numbered(LABEL_MASKS)], segments))
    np.testing.assert_array_equal(volume.array, expected)


def test_without_the_grid_it_was_drawn_on_the_files_own_grid_counts(tmp_path):
    path = write(tmp_path / "a.seg.nrrd", [numbered(LABEL_MASKS)[1:]], segments_of(LABEL_MASKS), (0, 0, 1))
    image = sitk.ReadImage(str(path))
    image.EraseMetaData("Segmentation_ConversionParameters")
    sitk.WriteImage(image, str(path))
    volume = read_segmentation_nrrd(path)
    np.testing.assert_array_equal(volume.array, EXPECTED[1:])
    assert volume.geometry.origin == image.GetOrigin()


def test_codes_tell_where_names_do_not(tmp_path):
    segments = [
        {"Name": f"Segment_{label.value}", "LabelValue": label.value, "Layer": 0, "Tags": f"TerminologyEntry:{entry}|"}
        for label in LABELS
        for entry in [terminology_entry(label)]
    ]
    path = write(tmp_path / "a.seg.nrrd", [EXPECTED.astype(np.uint8)], segments)
    np.testing.assert_array_equal(read_segmentation_nrrd(path).array, EXPECTED)


def refused(path: Path, reason: str) -> None:
    with pytest.raises(InputError, match=reason) as caught:
        read_segmentation_nrrd(path)
    assert str(caught.value).startswith(f"{path}: ") and "\n" not in str(caught.value)


def test_a_name_and_codes_that_contradict_each_other_are_refused(tmp_path):
    tags = f"TerminologyEntry:{terminology_entry(ED)}|"
    path = write(tmp_path / "a.seg.nrrd", [numbered(LABEL_MASKS)], segments_of(LABEL_MASKS, Tags=tags))
    refused(path, "its segment 'NCR' has the codes of edema")


def test_names_that_tell_nothing_are_listed(tmp_path):
    names = ("Segment_1", "ED", "tumor")
    refused(
        write(tmp_path / "a.seg.nrrd", [numbered(LABEL_MASKS)], segments_of(dict.fromkeys(names))),
        "its segments Segment_1, tumor tell no part of a tumor; name the segments NCR",
    )


def test_an_empty_segment_of_any_name_is_left_out(tmp_path):
    path = write(tmp_path / "a.seg.nrrd", [numbered(LABEL_MASKS)], segments_of([*LABEL_MASKS, "Scratch"]))
    np.testing.assert_array_equal(read_segmentation_nrrd(path).array, EXPECTED)


def test_a_resection_cavity_is_left_out_and_its_volume_told(tmp_path):
    masks = {**LABEL_MASKS, "Resection cavity": ~box(1)}
    path = write(tmp_path / "a.seg.nrrd", [numbered(masks)], segments_of(masks))
    read = read_segmentation_nrrd(path)
    np.testing.assert_array_equal(read.array, EXPECTED)
    numbers = numbered(masks)
    cavity = np.count_nonzero(numbers == list(masks).index("Resection cavity") + 1)
    assert read.cavity_ml == pytest.approx(cavity * read.geometry.voxel_volume) and cavity > 0


def test_the_whole_tumor_alone_is_no_label_map(tmp_path):
    path = write(tmp_path / "a.seg.nrrd", [box(1).astype(np.uint8)], segments_of(["Whole tumor"]))
    refused(path, "holds the whole tumor alone, not its parts")


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("Layer", "7", "lies in a layer that is not there"),
        ("Layer", "x", "says Segment0_Layer 'x'"),
        ("LabelValue", "9" * 99, "says Segment0_LabelValue '9999"),
        ("Extent", "1 2 3", "says Segment0_Extent '1 2 3'"),
    ],
)
def test_a_damaged_key_is_named(tmp_path, key, value, reason):
    refused(write(tmp_path / "a.seg.nrrd", [numbered(LABEL_MASKS)], segments_of(LABEL_MASKS, **{key: value})), reason)


@pytest.mark.parametrize("kinds", ["list list domain", "list domain domain", "vector list color"])
def test_a_file_of_fewer_dimensions_than_three_is_named(tmp_path, kinds):
    path = write(tmp_path / "a.seg.nrrd", [numbered(LABEL_MASKS)], segments_of(LABEL_MASKS))
    content = path.read_bytes()
    assert b"kinds: domain domain domain" in content
    path.write_bytes(content.replace(b"kinds: domain domain domain", f"kinds: {kinds}".encode()))
    refused(path, "says sizes and kinds '14 12 10; ")


def test_a_plain_nrrd_is_no_segmentation_of_slicer(tmp_path):
    path = tmp_path / "a.seg.nrrd"
    sitk.WriteImage(sitk.GetImageFromArray(EXPECTED.astype(np.uint8)), str(path))
    refused(path, "holds no segment of a tumor")
    np.testing.assert_array_equal(read_label_map(path).array, EXPECTED)


def test_what_is_written_is_read_back(tmp_path):
    path = tmp_path / "a.seg.nrrd"
    write_segmentation_nrrd(Segmentation(EXPECTED.astype(np.uint8), GRID), path)
    volume = read_segmentation_nrrd(path)
    np.testing.assert_array_equal(volume.array, EXPECTED)
    assert volume.geometry.same_grid(GRID, 1e-6)


@pytest.mark.parametrize("cropped", [False, True])
@pytest.mark.parametrize("masks", [NESTED, dict(reversed(LABEL_MASKS.items()))])
def test_what_slicer_writes_is_read(tmp_path, cropped, masks):
    """Slicer's own MRML writes the masks as segments, each drawn on its own, and cuts the file where it is told to."""
    slicer = pytest.importorskip("slicer", reason="slicer-core, Slicer's MRML without Slicer, is not installed")
    import vtk
    from vtk.util.numpy_support import numpy_to_vtk

    scene = slicer.vtkMRMLScene()
    node = scene.AddNewNodeByClass("vtkMRMLSegmentationNode")
    matrix = vtk.vtkMatrix4x4()
    for (row, column), value in np.ndenumerate(np.diag([-1.0, -1.0, 1.0, 1.0]) @ GRID.index_to_physical):
        matrix.SetElement(row, column, value)
    for name, mask in masks.items():
        image = slicer.vtkOrientedImageData()
        image.SetDimensions(GRID.size)
        image.GetPointData().SetScalars(numpy_to_vtk(mask.astype(np.uint8).ravel(), deep=True))
        image.SetImageToWorldMatrix(matrix)
        segment = slicer.vtkSegment()
        segment.SetName(name)
        segment.AddRepresentation("Binary labelmap", image)
        node.GetSegmentation().AddSegment(segment)
    serialized = slicer.vtkSegmentationConverter.SerializeImageGeometry(image)
    parameter = slicer.vtkSegmentationConverter.GetReferenceImageGeometryParameterName()
    node.GetSegmentation().SetConversionParameter(parameter, serialized)
    storage = scene.AddNewNodeByClass("vtkMRMLSegmentationStorageNode")
    storage.SetCropToMinimumExtent(cropped)
    storage.SetFileName(str(tmp_path / "a.seg.nrrd"))
    assert storage.WriteData(node) == 1
    volume = read_segmentation_nrrd(tmp_path / "a.seg.nrrd")
    np.testing.assert_array_equal(volume.array, EXPECTED)
    assert volume.geometry.same_grid(GRID, 1e-6)
