"""Distances between the surfaces of two masks, and what is read off them: HD95 and surface Dice.

There are two kinds of surface, since BraTS changed its program:

- up to 2021 the surface is the voxels of a mask that touch the outside by a face, and HD95 is the 95th percentile
  (interpolated) of the distances of both surfaces' voxels taken together. This is MedPy's `hd95`, which CaPTk, the
  program of those years, calls (CBICA/HausdorffCLI).
- from 2023 on the surface is made of small elements at the corners of the voxels, each with its area, and HD95 is the
  larger one of both directions' 95th percentiles by area: DeepMind's `surface-distance` (Nikolov et al., arXiv
  1809.04430), whose surface Dice at a tolerance is used here as well.

MONAI finds both kinds of surface and measures the distances (a k-d tree of the surfaces' points). It is chosen because
it is maintained, is needed for training anyway, and knows both definitions: `surface-distance` has had one release,
calls parts of SciPy that are to be removed and knows the second definition alone; `panoptica` matches lesions by rules
that are not those of BraTS. The tests hold it against `surface-distance` and against all pairs of points.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from monai.metrics import get_mask_edges, get_surface_distance

_ROUNDING_MM = 1e-3
"""Spacings are stored in single precision: a neighbor at 1.0000001 mm is 1 mm away."""


@dataclass(frozen=True)
class Surfaces:
    """The surface elements of two masks that are not empty: distance to the other surface (mm) and area (mm2) of each.

    to_truth, areas: of the prediction's elements. to_prediction, true_areas: of the truth's.
    """

    to_truth: np.ndarray
    to_prediction: np.ndarray
    areas: np.ndarray
    true_areas: np.ndarray

    def hd95(self) -> float:
        """Return the larger one of both directions' 95th percentiles by area, mm (BraTS 2023's HD95)."""
        return max(_percentile(self.to_truth, self.areas), _percentile(self.to_prediction, self.true_areas))

    def dice(self, tolerance: float = 1.0) -> float:
        """Return the share of both surfaces' area that lies within the tolerance (mm) of the other surface."""
        near = tolerance + _ROUNDING_MM
        agreed = self.areas[self.to_truth <= near].sum() + self.true_areas[self.to_prediction <= near].sum()
        return float(agreed / (self.areas.sum() + self.true_areas.sum()))


def measure_surfaces(prediction: np.ndarray, truth: np.ndarray, spacing: Sequence[float]) -> Surfaces:
    """Measure the surface elements of two masks (z, y, x; bool), both not empty; spacing in mm in the same order."""
    mine, theirs, areas, true_areas = get_mask_edges(prediction, truth, spacing=tuple(spacing))
    return Surfaces(
        _distances(mine, theirs, spacing),
        _distances(theirs, mine, spacing),
        areas[mine].astype(np.float64),
        true_areas[theirs].astype(np.float64),
    )


def hd95(prediction: np.ndarray, truth: np.ndarray, spacing: Sequence[float]) -> float:
    """Return the 95th percentile of the distances between both surfaces' voxels, mm (HD95 of BraTS up to 2021).

    The masks (z, y, x; bool) must not be empty; spacing in mm in the same order.
    """
    mine, theirs = get_mask_edges(prediction, truth)
    distances = np.concatenate([_distances(mine, theirs, spacing), _distances(theirs, mine, spacing)])
    return float(np.percentile(distances, 95))


def _distances(surface: np.ndarray, other: np.ndarray, spacing: Sequence[float]) -> np.ndarray:
    """Return the distance of each of a surface's points to the nearest one of the other."""
    return np.asarray(get_surface_distance(surface, other, spacing=tuple(spacing)), np.float64)


def _percentile(distances: np.ndarray, areas: np.ndarray) -> float:
    """Return the least distance within which 95 % of the area lies."""
    order = np.argsort(distances)
    share = np.cumsum(areas[order]) / areas.sum()
    return float(distances[order][min(int(np.searchsorted(share, 0.95)), len(distances) - 1)])
