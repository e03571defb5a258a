"""How a package cleans its label maps, chosen on cases that its networks did not see."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

import numpy as np

from ..core.labels import ENHANCING, REGIONS, TC, WT, Region
from ..core.settings import Cleaning
from ..evaluation.dice import region_dice
from ..evaluation.lesions import lesion_dice
from ..preparation.cleaning import clean

LEAST_ML = (0.05, 0.1, 0.2, 0.5)
"""Smallest parts to choose from, in ml, beside 0. A sphere of 10 mm, measurable disease by RANO, has 0.52 ml."""
LEAST_UNSEEN_ML = 1.0
"""The same for parts in which stage 1 saw nothing: of `standard` 0.2.0 on 20 cases all four of these were false, of 0.2
to 0.6 ml, and of the true parts each was seen."""
GAIN, NEAR, LOSS = 0.01, 0.005, 0.002
"""What a removal must gain in lesion-wise Dice, and how near to the best is good enough; what any cleaning may lose in
Dice."""

Answer = tuple[np.ndarray, np.ndarray, np.ndarray | None]
"""A label map, its truth, and where stage 1 saw a tumor (z, y, x each); None there where no other stage answered."""
Answers = Callable[[], Iterable[Answer]]
"""Gives every case's answer, anew at each call."""


@dataclass(frozen=True)
class CleaningChoice:
    """What was chosen, and region -> mean Dice and lesion-wise Dice (BraTS 2023) of the cases without and with it."""

    cleaning: Cleaning
    before: dict[str, dict[str, float]]
    after: dict[str, dict[str, float]]


def choose_cleaning(answers: Answers, spacing: float) -> CleaningChoice:
    """Choose the smallest part of each region, and whether to fill; spacing of the label maps in mm.

    A least size is raised where that gains its region's lesion-wise Dice, which counts every false part, and loses no
    region's Dice, since an inner part goes with the one around it. Of sizes that do about as well the smallest is
    taken: a small true lesion is worth more than a false one less. Then small parts that stage 1 did not see are left
    out, and what a region encloses is filled, both unless that loses: of what one network alone sees hardly anything
    is true, and edema within the core makes no sense to a reader.
    """
    chosen = Cleaning()
    for region in (ENHANCING, TC, WT):
        trials = [chosen, *(_with_least(chosen, region, least) for least in LEAST_ML)]
        chosen = _best(answers, spacing, region, trials)
    if all(seen is not None for *_, seen in answers()):
        both = replace(chosen, least_unseen_ml=LEAST_UNSEEN_ML)
        before, after = _score(answers, [chosen, both], spacing, [WT])
        if _keeps_dice(before, after) and after["lesion_dice"]["WT"] >= before["lesion_dice"]["WT"]:
            chosen = both
    filled = replace(chosen, fill=True)
    before, without, with_fill = _score(answers, [Cleaning(), chosen, filled], spacing, REGIONS)
    if _keeps_dice(without, with_fill):
        return CleaningChoice(filled, before, with_fill)
    return CleaningChoice(chosen, before, without)


def _best(answers: Answers, spacing: float, region: Region, trials: Sequence[Cleaning]) -> Cleaning:
    """Return the first of trials that does about as well for a region as the best, and well enough beside trial 0."""
    scores = _score(answers, trials, spacing, [region])
    lesions = [score["lesion_dice"][region.key] for score in scores]
    allowed = [
        number
        for number, score in enumerate(scores)
        if lesions[number] >= lesions[0] + GAIN and _keeps_dice(scores[0], score)
    ]
    best = max((lesions[number] for number in allowed), default=0.0)
    return trials[next((number for number in allowed if lesions[number] >= best - NEAR), 0)]


def _keeps_dice(before: dict[str, dict[str, float]], after: dict[str, dict[str, float]]) -> bool:
    return all(after["dice"][key] >= value - LOSS for key, value in before["dice"].items())


def _with_least(cleaning: Cleaning, region: Region, least: float) -> Cleaning:
    values = [least if other is region else old for other, old in zip(REGIONS, cleaning.least_ml, strict=True)]
    return replace(cleaning, least_ml=(values[0], values[1], values[2]))


def _score(
    answers: Answers, trials: Sequence[Cleaning], spacing: float, by_lesion: Sequence[Region]
) -> list[dict[str, dict[str, float]]]:
    """Return for each trial the mean Dice of every region over the cases, and the lesion-wise one of some."""
    dices: list[list[dict[str, float]]] = [[] for _ in trials]
    lesions: list[list[dict[str, float]]] = [[] for _ in trials]
    for labels, truth, seen in answers():
        for number, trial in enumerate(trials):
            cleaned = clean(labels, spacing**3 / 1000, trial, seen).labels
            dices[number].append(region_dice(cleaned, truth))
            lesions[number].append(
                {
                    region.key: lesion_dice(
                        np.isin(cleaned, region.values), np.isin(truth, region.values), (spacing,) * 3
                    )
                    for region in by_lesion
                }
            )
    return [{"dice": _mean(dice), "lesion_dice": _mean(lesion)} for dice, lesion in zip(dices, lesions, strict=True)]


def _mean(values: Sequence[dict[str, float]]) -> dict[str, float]:
    """Return the mean by region over the cases."""
    return {key: fmean(case[key] for case in values) for key in values[0]}
