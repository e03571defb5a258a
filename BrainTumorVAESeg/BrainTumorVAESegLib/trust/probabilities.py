"""Regions' probabilities, their entropy, and how likely the mask is wrong by them."""

from __future__ import annotations

import numpy as np

from ..core.labels import REGIONS, regions_from_labels

_LEAST = 1e-7
"""Below this a probability counts as 0; its entropy then is less than 3e-6 bit."""


def region_probabilities(probabilities: np.ndarray, channels: tuple[str, ...]) -> np.ndarray:
    """Return the probabilities (3, ...) of WT, TC and ET from a network's, whose channels mean one of `CHANNEL_SETS`.

    Of independent labels (ED, NCR, ET) a region's is the largest of its labels', as the threshold of each decides.
    """
    by_name = dict(zip(channels, probabilities, strict=True))
    result = np.empty(probabilities.shape, np.float32)
    for region, target in zip(REGIONS, result, strict=True):
        if region.key in by_name:
            target[...] = by_name[region.key]
        else:
            np.maximum.reduce([by_name[label.key] for label in region.labels], out=target)
    return result


def binary_entropy(probability: np.ndarray) -> np.ndarray:
    """Return -p log2 p - (1 - p) log2 (1 - p) of probabilities of any shape, in bit, 0 to 1; float32."""
    result = np.zeros(probability.shape, np.float32)
    open_ = (probability > _LEAST) & (probability < 1 - _LEAST)
    p = probability[open_].astype(np.float64)
    result[open_] = -p * np.log2(p) - (1 - p) * np.log2(1 - p)
    return result


def uncertainty(regions: np.ndarray) -> np.ndarray:
    """Return the entropy (z, y, x) of the least certain of the regions' probabilities (3, z, y, x), in bit."""
    # Entropy rises towards 1/2, so the least certain region is the one nearest to it: one logarithm a voxel.
    nearest = np.abs(regions - 0.5).min(axis=0)
    return binary_entropy(0.5 - nearest)


def chance_of_error(labels: np.ndarray, regions: np.ndarray) -> np.ndarray:
    """Return the probability (...) that a voxel's label is not the true one, 0 to 1; float32.

    labels: (...) in the library's values. regions: probabilities of WT, TC and ET (3, ...). Since each region lies in
    the one before, a label's own probability is that of its region less that of the next one in: none is counted twice.
    """
    nested = np.maximum.accumulate(regions[::-1], axis=0)[::-1]
    outer = np.concatenate([np.ones_like(nested[:1]), nested])
    inner = np.concatenate([nested, np.zeros_like(nested[:1])])
    depth = regions_from_labels(labels).sum(axis=0)[None]
    chosen = np.take_along_axis(outer, depth, 0) - np.take_along_axis(inner, depth, 0)
    return np.asarray(1 - chosen[0], np.float32)
