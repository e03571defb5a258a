"""What the checks look at: each volume at a few points, so that looking is quick."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from ..core.boxes import bounding_box
from ..core.geometry import Geometry
from ..core.modalities import Modality, is_image_name
from ..core.volume import Study, Volume, is_finite

_COARSE = 3.0
"""Distance in mm between the points that are looked at; the volume of a brain comes out within 1 % all the same."""


@dataclass(frozen=True)
class Look:
    """One volume, seen coarsely.

    coarse: every few voxels (z, y, x) of the array, with 0 for what is not finite. grid: where they lie. shared: the
    values nearest to the reference's coarse points (its coarse shape), 0 outside. covered: bool, which of those points
    lie within this volume.
    """

    modality: Modality
    volume: Volume
    finite: bool
    coarse: np.ndarray
    grid: Geometry
    shared: np.ndarray
    covered: np.ndarray

    @property
    def name(self) -> str:
        """The file's name without its folder, or the node's, for messages."""
        source = self.volume.source
        return Path(source).name if is_image_name(Path(source)) else source or f"the {self.modality} volume"

    @cached_property
    def brain(self) -> np.ndarray:
        """The coarse values that are not 0, one after another."""
        return self.coarse[self.coarse != 0]

    @cached_property
    def values(self) -> np.ndarray:
        """The distinct coarse values that are not 0."""
        return np.unique(self.brain)

    @property
    def brain_ml(self) -> float:
        """Milliliters of the volume that are not 0."""
        return len(self.brain) / self.coarse.size * self.volume.array.size * self.volume.geometry.voxel_volume

    @cached_property
    def brain_mm(self) -> tuple[float, ...]:
        """Length of what is not 0 along the volume's axes (x, y, z), in mm; 0 where all is."""
        box = bounding_box(self.coarse != 0)
        if box is None:
            return 0.0, 0.0, 0.0
        return tuple((side.stop - side.start) * s for side, s in zip(reversed(box), self.grid.spacing, strict=True))


def look_at(study: Study) -> Mapping[Modality, Look]:
    """Look at each of a study's volumes."""
    seen = {modality: _coarse(study[modality]) for modality in study}
    _, coarse, points = seen[study.reference]
    looks = {}
    for modality, (finite, values, grid) in seen.items():
        if study[modality].geometry.same_grid(study.reference_volume.geometry):
            shared, covered = values, np.ones(coarse.shape, bool)
        else:
            shared, covered = _nearest(study[modality], points)
        looks[modality] = Look(modality, study[modality], finite, values, grid, shared, covered)
    return looks


def _coarse(volume: Volume) -> tuple[bool, np.ndarray, Geometry]:
    """Return whether all values are finite, the coarse values and their grid."""
    finite = is_finite(volume.array)
    steps = [max(1, round(_COARSE / s)) for s in volume.geometry.spacing]
    starts = [min(step // 2, n - 1) for step, n in zip(steps, volume.geometry.size, strict=True)]
    x, y, z = (slice(start, None, step) for start, step in zip(starts, steps, strict=True))
    values = np.ascontiguousarray(volume.array[z, y, x])
    own = volume.geometry
    first = own.index_to_physical @ np.array([*starts, 1.0])
    sx, sy, sz = (s * step for s, step in zip(own.spacing, steps, strict=True))
    nz, ny, nx = values.shape
    grid = Geometry((nx, ny, nz), (sx, sy, sz), (float(first[0]), float(first[1]), float(first[2])), own.direction)
    return finite, values if finite else _without_strange(values), grid


def _without_strange(values: np.ndarray) -> np.ndarray:
    return np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)


def _nearest(volume: Volume, points: Geometry) -> tuple[np.ndarray, np.ndarray]:
    """Return the volume's values nearest to the points of a grid (z, y, x), 0 outside, and which points lie within."""
    matrix = np.linalg.inv(volume.geometry.index_to_physical) @ points.index_to_physical
    nx, ny, nz = points.size
    z, y, x = np.ogrid[:nz, :ny, :nx]
    index = [np.rint(row[0] * x + row[1] * y + row[2] * z + row[3]).astype(np.int32) for row in matrix[:3]]
    covered = np.ones(points.shape, bool)
    for place, n in zip(index, volume.geometry.size, strict=True):
        covered &= (place >= 0) & (place < n)
    result = np.zeros(points.shape, volume.array.dtype)
    result[covered] = volume.array[index[2][covered], index[1][covered], index[0][covered]]
    return (result if is_finite(result) else _without_strange(result)), covered
