"""Changes of where the head lies in the images, and of how their voxels are stored; the truth goes with it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..core.boxes import Box, bounding_box, union
from ..core.geometry import Geometry
from ..core.volume import Study, Volume
from ..images.itk import orient, resample
from .brain import brain_on, resample_brain

_ROUNDING = 1e-3
"""Parts of a voxel that are rounding, not another voxel."""
_SAGITTAL = "PIR"


def shift(study: Study, truth: Volume, steps: tuple[int, int, int]) -> tuple[Study, Volume]:
    """Shift the head by whole voxels (x, y, z) of the reference volume, as far as the brain stays in its image."""
    grid = study.reference_volume.geometry
    box = bounding_box(brain_on(study, grid))
    assert box is not None  # as in `recoloring.shade`
    room = [(-side.start, size - side.stop) for side, size in zip(reversed(box), grid.size, strict=True)]
    way = [min(max(step, low), high) for step, (low, high) in zip(steps, room, strict=True)]
    motion = np.eye(4)
    motion[:3, 3] = grid.index_to_physical[:3, :3] @ way
    return _move(study, truth, motion)


def rotate(study: Study, truth: Volume, head_foot: float, left_right: float) -> tuple[Study, Volume]:
    """Turn the head about the brain's center by degrees around two axes of the patient."""
    grid = study.reference_volume.geometry
    center = grid.index_to_physical @ (*_voxels(brain_on(study, grid)).mean(axis=0), 1.0)
    a, b = np.radians((head_foot, left_right))
    around_z = np.array([[np.cos(a), -np.sin(a), 0], [np.sin(a), np.cos(a), 0], [0, 0, 1]])
    around_x = np.array([[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]])
    motion = np.eye(4)
    motion[:3, :3] = around_z @ around_x
    motion[:3, 3] = center[:3] - motion[:3, :3] @ center[:3]
    return _move(study, truth, motion)


def _move(study: Study, truth: Volume, motion: np.ndarray) -> tuple[Study, Volume]:
    """Move the head by a rigid 4x4 matrix in LPS mm: volumes by linear interpolation, the truth by nearest voxels.

    Each volume keeps its grid, which grows where it would cut off the brain.
    """
    grids = {volume.geometry for volume in study.volumes.values()} | {truth.geometry}
    targets = {grid: _grown(grid, brain_on(study, grid), motion) for grid in grids}

    def move(volume: Volume) -> Volume:
        source, target = _carried(volume.geometry, motion), targets[volume.geometry]
        return resample_brain(volume, target, lambda array: resample(array, source, target))

    volumes = {modality: move(study[modality]) for modality in study}
    target = targets[truth.geometry]
    labels = resample(truth.array, _carried(truth.geometry, motion), target, nearest=True)
    return replace(study, volumes=volumes), Volume(labels, target, truth.source)


def _carried(grid: Geometry, motion: np.ndarray) -> Geometry:
    """Return a grid that a rigid motion carries along."""
    x, y, z = (float(value) for value in (motion @ (*grid.origin, 1.0))[:3])
    direction = motion[:3, :3] @ np.reshape(grid.direction, (3, 3))
    return replace(grid, origin=(x, y, z), direction=tuple(float(value) for value in direction.ravel()))


def _grown(grid: Geometry, brain: np.ndarray, motion: np.ndarray) -> Geometry:
    """Return a grid with as many voxels more on each side as the moved brain needs."""
    way = np.linalg.inv(grid.index_to_physical) @ motion @ grid.index_to_physical
    index = _voxels(brain) @ way[:3, :3].T + way[:3, 3]
    low, high = np.floor(index.min(axis=0) + _ROUNDING).astype(int), np.ceil(index.max(axis=0) - _ROUNDING).astype(int)
    moved = Box.at(low[::-1], (high - low + 1)[::-1])
    return grid.sub_grid(union([moved, Box.at((0, 0, 0), brain.shape)]))


def _voxels(mask: np.ndarray) -> np.ndarray:
    """Return the indices (n, 3) of a mask's voxels as x, y, z."""
    return np.argwhere(mask)[:, ::-1]


def turn_axes(study: Study, truth: Volume) -> tuple[Study, Volume]:
    """Store the arrays as a sagittal acquisition does: every voxel keeps its place in the patient."""
    return replace(study, volumes={modality: _turn(study[modality]) for modality in study}), _turn(truth)


def _turn(volume: Volume) -> Volume:
    array, geometry = orient(volume.array, volume.geometry, _SAGITTAL)
    return Volume(np.ascontiguousarray(array), geometry, volume.source)
