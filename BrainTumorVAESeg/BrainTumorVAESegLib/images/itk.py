"""Arrays on their grids to SimpleITK images, reorientation and physical resampling."""

from __future__ import annotations

import numpy as np
import SimpleITK as sitk

from ..core.geometry import Geometry

CANONICAL = "LPS"
"""Orientation of the prepared grid: x rises to the patient's left, y to the back, z to the head."""

# What ITK has to say arrives as exceptions; its warnings on the screen would only confuse a person.
sitk.ProcessObject.SetGlobalWarningDisplay(False)


def limit_itk_threads(most: int) -> None:
    """Let ITK's filters work with so many threads at most."""
    sitk.ProcessObject.SetGlobalDefaultNumberOfThreads(most)


def geometry_of(image: sitk.Image | sitk.ImageFileReader) -> Geometry:
    """Return the grid of a 3D image, or of the first frame of one of more dimensions. Raises InputError for no grid."""
    nx, ny, nz = image.GetSize()[:3]
    dx, dy, dz = image.GetSpacing()[:3]
    x, y, z = image.GetOrigin()[:3]
    dimensions = len(image.GetSize())
    direction = np.reshape(image.GetDirection(), (dimensions, dimensions))[:3, :3]
    return Geometry((nx, ny, nz), (dx, dy, dz), (x, y, z), tuple(float(value) for value in direction.ravel()))


def image_from_array(array: np.ndarray, geometry: Geometry) -> sitk.Image:
    """Return an array (z, y, x) on its grid as an image; bool becomes uint8."""
    image = sitk.GetImageFromArray(array.astype(np.uint8) if array.dtype == bool else array)
    image.SetSpacing(geometry.spacing)
    image.SetOrigin(geometry.origin)
    image.SetDirection(geometry.direction)
    return image


def orient(array: np.ndarray, geometry: Geometry, codes: str = CANONICAL) -> tuple[np.ndarray, Geometry]:
    """Permute and flip the axes of (z, y, x) so that they rise as the codes say.

    Every voxel keeps its place in the patient. The array returned is a view of the one given; its steps may be
    negative.
    """
    own = geometry.axis_codes
    if own == codes:
        return array, geometry
    pairs = [frozenset(pair) for pair in ("LR", "PA", "SI")]
    axis_of = {pair: axis for axis, code in enumerate(own) for pair in pairs if code in pair}
    order = [axis_of[pair] for code in codes for pair in pairs if code in pair]
    flipped = [own[axis] != code for axis, code in zip(order, codes, strict=True)]
    turned = array.transpose([2 - axis for axis in reversed(order)])
    turned = turned[tuple(slice(None, None, -1 if flip else 1) for flip in reversed(flipped))]
    first = np.zeros(4)
    first[3] = 1.0
    for axis, flip in zip(order, flipped, strict=True):
        first[axis] = geometry.size[axis] - 1 if flip else 0
    x, y, z = (float(value) for value in (geometry.index_to_physical @ first)[:3])
    columns = np.reshape(geometry.direction, (3, 3))[:, order] * np.where(flipped, -1.0, 1.0)
    sx, sy, sz = (geometry.spacing[axis] for axis in order)
    nz, ny, nx = turned.shape
    return turned, Geometry((nx, ny, nz), (sx, sy, sz), (x, y, z), tuple(float(value) for value in columns.ravel()))


def resample(array: np.ndarray, geometry: Geometry, target: Geometry, nearest: bool = False) -> np.ndarray:
    """Return (z, y, x) resampled in physical space onto the target grid, float32 (or its own type when nearest).

    The result is 0 where the image does not reach; only the part of the target that it may reach is computed.
    """
    box = target.covered_by(geometry)
    result = np.zeros(target.shape, array.dtype if nearest else np.float32)
    if result[box].size == 0:
        return result
    image = image_from_array(array if nearest else array.astype(np.float32, copy=False), geometry)
    grid = target.sub_grid(box)
    interpolator = sitk.sitkNearestNeighbor if nearest else sitk.sitkLinear
    image = sitk.Resample(image, grid.size, sitk.Transform(), interpolator, grid.origin, grid.spacing, grid.direction)
    result[box] = sitk.GetArrayViewFromImage(image)
    return result
