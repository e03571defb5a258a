"""How a package cleans its label maps, chosen on cases that its networks did not see."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from statistics import fmean

import numpy as np

from ..core.labels import ENHANCING, REGIONS, TC, WT, Region
from ..core.settings import Cleaning
from ..evaluation.dice import dice
from ..evaluation.lesions import lesion_dice
from ..images.cleaning import clean

LEAST_ML = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
"""Smallest parts to choose from, in ml, beside 0."""
GAIN, LOSS, NEAR = 0.01, 0.002, 0.005
"""What a removal must gain in lesion-wise Dice and may lose in Dice; and how near to the best is good enough."""

Answers = Callable[[], Iterable[tuple[np.ndarray, np.ndarray]]]
"""Gives, anew at each call, a label map and its truth (z, y, x) for every case."""


@dataclass(frozen=True)
class CleaningChoice:
    """What was chosen, and region -> mean Dice and lesion-wise Dice (BraTS 2023) of the cases without and with it."""

    cleaning: Cleaning
    before: dict[str, dict[str, float]]
    after: dict[str, dict[str, float]]


def choose_cleaning(answers: Answers, spacing: float) -> CleaningChoice:
    """Choose the smallest part of each region, and whether to fill; spacing of the label maps in mm.

    A part's least size is raised where that gains lesion-wise Dice, which counts every false part, and loses no Dice;
    of sizes that do about as well the smallest is taken, since a small true lesion is worth more than a false one
    less. What a region encloses is filled where that loses no Dice.
    """
    chosen = Cleaning()
    for region in (ENHANCING, TC, WT):
        trials = [chosen, *(_with_least(chosen, region, least) for least in LEAST_ML)]
        scores = [
            (s["dice"][region.key], s["lesion_dice"][region.key]) for s in _score(answers, trials, spacing, [region])
        ]
        allowed = [
            number
            for number, (overlap, lesions) in enumerate(scores)
            if overlap >= scores[0][0] - LOSS and lesions >= scores[0][1] + GAIN
        ]
        if allowed:
            best = max(scores[number][1] for number in allowed)
            chosen = trials[next(number for number in allowed if scores[number][1] >= best - NEAR)]
    filled = replace(chosen, fill=True)
    before, without, with_fill = _score(answers, [Cleaning(), chosen, filled], spacing, REGIONS)
    better = fmean(with_fill["dice"].values()) >= fmean(without["dice"].values())
    return CleaningChoice(filled if better else chosen, before, with_fill if better else without)


def _with_least(cleaning: Cleaning, region: Region, least: float) -> Cleaning:
    values = [least if other is region else old for other, old in zip(REGIONS, cleaning.least_ml, strict=True)]
    return replace(cleaning, least_ml=(values[0], values[1], values[2]))


def _score(
    answers: Answers, trials: list[Cleaning], spacing: float, regions: Iterable[Region]
) -> list[dict[str, dict[str, float]]]:
    """Return for each trial measure -> region -> mean over the cases."""
    regions = list(regions)
    values: list[list[dict[str, tuple[float, float]]]] = [[] for _ in trials]
    for labels, truth in answers():
        for number, trial in enumerate(trials):
            cleaned = clean(labels, spacing**3 / 1000, trial).labels
            pairs = {r.key: (np.isin(cleaned, r.values), np.isin(truth, r.values)) for r in regions}
            values[number].append(
                {key: (dice(*pair), lesion_dice(*pair, (spacing,) * 3)) for key, pair in pairs.items()}
            )
    return [
        {
            measure: {region.key: fmean(case[region.key][place] for case in each) for region in regions}
            for place, measure in enumerate(("dice", "lesion_dice"))
        }
        for each in values
    ]
