"""Label maps as segments hold them: an image of the tumor's extent alone, on the grid of a volume."""

from __future__ import annotations

from typing import Any

import numpy as np
import slicer
import vtk
from vtk.util.numpy_support import vtk_to_numpy

from ...core.boxes import Box
from .volumes import as_array

_SAME_GRID = 1e-4
"""How far (mm) the numbers of two matrices may be apart for the same grid."""


def oriented_image(values: np.ndarray, first: tuple[int, int, int], index_to_space: np.ndarray) -> Any:
    """Return a vtkOrientedImageData of a part of a grid; an empty array gives an empty image.

    values: the part (z, y, x), uint8. first: the index (z, y, x) of its first voxel. index_to_space: the grid's 4x4
    matrix from voxel index (x, y, z) to the segmentation's space (RAS, mm).
    """
    image = slicer.vtkOrientedImageData()
    extent = (0, -1, 0, -1, 0, -1)
    if values.size:
        ends = [(start, start + n - 1) for start, n in zip(first, values.shape, strict=True)]
        extent = (*ends[2], *ends[1], *ends[0])
    image.SetExtent(*extent)
    image.AllocateScalars(vtk.VTK_UNSIGNED_CHAR, 1)
    if values.size:
        vtk_to_numpy(image.GetPointData().GetScalars())[:] = values.ravel()
    image.SetGeometryFromImageToWorldMatrix(as_matrix(index_to_space))
    return image


def are_same(image: Any, other: Any) -> bool:
    """Say whether two label maps have the same voxels at the same places."""
    if image.GetExtent() != other.GetExtent():
        return False
    matrices = vtk.vtkMatrix4x4(), vtk.vtkMatrix4x4()
    image.GetImageToWorldMatrix(matrices[0])
    other.GetImageToWorldMatrix(matrices[1])
    if not np.array_equal(as_array(matrices[0]), as_array(matrices[1])):
        return False
    scalars = [each.GetPointData().GetScalars() for each in (image, other)]
    first, second = (None if each is None else vtk_to_numpy(each) for each in scalars)
    return first is not None and second is not None and bool(np.array_equal(first, second))


def read_segment(node: Any, key: str, shape: tuple[int, int, int], index_to_space: np.ndarray) -> np.ndarray:
    """Return a segment as a mask (z, y, x) on a grid, False where the segment reaches beyond it, or is not there.

    index_to_space: the grid's matrix as in `oriented_image`. A segment that lies on another grid, as after editing, is
    resampled by its nearest voxels.
    """
    mask = np.zeros(shape, bool)
    if node.GetSegmentation().GetSegment(key) is None:
        return mask
    image = node.GetBinaryLabelmapInternalRepresentation(key)
    if image is None or image.IsEmpty():
        return mask
    part, here = _part_on_grid(image, shape, index_to_space)
    mask[here] = part == node.GetSegmentation().GetSegment(key).GetLabelValue()
    return mask


def read_label_map(node: Any, shape: tuple[int, int, int], index_to_space: np.ndarray) -> np.ndarray:
    """Return where a label map's volume node is other than 0, as `read_segment` does a segment."""
    mask, image = np.zeros(shape, bool), slicer.vtkOrientedImageData()
    image.ShallowCopy(node.GetImageData())
    image.SetGeometryFromImageToWorldMatrix(as_matrix(index_to_volume(node)))
    part, here = _part_on_grid(image, shape, index_to_space)
    mask[here] = part != 0
    return mask


def index_to_volume(node: Any) -> np.ndarray:
    """Return the 4x4 matrix from a volume node's voxel index (x, y, z) to its own space (RAS, mm)."""
    matrix = vtk.vtkMatrix4x4()
    node.GetIJKToRASMatrix(matrix)
    return as_array(matrix)


def between(first: Any, second: Any) -> np.ndarray:
    """Return the 4x4 matrix from one node's space to another's, by the linear transforms that they lie under."""
    matrix = vtk.vtkMatrix4x4()
    slicer.vtkMRMLTransformNode.GetMatrixTransformBetweenNodes(
        first.GetParentTransformNode(), second.GetParentTransformNode(), matrix
    )
    return as_array(matrix)


def _part_on_grid(image: Any, shape: tuple[int, int, int], index_to_space: np.ndarray) -> tuple[np.ndarray, Box]:
    """Return the values of an image that lie on a grid, and where on it; resampled where it lies on another one."""
    matrix = vtk.vtkMatrix4x4()
    image.GetImageToWorldMatrix(matrix)
    if not np.allclose(as_array(matrix), index_to_space, rtol=0, atol=_SAME_GRID):
        image = _resample(image, shape, index_to_space)
    there, here = _overlap(image.GetExtent(), shape)
    lengths = [last - start + 1 for start, last in zip(image.GetExtent()[::2], image.GetExtent()[1::2], strict=True)]
    return vtk_to_numpy(image.GetPointData().GetScalars()).reshape(lengths[::-1])[there], here


def _overlap(extent: tuple[int, ...], shape: tuple[int, int, int]) -> tuple[Box, Box]:
    """Return what an image of an extent and a grid of a shape share: as a box of the image, and as one of the grid."""
    first, last = extent[4::-2], extent[5::-2]
    here, there = Box.at(first, [b - a + 1 for a, b in zip(first, last, strict=True)]).inside(shape)
    return there, here


def _resample(image: Any, shape: tuple[int, int, int], index_to_space: np.ndarray) -> Any:
    grid, result = slicer.vtkOrientedImageData(), slicer.vtkOrientedImageData()
    grid.SetExtent(0, shape[2] - 1, 0, shape[1] - 1, 0, shape[0] - 1)
    grid.SetGeometryFromImageToWorldMatrix(as_matrix(index_to_space))
    slicer.vtkOrientedImageDataResample.ResampleOrientedImageToReferenceOrientedImage(image, grid, result)
    return result


def as_matrix(array: np.ndarray) -> Any:
    """Return an array (4, 4) as a vtkMatrix4x4."""
    matrix = vtk.vtkMatrix4x4()
    matrix.DeepCopy(array.ravel().tolist())
    return matrix
