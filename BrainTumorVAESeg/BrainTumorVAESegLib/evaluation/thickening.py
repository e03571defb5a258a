"""Changes of a study and its truth to thick axial slices, as many scanners make them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil

import numpy as np

from ..core.geometry import Geometry
from ..core.labels import LABELS
from ..core.volume import Study, Volume
from ..images.itk import resample
from .brain import HALF, resample_brain

_ROUNDING = 1e-3
"""Parts of a slice that are rounding, not another slice."""


@dataclass(frozen=True)
class _Slices:
    """Thick slices over the extent of a grid, each the mean of so many thin ones, along an axis of (z, y, x)."""

    thick: Geometry
    thin: Geometry
    parts: int
    axis: int

    @classmethod
    def over(cls, grid: Geometry, millimeters: float) -> _Slices:
        """Cut the extent of a grid into slices; the first begins where the grid does, the last may reach beyond it."""
        axis = next(axis for axis, code in enumerate(grid.axis_codes) if code in "SI")
        spacing = grid.spacing[axis]
        parts = ceil(millimeters / spacing - _ROUNDING)
        count = ceil(grid.size[axis] * spacing / millimeters - _ROUNDING)
        thick = _resliced(grid, axis, count, millimeters)
        return cls(thick, _resliced(grid, axis, count * parts, millimeters / parts), parts, 2 - axis)

    def average(self, array: np.ndarray, grid: Geometry) -> np.ndarray:
        """Return the means of an array of numbers on a grid, 0 where the grid does not reach."""
        thin = resample(array, grid, self.thin)
        shape = (*thin.shape[: self.axis], -1, self.parts, *thin.shape[self.axis + 1 :])
        return thin.reshape(shape).mean(axis=self.axis + 1)


def _resliced(grid: Geometry, axis: int, size: int, spacing: float) -> Geometry:
    """Return the grid with other slices along an axis (x, y, z); the outer faces of both first ones coincide."""
    sizes, spacings = list(grid.size), list(grid.spacing)
    first = np.array([0.0, 0.0, 0.0, 1.0])
    first[axis] = (spacing / grid.spacing[axis] - 1) / 2
    sizes[axis], spacings[axis] = size, spacing
    (nx, ny, nz), (dx, dy, dz) = sizes, spacings
    x, y, z = (float(value) for value in (grid.index_to_physical @ first)[:3])
    return Geometry((nx, ny, nz), (dx, dy, dz), (x, y, z), grid.direction)


def thicken(study: Study, truth: Volume, millimeters: float) -> tuple[Study, Volume]:
    """Average volumes and truth over axial slices so thick; what has such slices already stays as it is."""
    volumes = {modality: _thicken_volume(study[modality], millimeters) for modality in study}
    return replace(study, volumes=volumes), _thicken_labels(truth, millimeters)


def _thicken_volume(volume: Volume, millimeters: float) -> Volume:
    grid = volume.geometry
    slices = _Slices.over(grid, millimeters)
    if slices.parts == 1:
        return volume
    return resample_brain(volume, slices.thick, lambda array: slices.average(array, grid))


def _thicken_labels(truth: Volume, millimeters: float) -> Volume:
    """Return the label of the largest share in each voxel of which at least one half is tumor."""
    slices = _Slices.over(truth.geometry, millimeters)
    if slices.parts == 1:
        return truth
    masks = [(truth.array == label.value).astype(np.float32) for label in LABELS]
    shares = np.stack([slices.average(mask, truth.geometry) for mask in masks])
    values = np.array([label.value for label in LABELS], np.uint8)
    labels = np.where(shares.sum(axis=0) >= HALF, values[shares.argmax(axis=0)], np.uint8(0))
    return Volume(labels, slices.thick, truth.source)
