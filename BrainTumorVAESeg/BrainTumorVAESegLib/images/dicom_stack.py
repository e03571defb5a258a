"""The slices of a DICOM series as one grid, or in one sentence why they are none."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..core.errors import InputError
from ..core.geometry import Geometry
from .dicom_headers import Frame

FEWEST_SLICES = 10
"""Below this a series is a localizer or a part of one: no brain is covered by so few."""
_SAME_DIRECTION = 1e-3
_SIDEWAYS_MM = 1.0
"""By how much the last slice may lie beside the normal through the first; headers round."""


def stack(frames: Sequence[Frame]) -> tuple[Geometry, list[int]]:
    """Return the grid of a series' frames and their order along it, from the first slice to the last.

    The axes of the grid are the rows', the columns' and their normal. Raises InputError, half a sentence, where the
    frames are no volume: of two sizes, without a place, of several orientations (a localizer), sheared (gantry tilt),
    twice in one place, unevenly spaced (a slice is missing), or a handful.
    """
    first = frames[0]
    if any(None in (frame.position, frame.orientation, frame.spacing) for frame in frames):
        raise InputError("its slices do not say where in the patient they lie; export the original series")
    orientations = np.array([frame.orientation for frame in frames])
    if np.abs(orientations - orientations[0]).max() > _SAME_DIRECTION:
        raise InputError("its slices are turned against each other, as a localizer's are; choose another series")
    if len({(frame.size, frame.spacing) for frame in frames}) > 1:
        raise InputError("its slices have different sizes or spacings; choose another series")
    row, column = orientations[0, :3], orientations[0, 3:]
    if abs(np.linalg.norm(row) - 1) > 1e-2 or abs(np.linalg.norm(column) - 1) > 1e-2 or abs(row @ column) > 1e-2:
        raise InputError("the directions of its rows and columns are those of no picture; export the series again")
    normal = np.cross(row, column)
    positions = np.array([frame.position for frame in frames])
    along = positions @ normal
    order = [int(place) for place in np.argsort(along, kind="stable")]
    gap = _even_gap(along[order])
    _require_upright(positions[order], normal)
    if len(frames) < FEWEST_SLICES:
        raise InputError(f"it has only {_count(len(frames), 'slice')}, too few for a brain; choose another series")
    assert first.spacing is not None
    between_rows, between_columns = first.spacing
    direction = np.column_stack([row, column, normal])
    x, y, z = (float(value) for value in positions[order[0]])
    rows, columns = first.size
    spacing = (between_columns, between_rows, gap)
    grid = Geometry(
        (columns, rows, len(frames)), spacing, (x, y, z), tuple(float(value) for value in direction.ravel())
    )
    return grid, order


def _even_gap(along: np.ndarray) -> float:
    """Return the distance of slices, mm. Raises InputError where it is not the same between all."""
    if len(along) < 2:
        raise InputError("it has only 1 slice, too few for a brain; choose another series")
    gaps = np.diff(along)
    usual = float(np.median(gaps))
    twice = int(np.count_nonzero(gaps < 1e-3 + 0.1 * usual))
    if twice:
        lie = "lies" if twice == 1 else "lie"
        raise InputError(
            f"{_count(twice, 'slice')} of {len(along)} {lie} where another does (several echoes or volumes in one"
            " series, or files that are there twice); keep one of each"
        )
    usual = float(gaps.min())
    missing = int(np.sum(np.rint(gaps / usual) - 1))
    where = int(np.argmax(gaps))
    if missing and np.abs(gaps / usual - np.rint(gaps / usual)).max() < 0.1:
        raise InputError(
            f"{_count(missing, 'slice')} {'is' if missing == 1 else 'are'} missing, the first gap after slice "
            f"{int(np.argmax(gaps > 1.5 * usual)) + 1} of {len(along)}; export the series again"
        )
    if gaps.max() - gaps.min() > 0.05 * usual + 0.02:
        raise InputError(
            f"its slices are unevenly spaced ({gaps.min():.3g} to {gaps[where]:.3g} mm); export the series again"
        )
    return float((along[-1] - along[0]) / (len(along) - 1))


def _require_upright(positions: np.ndarray, normal: np.ndarray) -> None:
    """Raise InputError where slices are shifted against each other sideways."""
    way = positions[-1] - positions[0]
    sideways = float(np.linalg.norm(way - (way @ normal) * normal))
    if sideways > _SIDEWAYS_MM:
        angle = float(np.degrees(np.arctan2(sideways, way @ normal)))
        raise InputError(
            f"its slices are shifted against each other (gantry tilt of {angle:.0f} degrees); resample it to an upright"
            " grid first"
        )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
