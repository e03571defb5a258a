"""Volume nodes: what is wrong with one, what it is, its grid and its voxels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import slicer
import vtk
from slicer.i18n import tr as _
from vtk.util.numpy_support import vtk_to_numpy

from ...core.errors import InputError
from ...core.geometry import Geometry
from ...core.modalities import Modality
from ...core.volume import Volume
from .dicomtags import DESCRIPTION, find_database, first_instance, look_up

Nodes = Mapping[Modality, Any]
"""Modality -> volume node or None."""
_RAS_TO_LPS = np.diag([-1.0, -1.0, 1.0, 1.0])
MAP_ATTRIBUTE = "BrainTumorVAESeg.map"
"""The attribute of a volume node that holds a map of a result: the map's key."""
_LEAST_RIGHT_ANGLE = 1e-3
"""Of the cosine between two axes of an image, above which it is sheared."""


@dataclass(frozen=True)
class Facts:
    """What a person looks at to tell one volume from another.

    size and spacing (mm) in the order x, y, z. series_description is empty where the volume did not come from DICOM.
    """

    size: tuple[int, int, int]
    spacing: tuple[float, float, float]
    axis_codes: str
    scalar_type: str
    series_description: str = ""

    def __str__(self) -> str:
        size = "x".join(str(n) for n in self.size)
        spacing = "x".join(f"{s:.4g}" for s in self.spacing)
        return _("{size} at {spacing} mm, {axes}").format(size=size, spacing=spacing, axes=self.axis_codes)


def problem(node: Any) -> str | None:
    """Return why a node cannot be one of the four volumes, in one sentence, or None where it can."""
    if node is None:
        return _("No volume is chosen; choose one.")
    name = node.GetName()
    if node.GetScene() is None:
        return _("{name} was removed from the scene; choose another volume.").format(name=name)
    return _problem_of_kind(node, name) or _problem_of_image(node, name) or _problem_of_place(node, name)


def _problem_of_kind(node: Any, name: str) -> str | None:
    if node.IsA("vtkMRMLLabelMapVolumeNode"):
        return _("{name} is a label map; choose the MR image itself.").format(name=name)
    if node.GetAttribute(MAP_ATTRIBUTE):
        return _("{name} is a map of a result; choose the MR image itself.").format(name=name)
    if not node.IsA("vtkMRMLScalarVolumeNode"):
        return _("{name} is no volume; choose an MR image.").format(name=name)
    image = node.GetImageData()
    components = image.GetNumberOfScalarComponents() if image else 1
    if components > 1 or node.IsA("vtkMRMLTensorVolumeNode") or node.IsA("vtkMRMLVectorVolumeNode"):
        return _("{name} holds several values in each voxel; choose a gray-scale MR image.").format(name=name)
    return None


def _problem_of_image(node: Any, name: str) -> str | None:
    image = node.GetImageData()
    if image is None or image.GetNumberOfPoints() == 0 or image.GetPointData().GetScalars() is None:
        return _("{name} holds no image; load it again.").format(name=name)
    if min(image.GetDimensions()) < 2:
        return _("{name} is a single slice; choose a 3D image.").format(name=name)
    return None


def _problem_of_place(node: Any, name: str) -> str | None:
    parent = node.GetParentTransformNode()
    if parent is not None and not parent.IsTransformToWorldLinear():
        return _("{name} lies under a nonlinear transform; harden the transform in the module Transforms.").format(
            name=name
        )
    try:
        directions = np.reshape(geometry(node).direction, (3, 3))
    except InputError as error:
        return _("{name} has no usable grid: {reason}").format(name=name, reason=error)
    if np.abs(directions.T @ directions - np.eye(3)).max() > _LEAST_RIGHT_ANGLE:
        return _("{name} has axes that are not at right angles; resample it on another volume's grid first.").format(
            name=name
        )
    return None


def index_to_world(node: Any) -> np.ndarray:
    """Return the 4x4 matrix from voxel index (x, y, z) to Slicer's world (RAS, mm), linear transforms applied."""
    to_node, to_world = vtk.vtkMatrix4x4(), vtk.vtkMatrix4x4()
    node.GetIJKToRASMatrix(to_node)
    slicer.vtkMRMLTransformNode.GetMatrixTransformBetweenNodes(node.GetParentTransformNode(), None, to_world)
    return as_array(to_world) @ as_array(to_node)


def as_array(matrix: Any) -> np.ndarray:
    """Return a vtkMatrix4x4 as an array (4, 4)."""
    return np.array([[matrix.GetElement(row, column) for column in range(4)] for row in range(4)])


def geometry(node: Any) -> Geometry:
    """Return the grid on which the volume is seen, in LPS, linear parent transforms applied.

    Raises InputError where the matrix is that of no grid.
    """
    matrix = _RAS_TO_LPS @ index_to_world(node)
    spacing = np.linalg.norm(matrix[:3, :3], axis=0)
    directions = matrix[:3, :3] / np.where(spacing > 0, spacing, 1)
    nx, ny, nz = node.GetImageData().GetDimensions()
    sx, sy, sz = (float(value) for value in spacing)
    ox, oy, oz = (float(value) for value in matrix[:3, 3])
    return Geometry((nx, ny, nz), (sx, sy, sz), (ox, oy, oz), tuple(float(value) for value in directions.ravel()))


def array(node: Any) -> np.ndarray:
    """Return the voxels (z, y, x) as they lie in the node, without copying: not to be written into."""
    image = node.GetImageData()
    return vtk_to_numpy(image.GetPointData().GetScalars()).reshape(image.GetDimensions()[::-1])


def add_volume(volume: Volume, name: str) -> Any:
    """Add a volume to the scene as a node that no view shows; the voxels are copied."""
    return slicer.util.addVolumeFromArray(volume.array, _RAS_TO_LPS @ volume.geometry.index_to_physical, name)


def volume(node: Any) -> Volume:
    """Return a node as the library's volume, named after the node; the voxels are not copied.

    Raises InputError where the node has a problem.
    """
    found = problem(node)
    if found is not None:
        raise InputError(found)
    return Volume(array(node), geometry(node), node.GetName())


def facts(node: Any) -> Facts:
    """Return what the panel says of a volume. Raises InputError where the node has a problem."""
    found = problem(node)
    if found is not None:
        raise InputError(found)
    grid = geometry(node)
    scalar_type = node.GetImageData().GetScalarTypeAsString()
    return Facts(grid.size, grid.spacing, grid.axis_codes, scalar_type, series_description(node))


def stamp(node: Any) -> tuple[object, ...]:
    """Return a value that changes when the node's voxels, grid or place change, and is cheap to compare."""
    image = node.GetImageData()
    if image is None:
        return (node.GetID(), None)
    return (node.GetID(), image.GetMTime(), image.GetDimensions(), *index_to_world(node).ravel().tolist())


def series_description(node: Any) -> str:
    """Return the DICOM series description of a node, "" where it has none.

    It stands at the node's item in the subject hierarchy, or else in Slicer's DICOM database.
    """
    return _description_in_hierarchy(node) or _description_in_database(node)


def _description_in_hierarchy(node: Any) -> str:
    if node.GetScene() is None:
        return ""
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(node.GetScene())
    item = hierarchy.GetItemByDataNode(node)
    return str(hierarchy.GetItemAttribute(item, "DICOM.SeriesDescription")).strip() if item else ""


def _description_in_database(node: Any) -> str:
    instance, database = first_instance(node), find_database()
    return look_up(database, instance, DESCRIPTION) if instance and database is not None else ""
