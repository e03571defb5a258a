"""Cases that nobody has: a brain healed of its tumor, or with the tumor of another case; see `healing`, `pasting`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..settings import Augmentation
from .blending import brain_of, standardize
from .entries import CachedCase
from .healing import heal
from .pasting import paste

Mixed = tuple[np.ndarray, np.ndarray]


class Mixer:
    """Changes whole cases before a sample is cut; the numbers drawn from random alone decide how."""

    def __init__(self, cases: Sequence[CachedCase], settings: Augmentation, spacing: float) -> None:
        """Take the cases whose tumors may be used, the settings, and the cases' voxel spacing in mm."""
        self.cases = list(cases)
        self.settings = settings
        self.spacing = spacing
        self.keeps = False
        """Whether healed brains are kept in memory: for a GPU, which asks for the same ones every second or so."""
        self._kept: dict[str, Mixed | None] = {}

    def __call__(
        self, case: CachedCase, images: np.ndarray, labels: np.ndarray, random: np.random.RandomState
    ) -> Mixed | None:
        """Return other images (4, z, y, x), z-scored anew, and labels (z, y, x) of a case, or None to leave it."""
        healing, pasting = random.random_sample() < self.settings.heal, random.random_sample() < self.settings.paste
        other = self.cases[random.randint(len(self.cases))]
        changed = self._heal(case, images, labels) if healing else None
        if pasting:
            now = changed or (images, labels)
            pasted = paste(*now, (other.images(), other.labels()), random, self.spacing)
            changed = _standardized(pasted) if pasted else changed
        return changed

    def _heal(self, case: CachedCase, images: np.ndarray, labels: np.ndarray) -> Mixed | None:
        if case.name in self._kept:
            return self._kept[case.name]
        healed = heal(images, labels, self.spacing)
        result = _standardized(healed) if healed else None
        if self.keeps:
            self._kept[case.name] = (result[0].astype(np.float16), result[1]) if result else None
        return result


def _standardized(mixed: Mixed) -> Mixed:
    return standardize(mixed[0], brain_of(mixed[0])), mixed[1]
