"""Segments that a person added, edited, removed or saved, and what goes wrong while they are written."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import vtk
from BrainTumorVAESegLib.core.errors import InputError
from BrainTumorVAESegLib.core.labels import LABEL_BY_KEY
from tumorsegments import *  # noqa: F403  (its fixtures)
from tumorsegments import (
    KEYS,
    SHAPE,
    STYLES,
    add_own_segment,
    bounds_in_world,
    ids,
    items,
    steps,
    vtk_matrix,
)
from vtk.util.numpy_support import vtk_to_numpy


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
