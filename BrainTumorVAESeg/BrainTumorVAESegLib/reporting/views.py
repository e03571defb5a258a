"""The three planes as radiologists look at them, and the grids of slices cut through a volume."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..core.geometry import Geometry
from ..core.segmentation import Segmentation
from ..core.volume import Volume
from ..images.itk import orient

_MARGIN_MM = 9.0


@dataclass(frozen=True)
class View:
    """How a plane is shown. columns, rows, through: axes (0 x, 1 y, 2 z) of an LPS grid; upward: rows rise to the top.

    letters: the patient's directions at the picture's left, right, top and bottom.
    """

    columns: int
    rows: int
    through: int
    upward: bool
    letters: tuple[str, str, str, str]


VIEWS: dict[str, View] = {
    "axial": View(0, 1, 2, False, ("R", "L", "A", "P")),
    "coronal": View(0, 2, 1, True, ("R", "L", "S", "I")),
    "sagittal": View(1, 2, 0, True, ("A", "P", "S", "I")),
}
"""Radiological convention: the patient's left on the viewer's right, the front or the head at the top."""


@dataclass(frozen=True)
class Panel:
    """One row of the montage: its plane, the grid of its picture (one slice thick), and whether labels are drawn."""

    plane: str
    grid: Geometry
    overlay: bool


def plan_panels(reference: Volume, segmentation: Segmentation, planes: Sequence[str]) -> list[Panel]:
    """Choose the slices: in each plane the one with most tumor, in a frame around the brain.

    The first plane comes twice, plain and with labels; without tumor every plane comes once, plain, through the
    middle of the brain.
    """
    labels, geometry = orient(segmentation.labels, segmentation.geometry)
    tumor = labels > 0
    on_grid = reference.geometry.same_grid(segmentation.geometry)
    brain = orient(reference.array, reference.geometry)[0] != 0 if on_grid else np.ones(labels.shape, bool)
    low, high = bounds(brain | tumor)
    pixel = float(np.clip(min(geometry.spacing), 0.5, 1.0))
    plain = () if segmentation.is_empty else (False,)
    panels = []
    for number, plane in enumerate(planes):
        through = VIEWS[plane].through
        areas = tumor.sum(axis=tuple(axis for axis in range(3) if axis != 2 - through))
        index = int(areas.argmax()) if areas.any() else (low[through] + high[through]) // 2
        grid = slice_grid(geometry, plane, index, low, high, pixel)
        rows = (*plain, True) if number == 0 else (True,)
        panels += [Panel(plane, grid, overlay and not segmentation.is_empty) for overlay in rows]
    return panels


def slice_grid(
    geometry: Geometry, plane: str, index: int, low: Sequence[int], high: Sequence[int], pixel: float
) -> Geometry:
    """Return the grid of one slice of an LPS-oriented geometry as it is shown: x to the viewer's right, y downwards.

    index: of the slice. low, high: voxel indices (x, y, z) that the picture spans, a margin added. pixel: its side,
    mm.
    """
    view = VIEWS[plane]
    axes = np.reshape(geometry.direction, (3, 3)).T * np.asarray(geometry.spacing)[:, None]
    start = np.asarray(low, float)
    start[view.through] = index
    if view.upward:
        start[view.rows] = high[view.rows]
    units = np.reshape(geometry.direction, (3, 3)).T
    right, down = units[view.columns], units[view.rows] * (-1 if view.upward else 1)
    origin = np.asarray(geometry.origin) + start @ axes - _MARGIN_MM * (right + down)
    spans = [(high[a] - low[a]) * geometry.spacing[a] + 2 * _MARGIN_MM for a in (view.columns, view.rows)]
    width, height = (math.ceil(span / pixel) + 1 for span in spans)
    direction = np.stack([right, down, units[view.through]], axis=1)
    return Geometry(
        (width, height, 1),
        (pixel, pixel, geometry.spacing[view.through]),
        (float(origin[0]), float(origin[1]), float(origin[2])),
        tuple(float(v) for v in direction.ravel()),
    )


def position(plane: str, grid: Geometry) -> str:
    """Return where a slice of a plane lies, in the patient's coordinates: `S 69 mm`."""
    axis = VIEWS[plane].through
    # The axis of an LPS grid that lies nearest to this patient axis has its number.
    center = float(np.asarray(grid.corners()).mean(axis=0)[axis])
    return f"{('LR', 'PA', 'SI')[axis][0 if center >= 0 else 1]} {abs(center):.0f} mm"


def bounds(inside: np.ndarray) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the lowest and highest voxel index (x, y, z) of what is inside, or of the whole array where nothing is."""
    low, high = [], []
    for axis in (2, 1, 0):
        hits = np.flatnonzero(inside.any(axis=tuple(a for a in range(3) if a != axis)))
        low.append(int(hits[0]) if hits.size else 0)
        high.append(int(hits[-1]) if hits.size else inside.shape[axis] - 1)
    return tuple(low), tuple(high)
