"""Shapes with known measures, on any grid."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from BrainTumorVAESegLib.core.geometry import Geometry
from BrainTumorVAESegLib.measures.diameters import measure_axially, measure_in_3d
from BrainTumorVAESegLib.measures.results import Diameters
from BrainTumorVAESegLib.measures.slicing import slice_axially

Shape = Callable[[np.ndarray], np.ndarray]


def turned(*turns: tuple[int, float]) -> tuple[float, ...]:
    """Return a direction that is turned about the patient's axes (0 to 2) by degrees, one after another."""
    result = np.eye(3)
    for axis, degrees in turns:
        c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
        turn = np.eye(3)
        first, second = (axis + 1) % 3, (axis + 2) % 3
        turn[[first, first, second, second], [first, second, first, second]] = c, -s, s, c
        result = turn @ result
    return tuple(result.ravel().tolist())


def grid(
    size: tuple[int, int, int] = (40, 40, 40),
    spacing: tuple[float, float, float] = (1.0, 1.0, 1.0),
    direction: tuple[float, ...] = turned(),
) -> Geometry:
    """Return a grid around the patient's origin."""
    middle = np.reshape(direction, (3, 3)) @ ((np.array(size) - 1) / 2 * spacing)
    x, y, z = (float(-value) for value in middle)
    return Geometry(size, spacing, (x, y, z), direction)


def places(geometry: Geometry) -> np.ndarray:
    """Return where a grid's voxels lie, (3, z, y, x) in LPS millimeters."""
    index = np.indices(geometry.shape)[::-1].reshape(3, -1)
    matrix = geometry.index_to_physical
    return (matrix[:3, :3] @ index + matrix[:3, 3:]).reshape(3, *geometry.shape)


def ellipsoid(*half_axes: float) -> Shape:
    """Return the shape of an ellipsoid around the origin, half axes along the patient's x, y, z in millimeters."""
    return lambda at: sum((at[axis] / half) ** 2 for axis, half in enumerate(half_axes)) < 1


def diameters_of(mask: np.ndarray, geometry: Geometry) -> Diameters:
    slicing = slice_axially(geometry)
    return measure_axially(slicing.arrange(np.argwhere(mask)), slicing)


def diameter_in_3d(mask: np.ndarray, geometry: Geometry) -> float:
    slicing = slice_axially(geometry)
    return measure_in_3d(slicing.arrange(np.argwhere(mask)), slicing)


@pytest.fixture(scope="session")
def random_masks() -> list[np.ndarray]:
    """200 small masks, of blobs and of scattered voxels, none of them empty."""
    numbers = np.random.default_rng(5)
    masks = []
    for trial in range(200):
        mask = numbers.random((3, 5, 6)) < (0.12 if trial % 2 else 0.6)
        mask[tuple(numbers.integers(0, mask.shape))] = True
        masks.append(mask)
    return masks
