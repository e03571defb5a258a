"""The figures of a study that checks judge by: each volume by itself, and as it lies on the reference's points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from ..core.boxes import bounding_box
from ..core.geometry import Geometry
from ..core.modalities import Modality
from ..core.volume import Study, Volume
from .background import Background, background_of, is_varied
from .sampling import sample_at, sample_coarsely

_FEWEST_POINTS = 32
"""Fewer points other than 0 than this are no image, whatever they hold."""
_LITTLE_SHOWN, _LITTLE_BRAIN = 0.25, 0.5
"""Below these shares of what the other volumes show, a volume is blank: of the same place, and of the amount."""
_MOST_BRAIN_ML = 2300.0
"""A brain has 900 to 2000 ml; more than this is a head."""


@dataclass(frozen=True)
class VolumeStatistics:
    """One volume by points some millimeters apart.

    values: the points' values (z, y, x), 0 in the background. grid: where they lie. on_reference: the values nearest to
    the points of the reference (its shape), 0 outside. covered: bool, which of those points lie within this volume.
    expected_ml: what is brain in most of the other volumes, as far as this one covers it. shown: the share of that
    which is not background here.
    """

    modality: Modality
    volume: Volume
    background: Background
    values: np.ndarray
    grid: Geometry
    on_reference: np.ndarray
    covered: np.ndarray
    expected_ml: float = 0.0
    shown: float = 1.0

    @property
    def source(self) -> str:
        """The volume's `place`."""
        return self.volume.place

    @cached_property
    def brain(self) -> np.ndarray:
        """The values that are not background, one after another."""
        return self.values[self.values != 0]

    @cached_property
    def is_label_map(self) -> bool:
        """Whether there are next to no different values beside the background."""
        return len(self.brain) > _FEWEST_POINTS and not is_varied(self.brain)

    @cached_property
    def is_blank(self) -> bool:
        """Whether there is next to nothing beside the background: by itself, or where the others show brain."""
        if len(self.brain) <= _FEWEST_POINTS:
            return True
        little = self.shown < _LITTLE_SHOWN and self.brain_ml < _LITTLE_BRAIN * self.expected_ml
        return little and not self.is_label_map

    @property
    def is_image(self) -> bool:
        """Whether there is an image of something to be judged."""
        return not self.is_blank and not self.is_label_map

    @property
    def is_stripped(self) -> bool:
        """Whether what is not background may be a brain alone, by its size."""
        return self.brain_ml <= _MOST_BRAIN_ML and len(self.brain) < self.values.size

    @property
    def brain_ml(self) -> float:
        """Milliliters of the volume that are not background."""
        return len(self.brain) / self.values.size * self.volume.array.size * self.volume.geometry.voxel_volume

    @cached_property
    def brain_mm(self) -> tuple[float, ...]:
        """Length of what is not background along the volume's axes (x, y, z), in mm; 0 where all is."""
        box = bounding_box(self.values != 0)
        if box is None:
            return 0.0, 0.0, 0.0
        return tuple((side.stop - side.start) * s for side, s in zip(reversed(box), self.grid.spacing, strict=True))


Statistics = Mapping[Modality, VolumeStatistics]
"""Those of a study's volumes, by modality."""


def measure(study: Study) -> Statistics:
    """Measure each of a study's volumes by itself and at the reference's points, 0 outside a brain mask."""
    alone = {modality: _measure_alone(modality, study[modality], study.brain) for modality in study}
    reference = alone[study.reference]
    placed = {modality: _place(volume, reference, study.brain) for modality, volume in alone.items()}
    return {modality: _compare_extent(volume, placed, reference.grid) for modality, volume in placed.items()}


def _measure_alone(modality: Modality, volume: Volume, brain: Volume | None) -> VolumeStatistics:
    values, grid = sample_coarsely(volume)
    background = background_of(values)
    values = _within(brain, background.remove(values), grid)
    return VolumeStatistics(modality, volume, background, values, grid, values, np.ones(values.shape, bool))


def _within(brain: Volume | None, values: np.ndarray, grid: Geometry) -> np.ndarray:
    """Return values (z, y, x) at a grid's points with 0 outside the brain, where there is a mask of it."""
    if brain is None:
        return values
    inside = sample_at(brain, grid)[0] != 0
    return np.where(inside, values, values.dtype.type(0))


def _place(volume: VolumeStatistics, reference: VolumeStatistics, brain: Volume | None) -> VolumeStatistics:
    """Return a volume's statistics with its values at the reference's points."""
    if volume.volume.geometry.same_grid(reference.volume.geometry):
        return volume
    values, covered = sample_at(volume.volume, reference.grid)
    values = _within(brain, np.where(covered, volume.background.remove(values), 0), reference.grid)
    return replace(volume, on_reference=values, covered=covered)


def _compare_extent(volume: VolumeStatistics, placed: Statistics, grid: Geometry) -> VolumeStatistics:
    """Return a volume's statistics with what the others let expect of it; those of a whole head have no say."""
    others = [other.on_reference != 0 for other in placed.values() if other is not volume and other.is_stripped]
    if not others:
        return volume
    votes = np.sum([other.view(np.uint8) for other in others], axis=0, dtype=np.uint8)
    expected = (votes > len(others) // 2) & volume.covered
    count = int(np.count_nonzero(expected))
    shown = int(np.count_nonzero(expected & (volume.on_reference != 0)))
    return replace(volume, expected_ml=count * grid.voxel_volume, shown=shown / count if count else 1.0)
