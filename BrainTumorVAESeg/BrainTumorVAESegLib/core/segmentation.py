"""A finished segmentation on the reference volume's own grid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .geometry import Geometry
from .labels import LABELS, REGIONS


@dataclass(frozen=True)
class Segmentation:
    """Labels (z, y, x; uint8, the library's values), and on request probabilities (3, z, y, x; float32) by name."""

    labels: np.ndarray
    geometry: Geometry
    probabilities: np.ndarray | None = None
    channels: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """True where no voxel is tumor, which is a valid answer."""
        return not self.labels.any()

    def volumes_ml(self) -> dict[str, float]:
        """Volumes in millilitres of each label (NCR, ED, ET) and region (WT, TC; ET is both)."""
        counts = np.bincount(self.labels.ravel(), minlength=len(LABELS) + 1)
        members = {
            **{label.key: (label.value,) for label in LABELS},
            **{region.key: region.values for region in REGIONS},
        }
        return {
            key: float(sum(counts[v] for v in values)) * self.geometry.voxel_volume for key, values in members.items()
        }
