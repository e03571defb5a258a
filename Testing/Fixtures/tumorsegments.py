"""A tumor for segment nodes, and what the tests ask of such nodes; imports no Slicer before it is used."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import vtk
from BrainTumorVAESegLib.core.labels import ED, ET, LABELS, NCR, REGIONS

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
