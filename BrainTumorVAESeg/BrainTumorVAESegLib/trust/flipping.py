"""Test-time augmentation: the same study answered mirrored, the mean of the answers and their disagreement.

A mirrored brain is as good a brain; networks that saw all mirrorings in training answer each a little otherwise. What
they disagree in is the mutual information of the answer and the mirroring (the part of the uncertainty that more
training could take away; Smith & Gal 2018, arXiv 1803.08533): the entropy of the mean less the mean of the entropies.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from ..core.inspection import Cost
from .probabilities import binary_entropy

_AXES = (1, 2, 3)
FLIPS: tuple[tuple[int, ...], ...] = tuple(axes for count in range(4) for axes in combinations(_AXES, count))
"""The axes (of images (n, z, y, x)) that each mirroring turns: none, one, two, all; the image as it is comes first."""
_ARRAYS = 6
"""Of the answer's size that are held beside a pass: images turned, sums, the last answer, and entropy; as measured."""


@dataclass(frozen=True)
class Flipped:
    """What the answers agree in.

    probabilities: their mean, (3, z, y, x) float32. information: (z, y, x), bit, of the region in which they disagree
    most. counts: voxels of each answer's regions that reach the thresholds, (answers, 3).
    """

    probabilities: np.ndarray
    information: np.ndarray
    counts: np.ndarray


def cost_of(passes: int, seconds: float, shape: Sequence[int]) -> Cost:
    """Say what so many passes beside the plain run's take. seconds: of one. shape: of the prepared grid (z, y, x)."""
    return Cost(passes, passes * seconds, _ARRAYS * 3 * 4 * int(np.prod(shape)))


def flip_and_answer(
    answer: Callable[[np.ndarray, int], np.ndarray],
    images: np.ndarray,
    first: np.ndarray,
    thresholds: Sequence[float],
    answers: int = len(FLIPS),
) -> Flipped:
    """Answer images (n, z, y, x) mirrored in one way after another, and join the answers, none kept.

    answer: gives the probabilities (3, z, y, x) of images; it also takes how many answers are there already. first: of
    the images as they are. thresholds: of the channels. What answer raises ends it.
    """
    total, entropies, counts = first.astype(np.float32), _entropy(first), [_count(first, thresholds)]
    for number, axes in enumerate(FLIPS[1:answers], start=1):
        turned = np.flip(answer(np.ascontiguousarray(np.flip(images, axes)), number), axes)
        total += turned
        entropies += _entropy(turned)
        counts.append(_count(turned, thresholds))
    mean = total / len(counts)
    information = np.maximum(_entropy(mean) - entropies / len(counts), 0).max(axis=0)
    return Flipped(mean, information, np.array(counts))


def _entropy(probabilities: np.ndarray) -> np.ndarray:
    return np.stack([binary_entropy(channel) for channel in probabilities])


def _count(probabilities: np.ndarray, thresholds: Sequence[float]) -> list[int]:
    return [int((channel >= cut).sum()) for channel, cut in zip(probabilities, thresholds, strict=True)]
