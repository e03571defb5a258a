"""Building blocks of the phantom: its frame, smooth noise, and distances to simple shapes.

Fields are float32 arrays (z, y, x). Coordinates are millimeters of the phantom's own brain: X rises to the patient's
left, A to the front, S to the top, with the origin in the middle of the brain at the level of the commissures.
Distances are positive inside of a shape and approximate away from its surface.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

Point = tuple[float, float, float]

EXTENT_MM: Point = (154.0, 196.0, 146.0)
"""Room (x, y, z) that the brain and its margin need; a smaller field of view holds a smaller brain."""
_LOW: Point = (-77.0, -98.0, -72.0)
"""The room's lowest corner: right, posterior (as -A), inferior."""
_COARSE_MM = 2.0


@dataclass(frozen=True)
class Frame:
    """The part of the image grid around the brain, and its place in the brain's own millimeters.

    start, stop: indices (z, y, x) of the part in the whole grid. step: brain millimeters of one voxel. first: the
    coordinates (S, -A, X) of the part's first voxel. factor: how many voxels lie between two nodes of the coarse grid.
    """

    start: tuple[int, int, int]
    stop: tuple[int, int, int]
    step: float
    first: Point
    factor: int

    @classmethod
    def fit(cls, size: tuple[int, int, int], spacing: float) -> Frame:
        """Place the brain into a grid of size (x, y, z): in the middle of x and y, low in z as in BraTS."""
        fields = [n * spacing for n in size]
        scale = min(1.0, *(field / need for field, need in zip(fields, EXTENT_MM, strict=True)))
        step = spacing / scale
        centers = ((size[0] - 1) / 2 * step, (size[1] - 1) / 2 * step, -_LOW[2])
        start, stop, first = [], [], []
        for axis in (2, 1, 0):
            low = max(0, math.floor((centers[axis] + _LOW[axis]) / step))
            high = min(size[axis], math.ceil((centers[axis] + _LOW[axis] + EXTENT_MM[axis]) / step) + 1)
            start.append(low)
            stop.append(high)
            first.append(low * step - centers[axis])
        factor = max(1, int(_COARSE_MM / step))
        return cls(_triple(start), _triple(stop), step, _triple(first), factor)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape of the part's arrays, (z, y, x)."""
        return _triple([b - a for a, b in zip(self.start, self.stop, strict=True)])

    @property
    def slices(self) -> tuple[slice, slice, slice]:
        """Where the part lies in the whole array."""
        z, y, x = (slice(a, b) for a, b in zip(self.start, self.stop, strict=True))
        return z, y, x

    def coarse_coordinates(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """X, A and S on the coarse grid, which has one node more than needed on each side; broadcastable."""
        axes = []
        for n, first in zip(self.shape, self.first, strict=True):
            nodes = np.arange(-1, (n - 1) // self.factor + 3, dtype=np.float32)
            axes.append(first + nodes * np.float32(self.step * self.factor))
        return axes[2][None, None, :], -axes[1][None, :, None], axes[0][:, None, None]

    def refine(self, coarse: np.ndarray) -> np.ndarray:
        """Bring a field from the coarse grid to the voxels."""
        return interpolate(coarse, [np.arange(n) / self.factor + 1 for n in self.shape])

    def noise(self, rng: np.random.Generator, wavelength: float, coarse: bool = False) -> np.ndarray:
        """Smooth random field of about unit spread, at the voxels or on the coarse grid; wavelength in millimeters."""
        step = self.step * self.factor if coarse else self.step
        counts = [(n - 1) // self.factor + 4 if coarse else n for n in self.shape]
        positions = [np.arange(n) * (2 * step / wavelength) + 1 for n in counts]
        lattice = rng.standard_normal([math.ceil(p[-1]) + 3 for p in positions], dtype=np.float32)
        return interpolate(lattice, positions) * np.float32(1.4)


def _triple(values: Sequence[Any]) -> tuple[Any, Any, Any]:
    return values[0], values[1], values[2]


def interpolate(lattice: np.ndarray, positions: list[np.ndarray]) -> np.ndarray:
    """Sample a lattice (z, y, x) at the positions of each axis (in lattice units) with Catmull-Rom splines."""
    result = lattice.astype(np.float32, copy=False)
    for axis in (2, 1, 0):
        result = _interpolate_axis(result, positions[axis], axis)
    return result


def _interpolate_axis(values: np.ndarray, positions: np.ndarray, axis: int) -> np.ndarray:
    """Interpolate along one axis; at the lattice's ends the last value is repeated."""
    base = np.floor(positions).astype(int)
    t = (positions - base).astype(np.float32)
    if not t.any():
        return np.take(values, base, axis=axis)
    weights = (
        ((-t + 2) * t - 1) * t / 2,
        ((3 * t - 5) * t * t + 2) / 2,
        ((-3 * t + 4) * t + 1) * t / 2,
        (t - 1) * t * t / 2,
    )
    last = values.shape[axis] - 1
    along = [1, 1, 1]
    along[axis] = -1
    shape = list(values.shape)
    shape[axis] = len(positions)
    result = np.zeros(shape, np.float32)
    for offset, weight in enumerate(weights):
        part = np.take(values, np.clip(base + offset - 1, 0, last), axis=axis)
        part *= weight.reshape(along)
        result += part
    return result


def ramp(distance: np.ndarray, width: float) -> np.ndarray:
    """Rise from 0 outside to 1 inside, linearly over width millimeters: the share of a voxel that a shape fills."""
    return np.clip(distance * np.float32(1 / width) + np.float32(0.5), 0, 1)


def ellipsoid(x: np.ndarray, a: np.ndarray, s: np.ndarray, center: Point, radii: Point) -> np.ndarray:
    """Depth inside an ellipsoid with axes along X, A and S."""
    p = [(c - np.float32(m)) / np.float32(r) for c, m, r in zip((x, a, s), center, radii, strict=True)]
    k = np.sqrt(p[0] ** 2 + p[1] ** 2 + p[2] ** 2)
    slope = np.sqrt(sum((v / np.float32(r)) ** 2 for v, r in zip(p, radii, strict=True)))
    return k * (1 - k) / np.maximum(slope, np.float32(1e-3))


def tube(x: np.ndarray, a: np.ndarray, s: np.ndarray, path: tuple[tuple[Point, float], ...]) -> np.ndarray:
    """Depth inside a tube along a polyline of (point, radius)."""
    depth: np.ndarray | None = None
    for (start, r0), (end, r1) in pairwise(path):
        axis = np.subtract(end, start).astype(np.float32)
        relative = [c - np.float32(m) for c, m in zip((x, a, s), start, strict=True)]
        t = np.clip(sum(v * d for v, d in zip(relative, axis, strict=True)) / float(axis @ axis), 0, 1)
        distance = np.sqrt(sum((v - t * d) ** 2 for v, d in zip(relative, axis, strict=True)))
        part = np.float32(r0) + t * np.float32(r1 - r0) - distance
        depth = part if depth is None else np.maximum(depth, part)
    if depth is None:
        raise ValueError("A tube needs at least two points.")
    return depth


def join(a: np.ndarray, b: np.ndarray, rounding: float = 0.0) -> np.ndarray:
    """Union of two shapes, the crease between them filled over `rounding` millimeters."""
    if not rounding:
        return np.maximum(a, b)
    h = np.maximum(rounding - np.abs(a - b), 0) / np.float32(rounding)
    return np.maximum(a, b) + h * h * np.float32(rounding / 4)


def meet(a: np.ndarray, b: np.ndarray, rounding: float = 0.0) -> np.ndarray:
    """Intersection of two shapes, the edge between them rounded over `rounding` millimeters."""
    return -join(-a, -b, rounding)


def step_up(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Rise smoothly from 0 at low to 1 at high."""
    t = np.clip((values - np.float32(low)) / np.float32(high - low), 0, 1)
    return t * t * (3 - 2 * t)
