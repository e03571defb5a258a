"""Segmentations held against the ground truth, case by case: a package's own, or those that lie in a folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import mean

import numpy as np

from ..cases.discovery import LabelledCase
from ..cases.reading import in_place, read_labelled
from ..core.errors import InputError
from ..core.labels import REGIONS, LabelConvention
from ..core.segmentation import Segmentation
from ..core.volume import Study
from ..images.reading import read_label_map
from ..inference.segmenting import Options, Result, Segmenter
from ..models.package import ModelPackage
from .comparing import RegionScore, compare
from .pairing import Pair

Report = Callable[["CaseScore"], None]


@dataclass(frozen=True)
class CaseScore:
    """One case: Dice of WT, TC and ET, volumes in ml by the prediction and by the truth, and every measure by region.

    seconds: of the networks; None where the prediction was read from a file.
    """

    name: str
    dice: dict[str, float]
    volumes: dict[str, float]
    true_volumes: dict[str, float]
    seconds: float | None = None
    regions: Mapping[str, RegionScore] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """A labelled case's study, a package's answer to it, and the truth (z, y, x; the library's values) on its grid."""

    study: Study
    result: Result
    truth: np.ndarray


def score_package(
    package: ModelPackage,
    cases: Sequence[LabelledCase],
    options: Options = Options(),  # noqa: B008  (frozen)
    report: Report = lambda _: None,
    convention: LabelConvention | None = None,
) -> list[CaseScore]:
    """Segment every case and compare it with its truth on the reference volume's grid.

    convention: of the truths' labels; where None each case's own, or guessed. Raises InputError where a ground truth
    lies on another grid than the case's reference volume.
    """
    segmenter = Segmenter(package)
    scores = []
    for case in cases:
        score = _score_case(segmenter, case, options, convention)
        report(score)
        scores.append(score)
    return scores


def score_predictions(
    pairs: Sequence[Pair],
    report: Report = lambda _: None,
    convention: LabelConvention | None = None,
    true_convention: LabelConvention | None = None,
) -> list[CaseScore]:
    """Compare label maps in files with their truths, each on its own grid; axes may be turned or flipped.

    convention, true_convention: of the predictions' and of the truths' labels, guessed for each file where None.
    Raises InputError, naming every case at fault, where a file cannot be read, holds labels of no known convention, or
    lies on another grid than its truth.
    """
    scores, faults = [], []
    for pair in pairs:
        try:
            score = _score_pair(pair, convention, true_convention)
        except InputError as error:
            faults.append(str(error))
            continue
        report(score)
        scores.append(score)
    if faults:
        raise InputError(f"{len(faults)} of {len(pairs)} cases cannot be compared. {' '.join(faults)}")
    return scores


def score_case(name: str, prediction: Segmentation, truth: np.ndarray, seconds: float | None = None) -> CaseScore:
    """Compare a segmentation with a truth on its grid (z, y, x; the library's values)."""
    geometry = prediction.geometry
    x, y, z = geometry.spacing
    regions = compare(prediction.labels, truth, (z, y, x))
    dice = {key: score.dice for key, score in regions.items()}
    volumes, true_volumes = prediction.volumes_ml(), Segmentation(truth, geometry).volumes_ml()
    return CaseScore(name, dice, volumes, true_volumes, seconds, regions)


def pick_cases(scores: Sequence[CaseScore]) -> dict[str, CaseScore]:
    """Return the best, the worst and the median case by the mean Dice of the regions, each case once."""
    ranked = sorted(scores, key=lambda score: mean(score.dice.values()), reverse=True)
    places = {"best": 0, "worst": len(ranked) - 1, "median": len(ranked) // 2}
    picked: dict[str, CaseScore] = {}
    for name, place in places.items():
        if ranked and ranked[place] not in picked.values():
            picked[name] = ranked[place]
    return picked


def mean_dice(scores: Sequence[CaseScore]) -> dict[str, float]:
    """Return the mean Dice of each region over the cases."""
    return {region.key: mean(score.dice[region.key] for score in scores) for region in REGIONS}


def segment_case(
    segmenter: Segmenter, case: LabelledCase, options: Options, convention: LabelConvention | None = None
) -> Answer:
    """Segment a labelled case and read its truth; see `score_package`."""
    study, truth = read_labelled(case, convention)
    return Answer(study, segmenter.segment(study, options), truth.array)


def _score_case(
    segmenter: Segmenter, case: LabelledCase, options: Options, convention: LabelConvention | None
) -> CaseScore:
    answer = segment_case(segmenter, case, options, convention)
    seconds = sum(time for step, time in answer.result.timings.items() if step.startswith("stage"))
    return score_case(case.name, answer.result.segmentation, answer.truth, seconds)


def _score_pair(pair: Pair, convention: LabelConvention | None, true_convention: LabelConvention | None) -> CaseScore:
    prediction = read_label_map(pair.prediction, convention)
    truth = read_label_map(pair.truth, true_convention)
    moved = in_place(truth, prediction.geometry)
    if moved is None:
        raise InputError(
            f"{pair.prediction}: lies on another grid ({prediction.geometry}) than its ground truth {pair.truth}"
            f" ({truth.geometry}); resample it onto that grid by nearest neighbor."
        )
    return score_case(pair.name, Segmentation(prediction.array, prediction.geometry), moved.array)
