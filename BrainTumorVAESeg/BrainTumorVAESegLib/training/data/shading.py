"""Smooth fields of brightness, as coils and the head itself leave them: of three kinds, none like the one before.

Fields are (1, z, y, x), on the grid of a sample, and reach over the box of its brain.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from .axis_maps import along, spline_map

_DEGREES = (1, 2, 3)
"""Highest degree of a polynomial."""
_CONTROL_MM = (50.0, 100.0)
"""Distance between the control points of a spline."""
_MOST_COILS = 4
_COIL_AWAY = (1.1, 1.8)
"""Distance of a coil's center from that of the brain's box; 1 is half the box's longest side."""
_COIL_RADIUS = (0.5, 1.2)
_LEAST = 1e-6


def draw_field(random: np.random.RandomState, brain: Tensor, spacing: float) -> Tensor:
    """Draw a field that goes from -1 to 1 within the brain: a polynomial's, a spline's, or that of coils beside it.

    brain: (1, z, y, x), 0 or 1, of one voxel at least; the field lies on its device. spacing: mm of a voxel.
    """
    axes = [axis.to(brain.device) for axis in _axes(brain)]
    draw = (_draw_polynomial, _draw_spline, _draw_coils)[random.randint(3)]
    field = draw(random, axes, spacing)
    inside = field[brain > 0]
    low, high = inside.min(), inside.max()
    return (field - low) * (2 / (high - low).clamp(min=_LEAST)) - 1


def _axes(brain: Tensor) -> list[Tensor]:
    """Return the places of the voxels along each axis: 0 in the middle of the brain's box, 1 half its longest side."""
    sides = []
    for axis in (1, 2, 3):
        there = brain.amax([other for other in range(4) if other != axis]).nonzero()[:, 0]
        sides.append((brain.shape[axis], int(there[0]), int(there[-1])))
    half = max(last - first + 1 for _, first, last in sides) / 2
    return [(torch.arange(length) - (first + last) / 2) / half for length, first, last in sides]


def _draw_polynomial(random: np.random.RandomState, axes: list[Tensor], spacing: float) -> Tensor:
    """Draw a polynomial of the first to third degree."""
    degree = random.choice(_DEGREES)
    shares = random.standard_normal((degree + 1,) * 3)
    shares[np.indices(shares.shape).sum(0) > degree] = 0
    powers = [torch.stack([axis**power for power in range(degree + 1)], 1) for axis in axes]
    return along(torch.from_numpy(shares[None]).float().to(axes[0].device), powers)


def _draw_spline(random: np.random.RandomState, axes: list[Tensor], spacing: float) -> Tensor:
    """Draw a cubic B-spline of random control points."""
    maps = [spline_map(len(axis), random.uniform(*_CONTROL_MM) / spacing) for axis in axes]
    points = random.uniform(-1, 1, (1, *(one.shape[1] for one in maps)))
    return along(torch.from_numpy(points).float().to(axes[0].device), maps)


def _draw_coils(random: np.random.RandomState, axes: list[Tensor], spacing: float) -> Tensor:
    """Draw the sum of some coils that lie around the brain, the log of which falls off as a loop's field squared does.

    Far from a loop of radius r, on its axis, the field goes with (r^2 + d^2)^(-3/2).
    """
    total = torch.zeros(())
    for _ in range(random.randint(_MOST_COILS) + 1):
        way = random.standard_normal(3)
        center = way / max(float(np.linalg.norm(way)), _LEAST) * random.uniform(*_COIL_AWAY)
        z, y, x = ((axis - float(c)).square() for axis, c in zip(axes, center, strict=True))
        distance = z[:, None, None] + y[:, None] + x
        total = total + float(random.uniform(0.3, 1)) * (random.uniform(*_COIL_RADIUS) ** 2 + distance) ** -1.5
    return total.log()[None]
