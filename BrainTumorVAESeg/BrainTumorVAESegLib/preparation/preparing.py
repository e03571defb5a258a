"""From a study to what the networks read: one grid, the brain's box, clipped and z-scored.

The way back is `restoring`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..core.boxes import Box, bounding_box, cut, union
from ..core.errors import CheckError
from ..core.geometry import Geometry
from ..core.modalities import Modality
from ..core.settings import Preprocessing
from ..core.threads import thread_pool
from ..core.volume import Study, Volume, require_modalities
from ..images.itk import orient, resample
from .background import find_background
from .coarsening import Coarse, coarsened
from .masking import mask_on

_SPACING_TOLERANCE = 0.01
_MOST_VOXELS = 2**28
"""Of the prepared grid, in float32 1 GiB for each volume: a cube of 645 mm at 1 mm."""


@dataclass(frozen=True)
class PreparedStudy:
    """A network's input and where it lies.

    images: (modalities, z, y, x) float32, z-scored over the brain, 0 outside it, in the order of modalities; one that
    the study lacks is 0 everywhere, as training shows it.
    brain: (z, y, x) bool. geometry: the cropped grid. canvas: the whole grid in canonical orientation that it was
    cropped from. start: index (z, y, x) of the crop's first voxel in the canvas, negative where it reaches beyond it.
    aligned: the canvas is the reference volume's own grid, only reoriented, so that going back needs no interpolation.
    """

    images: np.ndarray
    brain: np.ndarray
    modalities: tuple[Modality, ...]
    geometry: Geometry
    canvas: Geometry
    start: tuple[int, int, int]
    aligned: bool

    @cached_property
    def coarse(self) -> Coarse:
        """The images at half their resolution; made once."""
        return Coarse(*coarsened(self.images, self.brain))


def prepare(
    study: Study, settings: Preprocessing, modalities: tuple[Modality, ...], optional: Collection[Modality] = ()
) -> PreparedStudy:
    """Bring the study's volumes onto one isotropic grid, crop to the brain, clip and z-score over the foreground.

    The grid is the reference volume's own where its spacing is already the settings' (within 1 %), else a new one over
    the same extent; each volume is resampled once, from where its transform puts it. The brain is the study's mask, or
    the union of the voxels that are not background (see `background`); values that are not finite count as 0. Raises
    InputError where a modality is missing that is not optional, CheckError where there is no brain or one of no brain's
    size.
    """
    require_modalities(study.volumes, optional)
    present = [modality for modality in modalities if modality in study.volumes]
    canvas, aligned = _canvas(study.reference_volume.geometry, settings.spacing)
    sources = [_Source.of(study[modality], canvas) for modality in present]
    regions = [source.region for source in sources if source.region is not None]
    if not regions:
        raise CheckError("No volume has a voxel other than 0 where the reference volume lies; choose other files.")
    region = union(regions) if study.brain is None else _region_of(study.brain, canvas)
    _require_size(region, canvas)
    volumes = [source.on(canvas, region) for source in sources]
    brain = _union(volumes) if study.brain is None else mask_on(study.brain, canvas.sub_grid(region))
    if study.brain is not None:
        volumes = [np.where(brain, volume, volume.dtype.type(0)) for volume in volumes]
    box = bounding_box(brain, settings.margin)
    if box is None:
        raise CheckError("No voxel of the volumes differs from 0 where the reference volume lies; choose other files.")
    mask = cut(brain, box)
    images = np.zeros((len(modalities), *mask.shape), np.float32)

    def normalised(volume: np.ndarray) -> np.ndarray:
        values = cut(volume, box)
        return normalise(values, values != 0 if settings.foreground == "channel" else mask, settings.clip)

    with thread_pool(len(volumes)) as pool:
        for modality, image in zip(present, pool.map(normalised, volumes), strict=True):
            images[modalities.index(modality)] = image
    whole = box.shifted(region.start)
    return PreparedStudy(images, mask, modalities, canvas.sub_grid(whole), canvas, whole.start, aligned)


def _region_of(brain: Volume, canvas: Geometry) -> Box:
    """Return the box of the canvas that holds a brain mask. Raises CheckError where the mask lies beside it."""
    inside = bounding_box(brain.array != 0, margin=1, within=True)
    region = canvas.covered_by(brain.geometry.sub_grid(inside)) if inside is not None else None
    if region is None or any(side.stop <= side.start for side in region):
        raise CheckError("The brain mask holds nothing where the reference volume lies; give another one.")
    return region


def _union(volumes: list[np.ndarray]) -> np.ndarray:
    """Return where any of the volumes is not 0."""
    brain = volumes[0] != 0
    for volume in volumes[1:]:
        brain |= volume != 0
    return brain


def _require_size(region: Box, canvas: Geometry) -> None:
    """Raise CheckError where the grid around the brain is larger than any brain's, as by a wrong spacing."""
    z, y, x = region.size
    if z * y * x > _MOST_VOXELS:
        spacing = canvas.spacing[0]
        sides = " x ".join(f"{n * spacing:.0f}" for n in (x, y, z))
        raise CheckError(
            f"The images' brain measures {sides} mm, too much for a grid of {spacing:g} mm; correct the voxel spacing."
        )


def prepare_labels(labels: Volume, prepared: PreparedStudy) -> np.ndarray:
    """Return a label map on the prepared grid, (z, y, x) of its own type, by its nearest voxel."""
    array, geometry = orient(labels.array, labels.geometry)
    if not geometry.same_grid(prepared.canvas):
        return resample(array, geometry, prepared.geometry, nearest=True)
    return cut(array, Box.at(prepared.start, prepared.brain.shape))


def normalise(values: np.ndarray, brain: np.ndarray, clip: tuple[float, float]) -> np.ndarray:
    """Clip (z, y, x) at the brain's percentiles, then z-score over the brain; float32, 0 outside the brain."""
    inside = values[brain].astype(np.float32)
    if not inside.size:
        return np.zeros(values.shape, np.float32)
    low, high = np.percentile(inside, clip)
    np.clip(inside, low, high, out=inside)
    spread = float(inside.std())
    inside -= inside.mean()
    inside /= spread if spread > 0 else 1.0
    result = np.zeros(values.shape, np.float32)
    result[brain] = inside
    return result


@dataclass(frozen=True)
class _Source:
    """A volume in canonical orientation, and where its brain lies in it and, as region, on the canvas."""

    array: np.ndarray
    geometry: Geometry
    same: bool
    brain: Box | None
    region: Box | None

    @classmethod
    def of(cls, volume: Volume, canvas: Geometry) -> _Source:
        array, geometry = orient(find_background(volume).remove(volume.array), volume.geometry)
        same = geometry.same_grid(canvas)
        # Interpolation sees one voxel beyond the brain, and no further.
        brain = bounding_box(array != 0, margin=0 if same else 1, within=True)
        region = brain if brain is None or same else canvas.covered_by(geometry.sub_grid(brain))
        if region is not None and any(side.stop <= side.start for side in region):
            region = None
        return cls(array, geometry, same, brain, region)

    def on(self, canvas: Geometry, region: Box) -> np.ndarray:
        """Return the volume on a region of the canvas: as it is where the grids agree, else resampled in space."""
        if self.same:
            return self.array[region]
        target = canvas.sub_grid(region)
        if self.brain is None:
            return np.zeros(target.shape, np.float32)
        array, geometry = self.array[self.brain], self.geometry.sub_grid(self.brain)
        # Interpolation next to the brain's edge would blend in the zeros outside: divide by the share that is brain.
        share = resample((array != 0).astype(np.float32), geometry, target)
        values = resample(array, geometry, target)
        values /= np.maximum(share, 0.5)
        values[share < 0.5] = 0
        return values


def _canvas(reference: Geometry, spacing: float) -> tuple[Geometry, bool]:
    """Return the canonical grid at the given spacing, and whether that is the reference's own."""
    geometry = orient(np.broadcast_to(np.uint8(0), reference.shape), reference)[1]
    if all(abs(s - spacing) <= _SPACING_TOLERANCE * spacing for s in reference.spacing):
        return geometry, True
    extent = np.asarray(geometry.size) * np.asarray(geometry.spacing)
    nx, ny, nz = (int(n) for n in np.maximum(np.round(extent / spacing), 1))
    direction = np.reshape(geometry.direction, (3, 3))
    # The outer faces of the two grids' first voxels coincide, not their centers.
    shifted = np.asarray(geometry.origin) + direction @ ((spacing - np.asarray(geometry.spacing)) / 2)
    x, y, z = (float(value) for value in shifted)
    return Geometry((nx, ny, nz), (spacing, spacing, spacing), (x, y, z), geometry.direction), False
