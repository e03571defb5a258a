"""A package's answers on labelled cases, held against the ground truth, case by case."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import mean

from ..core.errors import InputError
from ..core.labels import REGIONS
from ..core.segmentation import Segmentation
from ..images.cases import LabelledCase
from ..images.reading import read_label_map, read_study
from ..inference.segmenting import Options, Segmenter
from ..models.package import ModelPackage
from .dice import region_dice


@dataclass(frozen=True)
class CaseScore:
    """One case: Dice of WT, TC and ET, volumes in ml by the package and by the truth, seconds of the networks."""

    name: str
    dice: dict[str, float]
    volumes: dict[str, float]
    true_volumes: dict[str, float]
    seconds: float


def score_package(
    package: ModelPackage,
    cases: Sequence[LabelledCase],
    options: Options = Options(),  # noqa: B008  (frozen)
    report: Callable[[CaseScore], None] = lambda _: None,
) -> list[CaseScore]:
    """Segment every case and compare it with its truth on the reference volume's grid.

    Raises InputError where a ground truth lies on another grid than the case's reference volume.
    """
    segmenter = Segmenter(package)
    scores = []
    for case in cases:
        score = _score_case(segmenter, case, options)
        report(score)
        scores.append(score)
    return scores


def mean_dice(scores: Sequence[CaseScore]) -> dict[str, float]:
    """Return the mean Dice of each region over the cases."""
    return {region.key: mean(score.dice[region.key] for score in scores) for region in REGIONS}


def _score_case(segmenter: Segmenter, case: LabelledCase, options: Options) -> CaseScore:
    study = read_study(case.images, name=case.name)
    truth = read_label_map(case.segmentation)
    if not truth.geometry.same_grid(study.reference_volume.geometry):
        raise InputError(
            f"{case.segmentation}: lies on another grid than {study.reference}; give one on the same grid."
        )
    result = segmenter.segment(study, options)
    seconds = sum(time for step, time in result.timings.items() if step.startswith("stage"))
    expert = Segmentation(truth.array, truth.geometry)
    dice = region_dice(result.segmentation.labels, truth.array)
    return CaseScore(case.name, dice, result.segmentation.volumes_ml(), expert.volumes_ml(), seconds)
