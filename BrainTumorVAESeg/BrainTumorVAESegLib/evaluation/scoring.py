"""Segmentations held against the ground truth, case by case: a package's own, or those that lie in a folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import mean

import numpy as np

from ..cases.discovery import LabelledCase
from ..cases.faults import Fault, describe_faults
from ..cases.reading import in_place, read_labelled
from ..core.errors import InputError
from ..core.labelmap import LabelMap
from ..core.labels import LabelConvention
from ..core.numbering import Evidence, decide_numbering
from ..core.segmentation import Segmentation
from ..core.volume import Study
from ..images.reading import RawLabels, read_raw_labels
from ..inference.segmenting import Options, Result, Segmenter
from ..models.package import ModelPackage
from .comparing import RegionScore, compare
from .evidence import known_numbering, known_truth_numbering
from .faults import SPOILED, fault_of
from .pairing import Pair

Report = Callable[["CaseScore"], None]
OnFault = Callable[[Fault], None]


@dataclass(frozen=True)
class CaseScore:
    """One case: Dice of WT, TC and ET, volumes in ml by the prediction and by the truth, and every measure by region.

    seconds: of the networks; None where the prediction was read from a file. numbering: how the labels of `prediction`
    and `truth` were told, of those that were read from files. cavity_ml: the resection cavity that these hold, which is
    in no region.
    """

    name: str
    dice: dict[str, float]
    volumes: dict[str, float]
    true_volumes: dict[str, float]
    seconds: float | None = None
    regions: Mapping[str, RegionScore] = field(default_factory=dict)
    numbering: Mapping[str, str] = field(default_factory=dict)
    cavity_ml: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """A labelled case's study, a package's answer to it, and the truth on its grid."""

    study: Study
    result: Result
    label_map: LabelMap

    @property
    def truth(self) -> np.ndarray:
        """The truth's labels (z, y, x; the library's values)."""
        return self.label_map.array


def score_package(
    package: ModelPackage,
    cases: Sequence[LabelledCase],
    options: Options = Options(),  # noqa: B008  (frozen)
    report: Report = lambda _: None,
    convention: LabelConvention | None = None,
    on_fault: OnFault | None = None,
) -> list[CaseScore]:
    """Segment every case and compare it with its truth on the reference volume's grid.

    convention: of the truths' labels; where None each case's own, or told by the values. on_fault: told of a case that
    cannot be read or segmented, such as one whose ground truth lies on another grid, and the others are scored; without
    it that raises.
    """
    segmenter = Segmenter(package)
    scores = []
    for case in cases:
        try:
            score = _score_case(segmenter, case, options, convention)
        except SPOILED as error:
            if on_fault is None:
                raise
            on_fault(fault_of(case, error))
            continue
        report(score)
        scores.append(score)
    return scores


def score_predictions(
    pairs: Sequence[Pair],
    report: Report = lambda _: None,
    convention: LabelConvention | None = None,
    true_convention: LabelConvention | None = None,
    on_fault: OnFault | None = None,
) -> list[CaseScore]:
    """Compare label maps in files with their truths, each on its own grid; axes may be turned or flipped.

    convention, true_convention: of the predictions' and of the truths' labels; where None they are decided for each
    pair by what is known of both (see `core.numbering` and `evidence`). on_fault: told of a case where a file cannot be
    read, holds labels of no known convention, or lies on another grid than its truth; without it InputError is raised
    after all, naming every such case.
    """
    scores: list[CaseScore] = []
    faults: list[Fault] = []
    for pair in pairs:
        try:
            score = _score_pair(pair, convention, true_convention)
        except InputError as error:
            fault = Fault(pair.name, str(error))
            faults.append(fault)
            if on_fault is not None:
                on_fault(fault)
            continue
        report(score)
        scores.append(score)
    if faults and on_fault is None:
        raise InputError(describe_faults(faults, len(pairs)))
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


def segment_case(
    segmenter: Segmenter, case: LabelledCase, options: Options, convention: LabelConvention | None = None
) -> Answer:
    """Segment a labelled case and read its truth; see `score_package`."""
    study, truth = read_labelled(case, convention)
    return Answer(study, segmenter.segment(study, options), truth)


def _score_case(
    segmenter: Segmenter, case: LabelledCase, options: Options, convention: LabelConvention | None
) -> CaseScore:
    answer = segment_case(segmenter, case, options, convention)
    seconds = sum(time for step, time in answer.result.timings.items() if step.startswith("stage"))
    score = score_case(case.name, answer.result.segmentation, answer.truth, seconds)
    return _with_numbering(score, truth=answer.label_map)


def _score_pair(pair: Pair, convention: LabelConvention | None, true_convention: LabelConvention | None) -> CaseScore:
    prediction, truth = _read_pair(pair, convention, true_convention)
    moved = in_place(truth, prediction.geometry)
    if moved is None:
        raise InputError(
            f"{pair.prediction}: lies on another grid ({prediction.geometry}) than its ground truth {pair.truth}"
            f" ({truth.geometry}); resample it onto that grid by nearest neighbor."
        )
    score = score_case(pair.name, Segmentation(prediction.array, prediction.geometry), moved.array)
    return _with_numbering(score, prediction=prediction, truth=truth)


def _read_pair(
    pair: Pair, convention: LabelConvention | None, true_convention: LabelConvention | None
) -> tuple[LabelMap, LabelMap]:
    """Read a prediction and its truth, each in the numbering that both together tell."""
    mine, theirs = read_raw_labels(pair.prediction), read_raw_labels(pair.truth)
    evidence = (
        Evidence(mine.values, convention, known_numbering(pair.prediction)),
        Evidence(theirs.values, true_convention, known_truth_numbering(pair.truth, pair.name)),
    )
    return _numbered(mine, *evidence), _numbered(theirs, *reversed(evidence))


def _numbered(raw: RawLabels, own: Evidence, other: Evidence) -> LabelMap:
    try:
        convention = decide_numbering(own, other)
    except InputError as error:
        raise InputError(f"{raw.volume.source}: {error}") from error
    return raw.numbered(convention)


def _with_numbering(score: CaseScore, **label_maps: LabelMap) -> CaseScore:
    """Return a score that says how the label maps of its sides were read."""
    cavities = {side: each.cavity_ml for side, each in label_maps.items() if each.cavity_ml}
    return replace(score, numbering={side: each.numbering for side, each in label_maps.items()}, cavity_ml=cavities)
