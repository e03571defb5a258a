"""Cases that nobody has: a brain healed of its tumor, or with the tumor of another case; see `healing`, `pasting`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..settings import Augmentation
from .blending import brain_of, standardize
from .entries import CachedCase
from .healing import heal
from .pasting import paste


class Mixer:
    """Changes whole cases before a sample is cut; the numbers drawn from random alone decide how."""

    def __init__(self, cases: Sequence[CachedCase], settings: Augmentation, spacing: float) -> None:
        """Take the cases whose tumors may be used, the settings, and the cases' voxel spacing in mm."""
        self.cases = list(cases)
        self.settings = settings
        self.spacing = spacing

    def __call__(
        self, images: np.ndarray, labels: np.ndarray, random: np.random.RandomState
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return images (4, z, y, x), z-scored anew where they are changed, and labels (z, y, x)."""
        healing, pasting = random.random_sample() < self.settings.heal, random.random_sample() < self.settings.paste
        other = self.cases[random.randint(len(self.cases))]
        changed = None
        if healing:
            changed = heal(images, labels, self.spacing)
        if pasting:
            now = changed or (images, labels)
            changed = paste(*now, (other.images(), other.labels()), random, self.spacing) or changed
        if changed is None:
            return images, labels
        return standardize(changed[0], brain_of(images)), changed[1]
