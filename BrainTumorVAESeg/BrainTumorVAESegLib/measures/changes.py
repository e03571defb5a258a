"""Two measured examinations of one patient held against each other: volumes, products, lesions that came or went.

No response is told. What RANO makes of such changes needs more than masks hold: which lesions are treated, steroids,
the patient's state.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import SimpleITK as sitk

from ..core.boxes import bounding_box, cut
from ..core.geometry import Geometry
from ..core.labels import LABELS, REGIONS, channels_from_labels
from ..core.segmentation import Segmentation
from .distances import distance_between
from .lesions import find_lesions
from .results import MOST_LESIONS, Measures

NEAR_MM = 3.0
"""A lesion that lies no farther from any of the other examination is none that came or went: registration and voxels
leave about so much open."""


@dataclass(frozen=True)
class Change:
    """A quantity before and after, in one unit."""

    before: float
    after: float

    @property
    def difference(self) -> float:
        """After less before."""
        return self.after - self.before

    @property
    def percent(self) -> float | None:
        """The difference in percent of what it was before, None where that was 0."""
        return 100 * self.difference / self.before if self.before else None


@dataclass(frozen=True)
class Single:
    """A lesion of one examination that the other one does not show.

    number: as `Measures` counts, from 1, the largest. center: LPS millimeters of its own examination. distance_mm: to
    the nearest lesion of the same region in the other examination, None where that has none.
    """

    region: str
    number: int
    volume_ml: float
    center: tuple[float, float, float]
    distance_mm: float | None


@dataclass(frozen=True)
class Changes:
    """What changed between two examinations.

    volumes_ml: by label and region. products_mm2: sums over target lesions, by region (ET, WT). lesions: how many there
    are, likewise. new: lesions of the later examination alone, vanished: of the earlier one alone; from the largest.
    """

    volumes_ml: dict[str, Change]
    products_mm2: dict[str, Change]
    lesions: dict[str, Change]
    new: tuple[Single, ...]
    vanished: tuple[Single, ...]


def compare_measures(
    before: tuple[Segmentation, Measures], after: tuple[Segmentation, Measures], to_after: np.ndarray | None = None
) -> Changes:
    """Return what changed between two segmentations, each measured on its own grid.

    to_after: the matrix (4, 4) that takes the earlier examination's points, LPS millimeters, to the same places in the
    later one; None where both lie in one place.
    """
    (earlier, m), (later, n) = before, after
    matrix = np.eye(4) if to_after is None else to_after
    keys = [*(region.key for region in REGIONS), *(label.key for label in LABELS)]
    burdens = {"ET": (m.enhancing, n.enhancing), "WT": (m.whole, n.whole)}
    new = [s for region in burdens for s in _singles(region, later, earlier, np.linalg.inv(matrix))]
    vanished = [s for region in burdens for s in _singles(region, earlier, later, matrix)]
    return Changes(
        {key: Change(m.volumes_ml[key], n.volumes_ml[key]) for key in dict.fromkeys(keys)},
        {key: Change(a.sum_of_products_mm2, b.sum_of_products_mm2) for key, (a, b) in burdens.items()},
        {key: Change(len(a.lesions) + a.others, len(b.lesions) + b.others) for key, (a, b) in burdens.items()},
        tuple(new),
        tuple(vanished),
    )


def _singles(region: str, own: Segmentation, other: Segmentation, matrix: np.ndarray) -> list[Single]:
    """Return the lesions of a segmentation that lie farther than `NEAR_MM` from all of another one.

    matrix: from the first one's points to the other's.
    """
    theirs = _mask(region, other)
    near = _near(theirs, other.geometry)
    place = own.geometry.index_to_physical
    singles = []
    for number, voxels in enumerate(find_lesions(_mask(region, own))[:MOST_LESIONS], start=1):
        points = voxels[:, ::-1] @ place[:3, :3].T + place[:3, 3]
        there = points @ matrix[:3, :3].T + matrix[:3, 3]
        if near is not None and near.any_of(there):
            continue
        distance = distance_between(there, _places(theirs, other.geometry)) if near is not None else None
        x, y, z = (float(value) for value in points.mean(axis=0))
        singles.append(Single(region, number, len(voxels) * own.geometry.voxel_volume, (x, y, z), distance))
    return singles


def _mask(region: str, segmentation: Segmentation) -> np.ndarray:
    return np.asarray(channels_from_labels(segmentation.labels, (region,))[0] > 0)


def _places(mask: np.ndarray, geometry: Geometry) -> np.ndarray:
    matrix = geometry.index_to_physical
    return np.asarray(np.argwhere(mask)[:, ::-1] @ matrix[:3, :3].T + matrix[:3, 3])


@dataclass(frozen=True)
class _Near:
    """Which voxels of a grid lie within `NEAR_MM` of a mask; the grid holds all of them."""

    voxels: np.ndarray
    geometry: Geometry

    def any_of(self, points: np.ndarray) -> bool:
        """Say whether any of some points (n, 3), LPS millimeters, lies near the mask."""
        matrix = np.linalg.inv(self.geometry.index_to_physical)
        index = np.rint(points @ matrix[:3, :3].T + matrix[:3, 3]).astype(int)
        inside = index[((index >= 0) & (index < self.geometry.size)).all(axis=1)]
        x, y, z = inside.T
        return bool(self.voxels[z, y, x].any())


def _near(mask: np.ndarray, geometry: Geometry) -> _Near | None:
    """Return what lies near a mask; None where the mask is empty."""
    box = bounding_box(mask, math.ceil(NEAR_MM / min(geometry.spacing)) + 1)
    if box is None:
        return None
    grid = geometry.sub_grid(box)
    image = sitk.GetImageFromArray(cut(mask.astype(np.uint8), box))
    image.SetSpacing(grid.spacing)
    found = sitk.SignedMaurerDistanceMap(image, insideIsPositive=False, squaredDistance=False, useImageSpacing=True)
    return _Near(sitk.GetArrayViewFromImage(found) <= NEAR_MM, grid)
