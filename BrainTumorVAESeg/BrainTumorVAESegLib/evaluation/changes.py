"""Changes of a labelled study, in the ways in which patients' images vary: intensities, slices, place and storage.

A change never touches what lies outside the brain: where all volumes are 0 they stay 0. The brain is the union of the
voxels that are not 0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import ceil

import numpy as np

from ..core.boxes import Box, bounding_box, union
from ..core.errors import InputError
from ..core.geometry import Geometry
from ..core.labels import LABELS
from ..core.modalities import MODALITIES, Modality
from ..core.volume import Study, Volume
from ..images.itk import orient, resample

Apply = Callable[[Study, Volume], tuple[Study, Volume]]
"""Takes a study and its truth on the reference volume's grid, and returns others; what is given stays as it is."""
Remap = Callable[[np.ndarray, np.ndarray, Modality], np.ndarray]
"""Takes a volume's values in the brain (n, float32), the brain (z, y, x; bool) and the modality; returns n others."""

_FACTORS = {Modality.T1: 0.01, Modality.T1CE: 7.0, Modality.T2: 1000.0, Modality.FLAIR: 0.3}
_BIAS, _NOISE = 0.3, 0.1
_BIAS_SEED, _NOISE_SEED = 1, 2
_LEAST = float(np.finfo(np.float32).tiny)
"""Stands in a brain voxel that a change would make exactly 0, so that it stays brain; nothing can tell it from 0."""
_HALF = 0.5 - 1e-4
"""A share of one half, with room for rounding."""
_ROUNDING = 1e-3
"""Parts of a voxel or slice that are rounding, not another voxel or slice."""
_SAGITTAL = "PIR"


@dataclass(frozen=True)
class Change:
    """A way to change a study and its truth: a key, a sentence for people, and the function, which is pure."""

    key: str
    sentence: str
    apply: Apply


def gamma(exponent: float) -> Change:
    """Return the change of contrast by a power of the brain's intensities, scaled to 0 to 1 and back."""
    sentence = f"Each volume's intensities in the brain, from lowest to highest, to the power of {exponent:g}."
    return Change(f"gamma-{exponent:g}", sentence, partial(_recolor, remap=partial(_gamma, exponent=exponent)))


def thick_slices(millimeters: float) -> Change:
    """Return the change to axial slices so thick; a volume whose slices are as thick already stays as it is."""
    sentence = f"All volumes as if acquired in axial slices of {millimeters:g} mm; Dice is that of the thick slices."
    return Change(f"slices-{millimeters:g}mm", sentence, partial(_thicken, millimeters=millimeters))


def shifted(x: int, y: int, z: int) -> Change:
    """Return the shift of the head by voxels along the axes of the reference volume, as far as the brain stays in."""
    sentence = f"The head moved within the images by up to {x}, {y} and {z} voxels along x, y and z."
    return Change("shifted", sentence, partial(_shift, steps=(x, y, z)))


def rotated(head_foot: float, left_right: float) -> Change:
    """Return the turn of the head about the brain's center by degrees around two axes of the patient."""
    sentence = (
        f"The head turned by {head_foot:g} degrees around the head-foot axis and {left_right:g} around left-right."
    )
    apply = partial(_rotate, head_foot=head_foot, left_right=left_right)
    return Change(f"rotated-{head_foot:g}", sentence, apply)


def choose_changes(keys: Sequence[str] = ()) -> tuple[Change, ...]:
    """Return the changes of these keys, or all where there is none; `unchanged` always comes first.

    Raises InputError on an unknown key.
    """
    known = [change.key for change in CHANGES]
    unknown = [key for key in keys if key not in known]
    if unknown:
        raise InputError(f"{unknown[0]!r} is no change; write one of {', '.join(known)}.")
    return tuple(change for change in CHANGES if not keys or change is UNCHANGED or change.key in keys)


def _brain(study: Study, grid: Geometry) -> np.ndarray:
    """Return the brain on a grid (z, y, x; bool); volumes on another grid count by their nearest voxels."""
    brain = np.zeros(grid.shape, bool)
    for volume in study.volumes.values():
        own = volume.array != 0
        brain |= own if volume.geometry.same_grid(grid) else resample(own, volume.geometry, grid, nearest=True)
    return brain


# --- intensities ------------------------------------------------------------------------------------------------------
def _recolor(study: Study, truth: Volume, remap: Remap) -> tuple[Study, Volume]:
    """Change the values in the brain; one that was not 0 does not become 0 (see `_LEAST`), so the brain stays."""
    volumes = {}
    for modality in study:
        volume = study[modality]
        brain = _brain(study, volume.geometry)
        values = volume.array[brain].astype(np.float32)
        new = remap(values, brain, modality)
        new[(new == 0) & (values != 0)] = _LEAST
        array = np.zeros(brain.shape, new.dtype)
        array[brain] = new
        volumes[modality] = replace(volume, array=array)
    return replace(study, volumes=volumes), truth


def _rescale(values: np.ndarray, brain: np.ndarray, modality: Modality) -> np.ndarray:
    return values * np.float32(_FACTORS[modality])


def _gamma(values: np.ndarray, brain: np.ndarray, modality: Modality, exponent: float) -> np.ndarray:
    unit, low, spread = _stretch(values)
    return unit**exponent * spread + low


def _bias(values: np.ndarray, brain: np.ndarray, modality: Modality) -> np.ndarray:
    """Multiply by a polynomial of second order over the brain's box, which goes from 0.7 to 1.3 within the brain."""
    weights = _random(_BIAS_SEED, modality).normal(size=(3, 3, 3))
    weights[np.indices(weights.shape).sum(axis=0) > 2] = 0
    box = bounding_box(brain)
    assert box is not None  # `unchanged` came first, and without a brain it ends in an error
    z, y, x = (np.linspace(-1, 1, side.stop - side.start) for side in box)
    field, _, _ = _stretch(np.polynomial.polynomial.polygrid3d(z, y, x, weights)[brain[box]])
    return (values * (1 + _BIAS * (2 * field - 1))).astype(np.float32)


def _round(values: np.ndarray, brain: np.ndarray, modality: Modality) -> np.ndarray:
    """Round to 255 steps from 0, or from the lowest value where that is below 0, to the volume's maximum."""
    low = min(float(values.min()), 0.0)
    spread = float(values.max()) - low or 1.0
    return np.maximum(np.round((values - low) * (255 / spread)), 1).astype(np.uint8)


def _add_noise(values: np.ndarray, brain: np.ndarray, modality: Modality) -> np.ndarray:
    noise = _random(_NOISE_SEED, modality).standard_normal(len(values), np.float32)
    return values + noise * np.float32(_NOISE * values.std())


def _stretch(values: np.ndarray) -> tuple[np.ndarray, float, float]:
    """Return the values scaled to 0 to 1, their minimum, and their range (1 where they are all the same)."""
    low = float(values.min())
    spread = float(values.max()) - low or 1.0
    return np.clip((values - low) / spread, 0, 1), low, spread


def _random(seed: int, modality: Modality) -> np.random.Generator:
    return np.random.default_rng((seed, MODALITIES.index(modality)))


# --- place and grid ---------------------------------------------------------------------------------------------------
def _by_share(volume: Volume, target: Geometry, linear: Callable[[np.ndarray], np.ndarray]) -> Volume:
    """Bring a volume onto a grid by a linear mapping of arrays, in which the zeros outside the brain have no say.

    As in `preparing`: the values are divided by the share that is brain, and are 0 where that is under one half.
    """
    share = linear((volume.array != 0).astype(np.float32))
    values = linear(volume.array.astype(np.float32))
    values /= np.maximum(share, _HALF)
    values[share < _HALF] = 0
    return Volume(values, target, volume.source)


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


def _thicken(study: Study, truth: Volume, millimeters: float) -> tuple[Study, Volume]:
    volumes = {modality: _thicken_volume(study[modality], millimeters) for modality in study}
    return replace(study, volumes=volumes), _thicken_labels(truth, millimeters)


def _thicken_volume(volume: Volume, millimeters: float) -> Volume:
    grid = volume.geometry
    slices = _Slices.over(grid, millimeters)
    if slices.parts == 1:
        return volume
    return _by_share(volume, slices.thick, lambda array: slices.average(array, grid))


def _thicken_labels(truth: Volume, millimeters: float) -> Volume:
    """Return the label of the largest share in each voxel of which at least one half is tumor."""
    slices = _Slices.over(truth.geometry, millimeters)
    if slices.parts == 1:
        return truth
    masks = [(truth.array == label.value).astype(np.float32) for label in LABELS]
    shares = np.stack([slices.average(mask, truth.geometry) for mask in masks])
    values = np.array([label.value for label in LABELS], np.uint8)
    labels = np.where(shares.sum(axis=0) >= _HALF, values[shares.argmax(axis=0)], np.uint8(0))
    return Volume(labels, slices.thick, truth.source)


def _shift(study: Study, truth: Volume, steps: tuple[int, int, int]) -> tuple[Study, Volume]:
    grid = study.reference_volume.geometry
    box = bounding_box(_brain(study, grid))
    assert box is not None  # as in `_bias`
    room = [(-side.start, size - side.stop) for side, size in zip(reversed(box), grid.size, strict=True)]
    way = [min(max(step, low), high) for step, (low, high) in zip(steps, room, strict=True)]
    motion = np.eye(4)
    motion[:3, 3] = grid.index_to_physical[:3, :3] @ way
    return _move(study, truth, motion)


def _rotate(study: Study, truth: Volume, head_foot: float, left_right: float) -> tuple[Study, Volume]:
    grid = study.reference_volume.geometry
    center = grid.index_to_physical @ (*_voxels(_brain(study, grid)).mean(axis=0), 1.0)
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
    targets = {grid: _grown(grid, _brain(study, grid), motion) for grid in grids}

    def move(volume: Volume) -> Volume:
        source, target = _carried(volume.geometry, motion), targets[volume.geometry]
        return _by_share(volume, target, lambda array: resample(array, source, target))

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


def _turn_axes(study: Study, truth: Volume) -> tuple[Study, Volume]:
    """Store the arrays as a sagittal acquisition does: every voxel keeps its place in the patient."""
    return replace(study, volumes={modality: _turn(study[modality]) for modality in study}), _turn(truth)


def _turn(volume: Volume) -> Volume:
    array, geometry = orient(volume.array, volume.geometry, _SAGITTAL)
    return Volume(np.ascontiguousarray(array), geometry, volume.source)


def _keep(study: Study, truth: Volume) -> tuple[Study, Volume]:
    return study, truth


def _recolored(key: str, sentence: str, remap: Remap) -> Change:
    return Change(key, sentence, partial(_recolor, remap=remap))


UNCHANGED = Change("unchanged", "The images as they are.", _keep)
CHANGES: tuple[Change, ...] = (
    UNCHANGED,
    _recolored(
        "rescaled",
        "Each volume multiplied by a number of its own:"
        f" {', '.join(f'{modality} {factor:g}' for modality, factor in _FACTORS.items())}.",
        _rescale,
    ),
    gamma(0.7),
    gamma(1.5),
    _recolored("bias", "Each volume multiplied by a smooth field of its own, 0.7 to 1.3 over the brain.", _bias),
    _recolored("8-bit", "Each volume rounded to whole numbers of 0 to 255, 255 its maximum.", _round),
    _recolored("noise", "Gaussian noise added, a tenth of each volume's standard deviation in the brain.", _add_noise),
    thick_slices(3),
    thick_slices(5),
    shifted(8, -6, 5),
    rotated(15, 10),
    Change("sagittal-storage", "The arrays stored along other axes, every voxel in its place.", _turn_axes),
)
"""All changes, `unchanged` first."""
