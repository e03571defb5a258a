"""How robust a package is: its Dice on labelled cases, and on the same cases with their images changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import mean

import numpy as np

from ..cases.faults import Fault
from ..cases.labelled import LabelledCase
from ..cases.reading import read_labelled
from ..core.disk import tables
from ..core.labels import REGIONS
from ..core.volume import Study, is_finite
from ..inference.segmenting import Options, Segmenter
from ..models.package import ModelPackage
from .changes import UNCHANGED, Change
from .dice import region_dice
from .faults import SPOILED, fault_of


@dataclass(frozen=True)
class ChangeScore:
    """One case under one change, by its key: Dice of WT, TC and ET."""

    change: str
    case: str
    dice: dict[str, float]

    @property
    def mean(self) -> float:
        """The mean Dice over the regions."""
        return mean(self.dice.values())


@dataclass(frozen=True)
class ChangeSummary:
    """One change over the cases: mean Dice of WT, TC and ET, and how far these are above (+) the unchanged.

    worst: the case whose mean Dice over the regions falls most. drop: by how much it falls; below 0 where it rises.
    """

    change: str
    dice: dict[str, float]
    difference: dict[str, float]
    worst: str
    drop: float


def score_changes(
    package: ModelPackage,
    cases: Sequence[LabelledCase],
    changes: Sequence[Change],
    options: Options = Options(),  # noqa: B008  (frozen)
    on_fault: Callable[[Fault], None] | None = None,
) -> Iterator[ChangeScore]:
    """Segment every case under every change, and give its Dice on the changed study's reference grid.

    Each case is read once. Findings stop nothing, since a change may raise some. on_fault: told of a case that cannot
    be read or segmented, which is then gone on from (its scores so far are to be dropped); without it that raises.
    """
    segmenter = Segmenter(package)
    options = replace(options, force=True)
    for case in cases:
        try:
            yield from _score_case(segmenter, case, changes, options)
        except SPOILED as error:
            if on_fault is None:
                raise
            on_fault(fault_of(case, error))


def _score_case(
    segmenter: Segmenter, case: LabelledCase, changes: Sequence[Change], options: Options
) -> Iterator[ChangeScore]:
    study, truth = read_labelled(case)
    study = _finite(study)
    for change in changes:
        changed, moved = change.apply(study, truth)
        labels = segmenter.segment(changed, options).segmentation.labels
        yield ChangeScore(change.key, case.name, region_dice(labels, moved.array))


def summarize_changes(scores: Sequence[ChangeScore]) -> list[ChangeSummary]:
    """Return one summary for each change, in their order; the scores must hold those of `unchanged`."""
    groups: dict[str, dict[str, ChangeScore]] = {}
    for score in scores:
        groups.setdefault(score.change, {})[score.case] = score
    before = groups[UNCHANGED.key]
    plain = _mean_dice(before.values())
    summaries = []
    for key, group in groups.items():
        dice = _mean_dice(group.values())
        difference = {region: value - plain[region] for region, value in dice.items()}
        drops = {case: before[case].mean - score.mean for case, score in group.items()}
        worst = max(drops, key=drops.__getitem__)
        summaries.append(ChangeSummary(key, dice, difference, worst, drops[worst]))
    return summaries


def to_csv(scores: Sequence[ChangeScore]) -> str:
    """Return a row for each change and case as CSV, Dice with six significant digits."""
    rows = ((score.change, score.case, *(f"{score.dice[region.key]:.6g}" for region in REGIONS)) for score in scores)
    return tables.to_csv([("change", "case", *(region.key for region in REGIONS)), *rows])


def _finite(study: Study) -> Study:
    """Return a study with 0 for values that are not finite, as `prepare` takes them, so that a change can reckon."""
    volumes = {
        modality: volume
        if is_finite(volume.array)
        else replace(volume, array=np.nan_to_num(volume.array, nan=0.0, posinf=0.0, neginf=0.0))
        for modality, volume in study.volumes.items()
    }
    return replace(study, volumes=volumes)


def _mean_dice(scores: Iterable[ChangeScore]) -> dict[str, float]:
    by_case = [score.dice for score in scores]
    return {region.key: mean(dice[region.key] for dice in by_case) for region in REGIONS}
