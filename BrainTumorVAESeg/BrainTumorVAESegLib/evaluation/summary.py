"""Many cases together: mean, median, and how sure the mean is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields

import numpy as np

from ..core.errors import InputError
from .comparing import RegionScore

MEASURES: tuple[str, ...] = tuple(field.name for field in fields(RegionScore))
"""All measures of a region, in the order of tables."""
_AT_ONCE = 500


@dataclass(frozen=True)
class Bootstrap:
    """A percentile bootstrap over cases: how many samples are drawn, from which seed, and the level of the interval."""

    resamples: int = 10_000
    seed: int = 0
    level: float = 0.95


@dataclass(frozen=True)
class Statistic:
    """One measure over the cases that have it (count of them); None where none has.

    low, high: the bootstrap interval of the mean; None where fewer than two cases have the measure. From fewer than
    about twenty cases such intervals are too narrow.
    """

    count: int
    mean: float | None
    median: float | None
    low: float | None
    high: float | None


def summarize(
    scores: Iterable[Mapping[str, RegionScore]],
    bootstrap: Bootstrap = Bootstrap(),
) -> dict[str, dict[str, Statistic]]:
    """Return region -> measure -> statistic over the cases' scores (as `compare` returns them).

    Every measure sees the same samples of cases, and the same cases give the same interval each time. Raises InputError
    where there is no case.
    """
    cases = list(scores)
    if not cases:
        raise InputError("There is no case to summarize; give at least one.")
    keys = [(region, measure) for region in cases[0] for measure in MEASURES]
    values = np.array(
        [[np.nan if (v := getattr(case[region], measure)) is None else v for region, measure in keys] for case in cases]
    )
    # By value, so that the order in which the cases are given does not matter.
    means = sample_means(values[np.lexsort(values.T)], bootstrap)
    result: dict[str, dict[str, Statistic]] = {region: {} for region in cases[0]}
    for (region, measure), column, drawn in zip(keys, values.T, means.T, strict=True):
        result[region][measure] = _statistic(column[~np.isnan(column)], drawn[~np.isnan(drawn)], bootstrap.level)
    return result


def sample_means(values: np.ndarray, bootstrap: Bootstrap) -> np.ndarray:
    """Return the means (resamples, columns) of samples of the rows with replacement, each over the values present."""
    random = np.random.default_rng(bootstrap.seed)
    rows = len(values)
    present = (~np.isnan(values)).astype(float)
    filled = np.nan_to_num(values)
    means = []
    for start in range(0, bootstrap.resamples, _AT_ONCE):
        draws = min(_AT_ONCE, bootstrap.resamples - start)
        times = random.multinomial(rows, np.full(rows, 1 / rows), size=draws).astype(float)
        with np.errstate(invalid="ignore"):  # a sample may hold no case that has the measure
            means.append((times @ filled) / (times @ present))
    return np.concatenate(means)


def _statistic(values: np.ndarray, means: np.ndarray, level: float) -> Statistic:
    if not len(values):
        return Statistic(0, None, None, None, None)
    mean, median = float(values.mean()), float(np.median(values))
    if len(values) < 2:
        return Statistic(1, mean, median, None, None)
    low, high = (float(v) for v in np.quantile(means, ((1 - level) / 2, (1 + level) / 2)))
    return Statistic(len(values), mean, median, low, high)
