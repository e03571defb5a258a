"""Where a lesion's two diameters lie, as an SR tells it: on a slice of the source, or free in the patient's space."""

from __future__ import annotations

from typing import Any

import numpy as np
from highdicom.sr import (
    CoordinatesForMeasurement,
    CoordinatesForMeasurement3D,
    GraphicTypeValues,
    GraphicTypeValues3D,
    SourceImageForRegion,
)

from ..measures.results import Diameters, Point
from .sources import Source

_ON_SLICE = 0.02
"""By how much, in slices, a point may lie off a slice of the source's."""


def slice_of(diameters: Diameters, source: Source) -> int | None:
    """Return the source's slice (from 0) on which both lines lie; None where they lie on none, as if cut across."""
    heights = _index([*diameters.ends, *diameters.perpendicular_ends], source)[:, 2]
    index = round(float(heights.mean()))
    on_it = bool(np.abs(heights - index).max() <= _ON_SLICE)
    return index if on_it and 0 <= index < source.grid.size[2] else None


def line(ends: tuple[Point, Point], index: int | None, source: Source) -> Any:
    """Return a line as highdicom's coordinates: columns and rows of slice index, or LPS millimeters where it is None.

    A picture's coordinates begin at the outer corner of its first pixel, whose center is (0.5, 0.5). Source: DICOM
    PS3.3 C.18.6.1.2.
    """
    if index is None:
        return CoordinatesForMeasurement3D(GraphicTypeValues3D.POLYLINE, np.array(ends), source.space)
    header, frames = source.picture(index)
    picture = SourceImageForRegion(header.SOPClassUID, header.SOPInstanceUID, frames)
    return CoordinatesForMeasurement(GraphicTypeValues.POLYLINE, _index(ends, source)[:, :2] + 0.5, picture)


def _index(points: Any, source: Source) -> np.ndarray:
    """Return points (n, 3) in LPS millimeters as (column, row, slice) of the source's grid, centers being whole."""
    matrix = np.linalg.inv(source.grid.index_to_physical)
    return np.array(points) @ matrix[:3, :3].T + matrix[:3, 3]
