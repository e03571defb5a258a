"""Two ways of segmenting the same cases, compared case by case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..core.errors import InputError
from .comparing import RegionScore
from .summary import MEASURES, Bootstrap, sample_means

Scores = Sequence[Mapping[str, RegionScore]]
_BOOTSTRAP = Bootstrap()


@dataclass(frozen=True)
class Difference:
    """One measure of the one minus that of the other, over the cases in which both have it (count of them).

    mean: None where there is no case. low, high: the bootstrap interval of the mean over cases, both ways of a case
    drawn together; None from fewer than two cases. Where it holds 0, the cases do not tell which is better. larger,
    smaller: in how many cases the one's value is the larger and the smaller.
    """

    count: int
    mean: float | None
    low: float | None
    high: float | None
    larger: int
    smaller: int


def compare_pairs(ones: Scores, others: Scores, bootstrap: Bootstrap = _BOOTSTRAP) -> dict[str, dict[str, Difference]]:
    """Return region -> measure -> difference of scores (as `compare` returns them) of the same cases in the same order.

    Every measure sees the same samples of cases, in whatever order the cases are given. Raises InputError where there
    is no case or where both have not as many.
    """
    if not ones or len(ones) != len(others):
        raise InputError(
            f"{len(ones)} and {len(others)} cases cannot be compared in pairs; give the same ones to both."
        )
    keys = [(region, measure) for region in ones[0] for measure in MEASURES]
    values = _table(ones, keys) - _table(others, keys)
    means = sample_means(values[np.lexsort(values.T)], bootstrap)
    result: dict[str, dict[str, Difference]] = {region: {} for region in ones[0]}
    for (region, measure), column, drawn in zip(keys, values.T, means.T, strict=True):
        result[region][measure] = _difference(column[~np.isnan(column)], drawn[~np.isnan(drawn)], bootstrap.level)
    return result


def _table(scores: Scores, keys: Sequence[tuple[str, str]]) -> np.ndarray:
    """Return the values (cases, keys), NaN where a case has none."""
    return np.array(
        [
            [np.nan if (v := getattr(case[region], name)) is None else float(v) for region, name in keys]
            for case in scores
        ]
    )


def _difference(values: np.ndarray, means: np.ndarray, level: float) -> Difference:
    larger, smaller = int((values > 0).sum()), int((values < 0).sum())
    if not len(values):
        return Difference(0, None, None, None, 0, 0)
    if len(values) < 2:
        return Difference(1, float(values.mean()), None, None, larger, smaller)
    low, high = (float(v) for v in np.quantile(means, ((1 - level) / 2, (1 + level) / 2)))
    return Difference(len(values), float(values.mean()), low, high, larger, smaller)
