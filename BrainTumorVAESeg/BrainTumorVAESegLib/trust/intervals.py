"""Intervals of a region's volume, from its calibrated probabilities.

The interval's ends are the volumes at two thresholds. Which ones, held-out cases tell: of each the threshold at which
its volume would have come out right is found, and the interval's thresholds are quantiles of these (split conformal
prediction, Vovk et al. 2005, of a score that each case's own probabilities scale), moved apart by a factor under which
each of these cases, left out, would have been held as often as is promised: with few cases the quantiles alone lie too
close. A case that is in doubt about much of its border thereby gets a wide interval.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from ..core.labels import REGIONS, regions_from_labels
from ..core.verdict import INTERVAL_COVERAGE
from ..inference.segmenting import Result
from .probabilities import region_probabilities

COVERAGE = INTERVAL_COVERAGE
"""Share of cases whose true volume the interval is made to hold."""
_LEAST_THRESHOLD, _MOST_THRESHOLD = 0.03, 0.97
"""Beyond these a region is all but absent, or all of what is likely at all: no matter for an interval's width."""
_LARGEST_FACTOR = 1.3
"""A single case that lies far off is no reason to tell of others that their volume could be anything."""


def right_thresholds(result: Result, truth: np.ndarray) -> dict[str, float]:
    """Return by region the threshold at which its volume would be that of a truth (the library's label values).

    truth: on the result's own grid. result: made with `keep_evidence`. 1 where a region is absent from the truth.
    """
    assert result.evidence is not None
    volume = result.segmentation.geometry.voxel_volume / result.evidence.prepared.geometry.voxel_volume
    counts = [float(np.count_nonzero(mask)) * volume for mask in regions_from_labels(truth)]
    return {
        region.key: threshold_of_count(values, count)
        for region, values, count in zip(REGIONS, _regions(result), counts, strict=True)
    }


def threshold_of_count(values: np.ndarray, count: float) -> float:
    """Return the threshold that so many of the values (any shape, 0 to 1) reach; 1 for none of them."""
    number = min(round(count), values.size)
    if number < 1:
        return 1.0
    return float(np.partition(values.ravel(), values.size - number)[values.size - number])


def fit_intervals(cases: Sequence[Mapping[str, float]], coverage: float = COVERAGE) -> dict[str, tuple[float, float]]:
    """Return by region the lower and the upper threshold, from the right ones of held-out cases."""
    found = {}
    for region in REGIONS:
        values = _logits([case[region.key] for case in cases if region.key in case])
        if len(values):
            found[region.key] = tuple(float(1 / (1 + np.exp(-end))) for end in _widened(values, coverage))
    return found  # type: ignore[return-value]


def _logits(thresholds: Sequence[float]) -> np.ndarray:
    inside = np.clip(np.asarray(thresholds, float), _LEAST_THRESHOLD, _MOST_THRESHOLD)
    return np.sort(np.log(inside / (1 - inside)))


def _widened(values: np.ndarray, coverage: float) -> tuple[float, float]:
    """Return the ends for rising values, their distance from the median multiplied by the conformal factor."""
    low, high = _outer_quantiles(values, coverage)
    factors = sorted(_needed_factor(np.delete(values, place), value, coverage) for place, value in enumerate(values))
    number = math.ceil(len(values) * coverage - 1e-9)
    factor = min(max(factors[number - 1], 1.0), _LARGEST_FACTOR)
    middle = float(np.median(values))
    least, most = _logits([_LEAST_THRESHOLD, _MOST_THRESHOLD])
    ends = np.clip((middle + (low - middle) * factor, middle + (high - middle) * factor), least, most)
    return float(ends[0]), float(ends[1])


def _needed_factor(others: np.ndarray, value: float, coverage: float) -> float:
    """Return by how much the others' interval would have to be widened to hold a value; 0 without others."""
    if not len(others):
        return 0.0
    middle = float(np.median(others))
    end = _outer_quantiles(others, coverage)[int(value > middle)]
    reach = abs(end - middle)
    return abs(value - middle) / reach if reach > 1e-9 else (0.0 if value == middle else _LARGEST_FACTOR)


def _outer_quantiles(values: np.ndarray, coverage: float) -> tuple[float, float]:
    """Return the order statistics between which one more value lies with at least the coverage's probability."""
    tail = max(math.floor((len(values) + 1) * (1 - coverage) / 2 + 1e-9), 1)
    return float(values[tail - 1]), float(values[len(values) - tail])


def volume_intervals(result: Result, thresholds: Mapping[str, tuple[float, float]]) -> dict[str, tuple[float, float]]:
    """Return by region the ml between which its volume probably lies; the mask's own volume always does.

    result: made with `keep_evidence`. thresholds: those of `fit_intervals`.
    """
    if result.evidence is None:
        return {}
    voxel = result.evidence.prepared.geometry.voxel_volume
    volumes = result.segmentation.volumes_ml()
    intervals = {}
    for region, values in zip(REGIONS, _regions(result), strict=True):
        if region.key in thresholds:
            low, high = thresholds[region.key]
            least, most = (float(np.count_nonzero(values >= max(t, 1e-6))) * voxel for t in (high, low))
            own = volumes[region.key]
            intervals[region.key] = (min(least, own), max(most, own))
    return intervals


def _regions(result: Result) -> np.ndarray:
    assert result.evidence is not None
    return region_probabilities(result.evidence.prediction.probabilities, result.evidence.prediction.channels)
