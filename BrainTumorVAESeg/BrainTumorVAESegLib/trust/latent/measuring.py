"""How well a latent space works: what codes give back, and whether a walk between two of them is one.

Images are (4, z, y, x) of the stage's own grid, z-scored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

_LEAST = 1e-9
FEWEST_STEPS = 3


@dataclass(frozen=True)
class GivenBack:
    """How well one sequence of a case is given back.

    error: root mean square over the brain of what is missed, in SD of the sequence. average: the same of the average
    code's image, which knows nothing of the case. explained: the share of `average`'s square that the case's own code
    explains, 1 for all of it, below 0 where it does worse.
    """

    error: float
    average: float

    @property
    def explained(self) -> float:
        """See the class."""
        return 1 - self.error**2 / max(self.average**2, _LEAST)


def given_back(seen: np.ndarray, decoded: np.ndarray, average: np.ndarray) -> list[GivenBack]:
    """Hold a case's decoded images against what was seen, by sequence, and the average code's images likewise."""
    brain = (seen != 0).any(axis=0)

    def error(image: np.ndarray, other: np.ndarray) -> float:
        return float(np.sqrt(np.mean(np.square(image[brain] - other[brain], dtype=np.float64)))) if brain.any() else 0.0

    return [
        GivenBack(error(image, own), error(image, mean))
        for image, own, mean in zip(seen, decoded, average, strict=True)
    ]


def mean_given_back(cases: Sequence[GivenBack]) -> GivenBack:
    """Return the root mean square over cases of one sequence's errors, each case counting alike."""
    columns = zip(*((case.error, case.average) for case in cases), strict=True)
    return GivenBack(*(float(np.sqrt(np.mean(np.square(column)))) for column in columns))


@dataclass(frozen=True)
class Smoothness:
    """A walk's images against the straight blend of its two ends, for which all but `contrast` are known.

    length: of the way through the images, over the distance of its ends; a blend has 1, the least there is.
    largest_step: over the mean step; a blend has 1. departure: how far the image midway lies from the blend's, over the
    distance of the ends; a blend has 0. contrast, blend_contrast: the standard deviation of the image midway, averaged
    over the sequences, over the mean of both ends'; a blend of two different images loses contrast, as two ghosts do.
    """

    length: float
    largest_step: float
    departure: float
    contrast: float
    blend_contrast: float


def smoothness(images: np.ndarray) -> Smoothness:
    """Measure a walk's images (steps, 4, z, y, x), three steps or more. One whose ends are equal is as a blend is."""
    assert len(images) >= FEWEST_STEPS
    first, last, middle = images[0], images[-1], len(images) // 2
    share = middle / (len(images) - 1)
    blend = (1 - share) * first + share * last
    apart = _distance(first, last)
    steps = [_distance(one, other) for one, other in pairwise(images)]
    ends = (1 - share) * _contrast(first) + share * _contrast(last)
    contrasts = [_contrast(each) / max(ends, _LEAST) for each in (images[middle], blend)]
    if max(apart, max(steps)) < _LEAST:
        return Smoothness(1.0, 1.0, 0.0, *contrasts)
    whole, apart = sum(steps), max(apart, _LEAST)
    departure = _distance(images[middle], blend) / apart
    return Smoothness(whole / apart, max(steps) * len(steps) / whole, departure, *contrasts)


def mean_smoothness(walks: Sequence[Smoothness]) -> Smoothness:
    """Return the mean of each measure over several walks."""
    columns = zip(*(vars(each).values() for each in walks), strict=True)
    return Smoothness(*(float(np.mean(column)) for column in columns))


def telling_slice(images: np.ndarray) -> int:
    """Return the first index (z) of images (n, 4, z, y, x) at which they differ most; the middle where they do not."""
    differences = images.var(axis=0).sum(axis=(0, 2, 3)) if len(images) else np.zeros(0)
    if not differences.any():
        return images.shape[2] // 2
    return int(differences.argmax())


def _distance(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(one - other, dtype=np.float64))))


def _contrast(images: np.ndarray) -> float:
    return float(np.mean([image.std(dtype=np.float64) for image in images]))
