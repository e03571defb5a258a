from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from BrainTumorVAESegLib.core.inspection import MAP_BY_KEY, MapFile

SHAPE = (6, 7, 8)


@pytest.fixture
def overlays(host: Any) -> Any:
    from BrainTumorVAESegLib.slicer.nodes import overlays

    return overlays


@pytest.fixture
def reference(host: Any, scene: Any) -> Any:
    """A volume under a transform whose axes are those of no view."""
    import vtk

    node = scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "T1ce")
    host.util.updateVolumeFromArray(node, np.zeros(SHAPE, np.int16))
    matrix = vtk.vtkMatrix4x4()
    matrix.DeepCopy((0, -2, 0, 5, 1.5, 0, 0, 6, 0, 0, 3, 7, 0, 0, 0, 1))
    node.SetIJKToRASMatrix(matrix)
    transform = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    node.SetAndObserveTransformNodeID(transform.GetID())
    return node


@pytest.fixture
def segmentation(scene: Any) -> Any:
    node = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Tumor")
    node.CreateDefaultDisplayNodes()
    return node


@pytest.fixture
def write(overlays: Any, segmentation: Any, reference: Any) -> Any:
    """Write a map by its key with its own range; returns its node."""

    def run(key: str, values: np.ndarray | None = None) -> Any:
        kind = MAP_BY_KEY[key]
        made = MapFile(kind.key, kind.name, kind.unit, kind.colors, kind.low, kind.high, "")
        given = values if values is not None else np.zeros(SHAPE, np.float32)
        return overlays.write_map(segmentation, made, given, reference)

    return run


def test_a_map_lies_where_its_volume_lies(write: Any, reference: Any, host: Any) -> None:
    import vtk

    values = np.random.default_rng(1).normal(size=SHAPE).astype(np.float32)
    node = write("residual-T1", values)
    np.testing.assert_array_equal(host.util.arrayFromVolume(node), values)
    mine, its = vtk.vtkMatrix4x4(), vtk.vtkMatrix4x4()
    node.GetIJKToRASMatrix(mine)
    reference.GetIJKToRASMatrix(its)
    assert all(mine.GetElement(r, c) == pytest.approx(its.GetElement(r, c)) for r in range(4) for c in range(4))
    assert node.GetParentTransformNode() is reference.GetParentTransformNode()


def test_another_map_takes_the_place_of_the_first_with_its_own_legend(write: Any, host: Any, scene: Any) -> None:
    node = write("uncertainty")
    assert node.GetDisplayNode().GetInterpolate()
    assert write("stage1") is node and node.GetName() == "Stage 1's answer"
    legend = host.modules.colors.logic().GetColorLegendDisplayNode(node)
    assert legend.GetTitleText() == "Stage 1's answer" and legend.GetUseColorNamesForLabels()
    assert not node.GetDisplayNode().GetInterpolate(), "labels have nothing between them"
    assert scene.GetNumberOfNodesByClass("vtkMRMLColorLegendDisplayNode") == 1
    write("change-WT")
    assert max(map(len, legend.GetTitleText().splitlines())) <= 18
    assert not legend.GetUseColorNamesForLabels() and not node.GetDisplayNode().GetInterpolate()


def test_a_reconstruction_is_dark_outside_the_brain(write: Any, host: Any) -> None:
    values = np.zeros(SHAPE, np.float32)
    values[2:4, 2:4, 2:4] = 0.5
    node = write("reconstruction-T1", values)
    shown = host.util.arrayFromVolume(node)
    np.testing.assert_array_equal(shown, np.where(values == 0, MAP_BY_KEY["reconstruction-T1"].low, values))


def test_a_legends_words_can_be_read_over_bright_tissue(write: Any, host: Any) -> None:
    legend = host.modules.colors.logic().GetColorLegendDisplayNode(write("uncertainty"))
    assert legend.GetTitleTextProperty().GetBackgroundOpacity() > 0.5
    assert legend.GetLabelTextProperty().GetBackgroundOpacity() > 0.5
    assert legend.GetPosition()[1] < 0.1, "low, where a head leaves room"


def test_a_removed_map_leaves_nothing_behind(overlays: Any, write: Any, segmentation: Any, scene: Any) -> None:
    before = {kind: scene.GetNumberOfNodesByClass(kind) for kind in ("vtkMRMLVolumeNode", "vtkMRMLDisplayNode")}
    write("uncertainty")
    overlays.remove_overlay(segmentation)
    assert {kind: scene.GetNumberOfNodesByClass(kind) for kind in before} == before
    assert overlays.overlay_of(segmentation) is None
    overlays.remove_overlay(segmentation)


def test_views_are_given_back_once_and_only_what_was_taken(
    overlays: Any, write: Any, segmentation: Any, reference: Any, slices: list[Any], scene: Any
) -> None:
    layers = [scene.GetNthNodeByClass(n, "vtkMRMLSliceCompositeNode") for n in range(3)]
    layers[0].SetForegroundVolumeID(reference.GetID())
    node, views = write("uncertainty"), overlays.OverlayViews()
    views.show(segmentation, 0.5)
    views.show(segmentation, 0.8, behind=reference)
    assert [layer.GetForegroundVolumeID() for layer in layers] == [node.GetID()] * 3
    assert [layer.GetBackgroundVolumeID() for layer in layers] == [reference.GetID()] * 3
    views.restore()
    assert [layer.GetForegroundVolumeID() for layer in layers] == [reference.GetID(), None, None]
    assert [layer.GetBackgroundVolumeID() for layer in layers] == [None] * 3
    layers[0].SetForegroundOpacity(0.9)
    views.restore()
    assert layers[0].GetForegroundOpacity() == pytest.approx(0.9)


def test_a_volume_that_went_meanwhile_is_not_shown_again(
    overlays: Any, write: Any, segmentation: Any, slices: list[Any], scene: Any
) -> None:
    layers = [scene.GetNthNodeByClass(n, "vtkMRMLSliceCompositeNode") for n in range(3)]
    other = scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "Other")
    layers[0].SetForegroundVolumeID(other.GetID())
    write("uncertainty")
    views = overlays.OverlayViews()
    views.show(segmentation, 0.5)
    scene.RemoveNode(other)
    views.restore()
    assert layers[0].GetForegroundVolumeID() is None


def test_segments_that_were_not_filled_stay_so(overlays: Any, write: Any, segmentation: Any) -> None:
    write("uncertainty")
    views = overlays.OverlayViews()
    segmentation.GetDisplayNode().SetVisibility2DFill(False)
    views.show(segmentation, 0.5)
    views.restore()
    assert not segmentation.GetDisplayNode().GetVisibility2DFill()
