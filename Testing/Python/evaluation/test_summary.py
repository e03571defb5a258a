"""Mean, median and the bootstrap's interval over cases."""

from __future__ import annotations

import numpy as np
import pytest
from BrainTumorVAESegLib.core.errors import InputError
from BrainTumorVAESegLib.evaluation.comparing import RegionScore
from BrainTumorVAESegLib.evaluation.summary import MEASURES, Bootstrap, Statistic, summarize


def score(dice: float, relative: float | None = 0.0) -> dict[str, RegionScore]:
    values = {name: 0.0 for name in MEASURES} | {"dice": dice, "hd95": 10 * dice, "volume_error_relative": relative}
    return {"WT": RegionScore(**values), "ET": RegionScore(**{**values, "dice": 1 - dice})}


VALUES = [0.9, 0.8, 0.95, 0.2, 0.7, 0.85]


def test_mean_and_median_are_taken_region_by_region_over_the_cases():
    summary = summarize([score(value) for value in VALUES])
    assert summary["WT"]["dice"].mean == pytest.approx(np.mean(VALUES))
    assert summary["WT"]["dice"].median == pytest.approx(0.825)
    assert summary["ET"]["dice"].median == pytest.approx(1 - 0.825)
    assert summary["WT"]["dice"].count == 6
    assert set(summary["WT"]) == set(MEASURES)


def test_the_interval_holds_the_mean_and_comes_out_the_same_again():
    scores = [score(value) for value in VALUES]
    first, again = summarize(scores), summarize(scores[::-1])
    for measure in MEASURES:
        assert (first["WT"][measure].low, first["WT"][measure].high) == pytest.approx(
            (again["WT"][measure].low, again["WT"][measure].high)
        )
    dice = first["WT"]["dice"]
    assert min(VALUES) < dice.low < dice.mean < dice.high < max(VALUES)
    narrow = summarize(scores, Bootstrap(level=0.5))["WT"]["dice"]
    assert dice.low < narrow.low < narrow.high < dice.high


def test_the_interval_of_many_cases_is_that_of_the_normal_distribution():
    values = np.random.default_rng(3).normal(0.8, 0.05, 200)
    statistic = summarize([score(value) for value in values], Bootstrap(resamples=5000))["WT"]["dice"]
    half = 1.96 * values.std() / np.sqrt(len(values))
    assert statistic.low == pytest.approx(values.mean() - half, abs=0.06 * half)
    assert statistic.high == pytest.approx(values.mean() + half, abs=0.06 * half)
    other = summarize([score(value) for value in values], Bootstrap(resamples=5000, seed=1))["WT"]["dice"]
    assert other.low != statistic.low, "the seed chooses the samples"


def test_a_measure_that_some_cases_lack_is_taken_over_the_others():
    summary = summarize([score(0.5, None), score(0.5, 0.2), score(0.5, 0.4)])
    statistic = summary["WT"]["volume_error_relative"]
    assert (statistic.count, statistic.mean) == (2, pytest.approx(0.3))
    assert statistic.low == pytest.approx(0.2) and statistic.high == pytest.approx(0.4)
    nobody = summarize([score(0.5, None), score(0.6, None)])["WT"]["volume_error_relative"]
    assert nobody == Statistic(0, None, None, None, None)


def test_one_case_has_no_interval():
    assert summarize([score(0.5)])["WT"]["dice"] == Statistic(1, 0.5, 0.5, None, None)


def test_no_case_is_an_error():
    with pytest.raises(InputError, match="no case"):
        summarize([])
