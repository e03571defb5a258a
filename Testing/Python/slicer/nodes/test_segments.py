from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import vtk
from BrainTumorVAESegLib.core.errors import InputError
from BrainTumorVAESegLib.core.labels import ED, ET, LABEL_BY_KEY, LABELS, NCR, REGIONS
from BrainTumorVAESegLib.core.terminology import terminology_entry
from vtk.util.numpy_support import vtk_to_numpy

SHAPE = (20, 26, 30)
STYLES = ("disjoint", "nested")
KEYS = {"disjoint": ["NCR", "ED", "ET"], "nested": ["WT", "TC", "ET"]}
LAYERS = {"disjoint": [0, 0, 0], "nested": [0, 1, 2]}
PARTS = {"disjoint": LABELS, "nested": REGIONS}
TILT = np.linalg.qr(np.random.default_rng(5).normal(size=(3, 3)))[0]


@pytest.fixture
def segments(host: Any) -> Any:
    from BrainTumorVAESegLib.slicer.nodes import segments

    return segments


@pytest.fixture
def fill(segments: Any) -> Callable[..., None]:
    """A function that fills a node to the end, the style given by its word."""

    def fill_all(node: Any, labels: np.ndarray, reference: Any, style: str = "disjoint", **more: Any) -> None:
        for _ in steps(segments, node, labels, reference, style, **more):
            pass

    return fill_all


def steps(segments: Any, node: Any, labels: np.ndarray, reference: Any, style: str, **more: Any) -> Iterator[None]:
    from BrainTumorVAESegLib.slicer.choices import Style

    return segments.fill(node, labels, reference, Style(style), **more)


@pytest.fixture
def labels() -> np.ndarray:
    """A tumor of three shells away from the middle, which also touches the edge of the image."""
    z, y, x = np.ogrid[: SHAPE[0], : SHAPE[1], : SHAPE[2]]
    distance = np.sqrt((z - 7) ** 2 + (y - 18) ** 2 + (x - 9) ** 2)
    result = np.zeros(SHAPE, np.uint8)
    for label, radius in ((ED, 9), (ET, 6), (NCR, 3)):
        result[distance < radius] = label.value
    return result


@pytest.fixture
def t1ce(host: Any, scene: Any) -> Any:
    """An oblique, anisotropic volume under a linear transform."""
    node = scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "T1ce")
    host.util.updateVolumeFromArray(node, np.zeros(SHAPE, np.int16))
    matrix = np.eye(4)
    matrix[:3, :3] = TILT * (0.9, 1.1, 3.0)
    matrix[:3, 3] = (12.0, -34.0, 56.0)
    node.SetIJKToRASMatrix(vtk_matrix(matrix))
    put_under_transform(node, (1.0, 2.0, 3.0))
    return node


@pytest.fixture
def a_segmentation(scene: Any) -> Any:
    return scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "tumor")


def vtk_matrix(array: np.ndarray) -> Any:
    matrix = vtk.vtkMatrix4x4()
    matrix.DeepCopy(array.ravel().tolist())
    return matrix


def put_under_transform(node: Any, by: tuple[float, float, float]) -> None:
    transform = node.GetScene().AddNewNodeByClass("vtkMRMLLinearTransformNode")
    matrix = np.eye(4)
    matrix[:3, 3] = by
    transform.SetMatrixTransformToParent(vtk_matrix(matrix))
    node.SetAndObserveTransformNodeID(transform.GetID())


def ids(node: Any) -> list[str]:
    segmentation = node.GetSegmentation()
    return [segmentation.GetNthSegmentID(n) for n in range(segmentation.GetNumberOfSegments())]


def items(host: Any, node: Any) -> list[str]:
    """The segments of a node in the order in which the subject hierarchy shows them."""
    hierarchy = host.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(node.GetScene())
    found = vtk.vtkIdList()
    hierarchy.GetItemChildren(hierarchy.GetItemByDataNode(node), found)
    name = node.GetSegmentIDAttributeName()
    return [hierarchy.GetItemAttribute(found.GetId(n), name) for n in range(found.GetNumberOfIds())]


def add_own_segment(host: Any, node: Any, name: str, shape: tuple[int, int, int] = (4, 4, 4)) -> str:
    """Add a cube as a person would draw one; return its ID."""
    image = host.vtkOrientedImageData()
    image.SetExtent(0, shape[2] - 1, 0, shape[1] - 1, 0, shape[0] - 1)
    image.AllocateScalars(vtk.VTK_UNSIGNED_CHAR, 1)
    image.GetPointData().GetScalars().Fill(1)
    return node.AddSegmentFromBinaryLabelmapRepresentation(image, name)


def bounds_in_world(node: Any) -> np.ndarray:
    bounds = np.zeros(6)
    node.GetRASBounds(bounds)
    return bounds


@pytest.mark.parametrize("style", STYLES)
def test_labels_come_back_from_the_segments(
    segments: Any, fill: Any, a_segmentation: Any, labels: Any, t1ce: Any, style: str
):
    fill(a_segmentation, labels, t1ce, style)
    read = segments.labels_of(a_segmentation, t1ce)
    assert read.dtype == np.uint8
    np.testing.assert_array_equal(read, labels)


@pytest.mark.parametrize("style", STYLES)
def test_segments_are_named_colored_and_coded_in_their_layers(
    host: Any, fill: Any, a_segmentation: Any, labels: Any, t1ce: Any, style: str
):
    fill(a_segmentation, labels, t1ce, style)
    segmentation = a_segmentation.GetSegmentation()
    assert ids(a_segmentation) == KEYS[style]
    assert [segmentation.GetLayerIndex(key) for key in KEYS[style]] == LAYERS[style]
    for part in PARTS[style]:
        segment, tag = segmentation.GetSegment(part.key), vtk.reference("")
        assert segment.GetTag(host.vtkSegment.GetTerminologyEntryTagName(), tag)
        assert str(tag) == terminology_entry(part)
        assert segment.GetName() == part.name
        assert segment.GetColor() == pytest.approx(part.color)
        assert not segment.GetNameAutoGenerated()
        assert not segment.GetColorAutoGenerated()


@pytest.mark.parametrize("style", STYLES)
def test_all_three_segments_are_there_where_there_is_no_tumor(
    segments: Any, fill: Any, a_segmentation: Any, labels: Any, t1ce: Any, style: str
):
    fill(a_segmentation, np.zeros_like(labels), t1ce, style)
    assert ids(a_segmentation) == KEYS[style]
    assert not segments.labels_of(a_segmentation, t1ce).any()
    assert segments.show_3d(a_segmentation, True)


def test_slicer_sees_the_segments_where_the_volume_shows_the_tumor(
    host: Any, fill: Any, a_segmentation: Any, labels: Any, t1ce: Any
):
    fill(a_segmentation, labels, t1ce)
    scene = a_segmentation.GetScene()
    exported = scene.AddNewNodeByClass("vtkMRMLLabelMapVolumeNode")
    logic = host.vtkSlicerSegmentationsModuleLogic
    assert logic.ExportVisibleSegmentsToLabelmapNode(a_segmentation, exported, t1ce)
    read = host.util.arrayFromVolume(exported)
    assert read.shape == SHAPE
    np.testing.assert_array_equal(read > 0, labels > 0)


def test_the_node_takes_the_grid_and_the_transform_of_the_reference(
    fill: Any, a_segmentation: Any, labels: Any, t1ce: Any
):
    fill(a_segmentation, labels, t1ce)
    assert a_segmentation.GetParentTransformNode() is t1ce.GetParentTransformNode()
    role = a_segmentation.GetReferenceImageGeometryReferenceRole()
    assert a_segmentation.GetNodeReference(role) is t1ce
    numbers = a_segmentation.GetSegmentation().GetConversionParameter("Reference image geometry").split(";")
    assert [int(part) for part in numbers[16:22]] == [0, SHAPE[2] - 1, 0, SHAPE[1] - 1, 0, SHAPE[0] - 1]


def test_only_the_extent_of_the_tumor_is_kept(fill: Any, a_segmentation: Any, labels: Any, t1ce: Any):
    fill(a_segmentation, labels, t1ce)
    image = a_segmentation.GetBinaryLabelmapInternalRepresentation("ED")
    ends = [(int(side.min()), int(side.max())) for side in reversed(np.nonzero(labels))]
    assert image.GetExtent() == tuple(end for side in ends for end in side)


def test_the_anatomy_can_be_seen_through_the_segments(segments: Any, fill: Any, scene: Any, labels: Any, t1ce: Any):
    node = scene.AddNewNodeByClass("vtkMRMLSegmentationNode")
    fill(node, labels, t1ce, "nested", opacity=0.3)
    display = node.GetDisplayNode()
    assert display.GetVisibility2DFill() and display.GetVisibility2DOutline()
    assert display.GetOpacity2DOutline() == 1.0
    seen_through = np.prod([1 - 0.3 * display.GetSegmentOpacity2DFill(key) for key in KEYS["nested"]])
    assert seen_through > 0.5
    assert display.GetSegmentOpacity3D("WT") < display.GetSegmentOpacity3D("TC") < display.GetSegmentOpacity3D("ET")
    segments.set_opacity(node, 0.1)
    assert display.GetOpacity2DFill() == pytest.approx(0.1)


@pytest.mark.parametrize("style", STYLES)
def test_nothing_is_shown_before_the_last_step(
    segments: Any, fill: Any, a_segmentation: Any, labels: Any, t1ce: Any, style: str
):
    fill(a_segmentation, labels, t1ce)
    count = 0
    for _ in steps(segments, a_segmentation, np.flip(labels), t1ce, style):
        np.testing.assert_array_equal(segments.labels_of(a_segmentation, t1ce), labels)
        count += 1
    assert count >= (3 if style == "nested" else 1)
    np.testing.assert_array_equal(segments.labels_of(a_segmentation, t1ce), np.flip(labels))


def test_stopping_in_between_leaves_the_node_as_it_was(segments: Any, a_segmentation: Any, labels: Any, t1ce: Any):
    work = steps(segments, a_segmentation, labels, t1ce, "nested")
    next(work)
    next(work)
    work.close()
    assert ids(a_segmentation) == []
    assert a_segmentation.GetDisplayNode() is None


def test_a_second_result_replaces_the_first_and_keeps_a_persons_choices(
    segments: Any, fill: Any, a_segmentation: Any, labels: Any, t1ce: Any
):
    fill(a_segmentation, labels, t1ce)
    a_segmentation.SetName("Mrs. Smith")
    display = a_segmentation.GetDisplayNode()
    display.SetSegmentVisibility("ED", False)
    display.SetSegmentOpacity2DFill("ET", 0.7)
    display.SetOpacity2DFill(0.4)
    a_segmentation.GetSegmentation().GetSegment("ED").SetName("Swelling")
    fill(a_segmentation, np.flip(labels), t1ce, opacity=0.2)
    assert ids(a_segmentation) == KEYS["disjoint"]
    assert a_segmentation.GetSegmentation().GetNumberOfLayers() == 1
    np.testing.assert_array_equal(segments.labels_of(a_segmentation, t1ce), np.flip(labels))
    assert a_segmentation.GetName() == "Mrs. Smith"
    assert a_segmentation.GetDisplayNode() is display
    assert not display.GetSegmentVisibility("ED")
    assert display.GetSegmentOpacity2DFill("ET") == pytest.approx(0.7)
    assert display.GetOpacity2DFill() == pytest.approx(0.4)
    assert a_segmentation.GetSegmentation().GetSegment("ED").GetName() == "Swelling"


def test_the_views_are_told_once_that_the_voxels_changed(
    host: Any, fill: Any, a_segmentation: Any, labels: Any, t1ce: Any
):
    fill(a_segmentation, labels, t1ce)
    told: list[str] = []
    event = host.vtkSegmentation.SourceRepresentationModified
    a_segmentation.AddObserver(event, lambda caller, event: told.append(event))
    fill(a_segmentation, np.flip(labels), t1ce)
    assert len(told) == 1


@pytest.mark.parametrize(("first", "second"), [STYLES, STYLES[::-1]])
def test_the_other_style_takes_the_place_of_the_first(
    host: Any, segments: Any, fill: Any, a_segmentation: Any, labels: Any, t1ce: Any, first: str, second: str
):
    fill(a_segmentation, labels, t1ce, first)
    fill(a_segmentation, labels, t1ce, second)
    assert ids(a_segmentation) == items(host, a_segmentation) == KEYS[second]
    segmentation = a_segmentation.GetSegmentation()
    assert [segmentation.GetLayerIndex(key) for key in KEYS[second]] == LAYERS[second]
    np.testing.assert_array_equal(segments.labels_of(a_segmentation, t1ce), labels)


def test_a_second_result_on_another_volume_takes_over_its_grid(
    host: Any, segments: Any, fill: Any, a_segmentation: Any, labels: Any, t1ce: Any, scene: Any
):
    fill(a_segmentation, labels, t1ce)
    other = scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "another T1ce")
    host.util.updateVolumeFromArray(other, np.zeros(SHAPE[::-1], np.int16))
    fill(a_segmentation, labels.T, other)
    assert a_segmentation.GetParentTransformNode() is None
    np.testing.assert_array_equal(segments.labels_of(a_segmentation, other), labels.T)


# --- what a person added ----------------------------------------------------------------------------------------------
def test_a_persons_own_segment_stays_where_it_is(
    host: Any, segments: Any, fill: Any, a_segmentation: Any, labels: Any, t1ce: Any
):
    cyst = add_own_segment(host, a_segmentation, "Cyst")
    before = bounds_in_world(a_segmentation)
    for style in (*STYLES, *STYLES):
        fill(a_segmentation, labels, t1ce, style)
    assert ids(a_segmentation) == [cyst, *KEYS["nested"]]
    assert segments.own_segments(a_segmentation) == [cyst]
    np.testing.assert_array_equal(segments.labels_of(a_segmentation, t1ce), labels)
    for key in KEYS["nested"]:
        a_segmentation.RemoveSegment(key)
    np.testing.assert_allclose(bounds_in_world(a_segmentation), before)


@pytest.mark.parametrize("place", range(4))
def test_a_persons_own_segment_keeps_its_place_among_ours(
    host: Any, fill: Any, a_segmentation: Any, labels: Any, t1ce: Any, place: int
):
    fill(a_segmentation, labels, t1ce)
    cyst = add_own_segment(host, a_segmentation, "Cyst")
    a_segmentation.GetSegmentation().SetSegmentIndex(cyst, place)
    for style in (*STYLES[::-1], *STYLES[::-1]):
        fill(a_segmentation, labels, t1ce, style)
        assert ids(a_segmentation) == [*KEYS[style][:place], cyst, *KEYS[style][place:]]
        assert items(host, a_segmentation) == ids(a_segmentation)


@pytest.mark.parametrize("gone", KEYS["disjoint"])
def test_a_segment_that_a_person_removed_comes_back_in_its_place(
    host: Any, fill: Any, a_segmentation: Any, labels: Any, t1ce: Any, gone: str
):
    fill(a_segmentation, labels, t1ce)
    cyst = add_own_segment(host, a_segmentation, "Cyst")
    a_segmentation.RemoveSegment(gone)
    fill(a_segmentation, labels, t1ce)
    assert [key for key in ids(a_segmentation) if key != cyst] == KEYS["disjoint"]
    assert items(host, a_segmentation) == ids(a_segmentation)


def test_a_persons_segment_in_a_layer_with_ours_is_kept(
    host: Any, segments: Any, fill: Any, a_segmentation: Any, labels: Any, t1ce: Any
):
    fill(a_segmentation, labels, t1ce)
    segmentation = a_segmentation.GetSegmentation()
    cyst = segmentation.AddEmptySegment("cyst", "Cyst")
    shared, segment = a_segmentation.GetBinaryLabelmapInternalRepresentation("ED"), segmentation.GetSegment(cyst)
    first = shared.GetExtent()[::2]
    shared.SetScalarComponentFromDouble(*first, 0, 9)
    segment.AddRepresentation("Binary labelmap", shared)
    segment.SetLabelValue(9)
    fill(a_segmentation, np.flip(labels), t1ce)
    np.testing.assert_array_equal(segments.labels_of(a_segmentation, t1ce), np.flip(labels))
    image = a_segmentation.GetBinaryLabelmapInternalRepresentation(cyst)
    assert image.GetScalarComponentAsDouble(*first, 0) == segment.GetLabelValue()
    assert segmentation.GetLayerIndex(cyst) != segmentation.GetLayerIndex("ED")
    assert np.count_nonzero(vtk_to_numpy(image.GetPointData().GetScalars())) == 1  # nothing of ours is left there


def test_a_node_of_surfaces_is_refused(
    host: Any, segments: Any, fill: Any, a_segmentation: Any, labels: Any, t1ce: Any
):
    add_own_segment(host, a_segmentation, "Cyst")
    a_segmentation.CreateClosedSurfaceRepresentation()
    a_segmentation.SetSourceRepresentationToClosedSurface()
    with pytest.raises(InputError, match="tumor holds surfaces"):
        fill(a_segmentation, labels, t1ce)
    assert len(ids(a_segmentation)) == 1


# --- surfaces ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("style", STYLES)
def test_surfaces_come_and_go_on_request(
    segments: Any, fill: Any, a_segmentation: Any, labels: Any, t1ce: Any, style: str
):
    fill(a_segmentation, labels, t1ce, style)
    assert not segments.is_3d_shown(a_segmentation)
    assert segments.show_3d(a_segmentation, True)
    assert segments.is_3d_shown(a_segmentation)
    assert all(a_segmentation.GetClosedSurfaceInternalRepresentation(k).GetNumberOfPoints() for k in KEYS[style])
    assert segments.show_3d(a_segmentation, False)
    assert not segments.is_3d_shown(a_segmentation)


def test_a_new_result_drops_the_surfaces_of_the_old_one(
    segments: Any, fill: Any, a_segmentation: Any, labels: Any, t1ce: Any
):
    fill(a_segmentation, labels, t1ce)
    segments.show_3d(a_segmentation, True)
    fill(a_segmentation, np.flip(labels), t1ce)
    assert not segments.is_3d_shown(a_segmentation)


# --- what goes wrong --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("style", STYLES)
def test_a_failure_puts_back_what_was_there(
    segments: Any, fill: Any, a_segmentation: Any, labels: Any, t1ce: Any, scene: Any, monkeypatch: Any, style: str
):
    from BrainTumorVAESegLib.slicer.nodes import replacing

    fill(a_segmentation, labels, t1ce)
    a_segmentation.GetDisplayNode().SetSegmentVisibility("ED", False)
    other = scene.CopyNode(t1ce)
    other.SetAndObserveTransformNodeID(None)

    def fail(*args: object) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr(replacing, "_remove", fail)
    with pytest.raises(RuntimeError):
        fill(a_segmentation, np.flip(labels), other, style)
    assert ids(a_segmentation) == KEYS["disjoint"]
    np.testing.assert_array_equal(segments.labels_of(a_segmentation, t1ce), labels)
    assert a_segmentation.GetParentTransformNode() is t1ce.GetParentTransformNode()
    assert a_segmentation.GetNodeReference(a_segmentation.GetReferenceImageGeometryReferenceRole()) is t1ce
    assert not a_segmentation.GetDisplayNode().GetSegmentVisibility("ED")


@pytest.mark.parametrize("gone", ["segmentation", "reference"])
def test_a_node_that_is_removed_while_segments_are_made_is_told(
    segments: Any, a_segmentation: Any, labels: Any, t1ce: Any, scene: Any, gone: str
):
    work = steps(segments, a_segmentation, labels, t1ce, "nested")
    next(work)
    scene.RemoveNode(a_segmentation if gone == "segmentation" else t1ce)
    with pytest.raises(InputError, match="removed from the scene"):
        list(work)
    assert ids(a_segmentation) == []


def test_labels_of_another_size_are_refused(fill: Any, a_segmentation: Any, labels: Any, t1ce: Any):
    with pytest.raises(InputError, match="T1ce is no longer of the size"):
        fill(a_segmentation, labels[1:], t1ce)


def test_a_node_without_our_segments_has_no_labels(host: Any, segments: Any, a_segmentation: Any, t1ce: Any):
    add_own_segment(host, a_segmentation, "Cyst")
    with pytest.raises(InputError, match="holds no segment of the tumor"):
        segments.labels_of(a_segmentation, t1ce)


# --- after editing and saving -----------------------------------------------------------------------------------------
def test_a_removed_segment_counts_as_empty(segments: Any, fill: Any, a_segmentation: Any, labels: Any, t1ce: Any):
    fill(a_segmentation, labels, t1ce)
    a_segmentation.RemoveSegment("ED")
    expected = np.where(labels == LABEL_BY_KEY["ED"].value, 0, labels)
    np.testing.assert_array_equal(segments.labels_of(a_segmentation, t1ce), expected)


@pytest.mark.parametrize("style", STYLES)
def test_segments_come_back_from_a_file(
    segments: Any, fill: Any, a_segmentation: Any, labels: Any, t1ce: Any, scene: Any, tmp_path: Any, style: str
):
    fill(a_segmentation, labels, t1ce, style)
    storage = scene.AddNewNodeByClass("vtkMRMLSegmentationStorageNode")
    storage.SetFileName(str(tmp_path / "tumor.seg.nrrd"))
    assert storage.WriteData(a_segmentation)
    read = scene.AddNewNodeByClass("vtkMRMLSegmentationNode")
    assert storage.ReadData(read)
    read.SetAndObserveTransformNodeID(t1ce.GetTransformNodeID())
    assert ids(read) == KEYS[style]
    np.testing.assert_array_equal(segments.labels_of(read, t1ce), labels)
    fill(read, np.flip(labels), t1ce, style)
    np.testing.assert_array_equal(segments.labels_of(read, t1ce), np.flip(labels))


def test_labels_are_read_on_a_finer_grid_and_on_one_that_shows_a_part(
    host: Any, segments: Any, fill: Any, a_segmentation: Any, labels: Any, t1ce: Any, scene: Any
):
    fill(a_segmentation, labels, t1ce)
    matrix = vtk.vtkMatrix4x4()
    t1ce.GetIJKToRASMatrix(matrix)
    finer, part = scene.CopyNode(t1ce), scene.CopyNode(t1ce)
    half = np.diag([0.5, 0.5, 0.5, 1.0])
    half[:3, 3] = -0.25  # centers of the first of two voxels in each
    change = vtk.vtkMatrix4x4()
    vtk.vtkMatrix4x4.Multiply4x4(matrix, vtk_matrix(half), change)
    finer.SetIJKToRASMatrix(change)
    host.util.updateVolumeFromArray(finer, np.zeros([2 * n for n in SHAPE], np.uint8))
    twice = labels.repeat(2, 0).repeat(2, 1).repeat(2, 2)
    np.testing.assert_array_equal(segments.labels_of(a_segmentation, finer), twice)
    host.util.updateVolumeFromArray(part, np.zeros((8, 20, 12), np.uint8))
    np.testing.assert_array_equal(segments.labels_of(a_segmentation, part), labels[:8, :20, :12])
