"""How well a package's input check, probabilities and intervals do on cases that they were not made from.

    python Testing/Studies/input_check.py fast --unseen DATA/validation --unseen DATA/cases --images DATA/train \\
        --patients Testing/Studies/patients.csv

prints tables: how studies with something done to them rank above untouched ones, which wrong sequences are named, how
often untouched studies alarm, calibration errors, and intervals that hold the true volume. Each patient is judged by a
calibration made of the other folds' patients. Unseen cases are those that no training saw; of the images of others
only every third is tried (--every; 0: nothing is tried at all). Trials look at the images alone, since networks would
take hours.
"""

from __future__ import annotations

import argparse
import pickle
import zlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations, permutations
from pathlib import Path

import numpy as np
import SimpleITK as sitk
from BrainTumorVAESegLib.cases.discovery import LabelledCase, discover_cases
from BrainTumorVAESegLib.cases.labelled import with_patients
from BrainTumorVAESegLib.cases.reading import read_labelled
from BrainTumorVAESegLib.core.modalities import MODALITIES
from BrainTumorVAESegLib.core.verdict import Familiarity
from BrainTumorVAESegLib.evaluation.changes import choose_changes
from BrainTumorVAESegLib.models.library import find_package
from BrainTumorVAESegLib.models.package import ModelPackage
from BrainTumorVAESegLib.preparation.coarsening import coarsened
from BrainTumorVAESegLib.preparation.preparing import PreparedStudy, prepare
from BrainTumorVAESegLib.preparation.shading import random_field
from BrainTumorVAESegLib.trust.calibrating import (
    calibrate,
    choose_corrections,
    corrected,
    fit_volumes,
    observe_cases,
)
from BrainTumorVAESegLib.trust.calibration import Calibration, overall
from BrainTumorVAESegLib.trust.corrupting import CORRUPTIONS, renormalized, shaded
from BrainTumorVAESegLib.trust.features import features_of_coarse
from BrainTumorVAESegLib.trust.fitting import change
from BrainTumorVAESegLib.trust.judging import judge_study, weigh_study
from BrainTumorVAESegLib.trust.likeness import likeness
from BrainTumorVAESegLib.trust.observed import CaseObservation
from BrainTumorVAESegLib.trust.observing import observe
from BrainTumorVAESegLib.trust.sequences import judge_sequences

BIAS = "bias"
"""The change of `robustness` by a field of 0.7 to 1.3 in each image."""
STRONG, WEAK = 0.3, 0.15
CUT = (0.1, 0.25)
"""Share of the brain's slices that a field of view leaves out."""
Trials = dict[tuple[str, str], list[float]]


def tried(prepared: PreparedStudy, random: np.random.Generator) -> Iterator[tuple[str, str, PreparedStudy]]:
    """Yield kind, scope and study of everything that is done to the images of a study, all of them or one."""
    one = int(random.integers(len(prepared.images)))
    doings = {kind: doing for kind, doing in CORRUPTIONS.items() if kind != "shading"}
    for kind, strength in (("shading", STRONG), ("weak shading", WEAK)):
        doings[kind] = lambda image, brain, chance, strength=strength: shade(image, brain, chance, strength)
    for kind, doing in doings.items():
        images = np.stack([doing(image, prepared.brain, random) for image in prepared.images])
        yield kind, "all", replace(prepared, images=images)
        alone = prepared.images.copy()
        alone[one] = images[one]
        yield kind, "one", replace(prepared, images=alone)
    lost = _lost(prepared.brain, random)
    images = np.stack([renormalized(image, prepared.brain & ~lost) for image in prepared.images])
    yield "cut", "all", replace(prepared, images=images, brain=prepared.brain & ~lost)
    alone = prepared.images.copy()
    alone[one][lost] = alone[one].min()
    alone[one] = renormalized(alone[one], prepared.brain)
    yield "cut", "one", replace(prepared, images=alone)


def shade(image: np.ndarray, brain: np.ndarray, random: np.random.Generator, strength: float) -> np.ndarray:
    """Multiply by a field that goes from 1 - strength to 1 + strength within the brain."""
    field = random_field(image.shape, random)
    low, high = field[brain].min(), field[brain].max()
    return shaded(image, brain, 1 + strength * (2 * (field - low) / (high - low) - 1))


def repeated(image: np.ndarray, brain: np.ndarray, random: np.random.Generator, how: str) -> np.ndarray:
    """Return an image as if it was made anew: other contrast, shading or noise; moved by up to 2 mm, or smoothed."""
    values = change(image, brain, random)
    if how == "moved":
        steps = random.choice((-2, -1, 0, 1, 2), 3)
        steps[random.integers(3)] = 2
        values = np.roll(values, steps, (0, 1, 2))
    elif how == "smoothed":
        values = sitk.GetArrayFromImage(
            sitk.SmoothingRecursiveGaussian(sitk.GetImageFromArray(values), float(random.uniform(0.5, 1)))
        )
    return renormalized(values, brain)


def _lost(brain: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Return what of a brain (z, y, x) a field of view leaves out, at its top or bottom."""
    slices = np.flatnonzero(brain.any(axis=(1, 2)))
    count = round(len(slices) * random.uniform(*CUT))
    lost = np.zeros_like(brain)
    lost[slices[:count] if random.random() < 0.5 else slices[-count:]] = True
    return lost & brain


class Study:
    """The tables of one package, gathered case by case."""

    def __init__(self, package: ModelPackage) -> None:
        self.package = package
        self.scores: Trials = defaultdict(list)
        self.alarms: Trials = defaultdict(list)
        self.named: dict[str, list[bool]] = defaultdict(list)
        self.held: dict[str, list[bool]] = defaultdict(list)

    def prepare(self, case: LabelledCase, biased: bool = False) -> PreparedStudy:
        """Read and prepare a case, or what the field of `robustness` makes of it."""
        study, truth = read_labelled(case)
        if biased:
            (_, bias) = choose_changes([BIAS])
            study, _ = bias.apply(study, truth)
        return prepare(study, self.package.settings.preprocessing, tuple(MODALITIES), tuple(MODALITIES))

    def weigh(self, key: tuple[str, str], prepared: PreparedStudy, calibration: Calibration) -> None:
        """Add what the check makes of a study."""
        weighed = weigh_study(prepared, observe(prepared), calibration)
        self.scores[key].append(99.0 if weighed.wrong else overall(weighed.scores))
        self.alarms[key].append(float(self.scores[key][-1] >= calibration.unusual))

    def try_case(self, case: LabelledCase, seen: CaseObservation, calibration: Calibration, unseen: bool) -> None:
        """Add what the check makes of a case, untouched and with all that is done to it."""
        prepared = self.prepare(case)
        self.weigh(("untouched", ""), prepared, calibration)
        verdict = judge_study(prepared, seen.measures, calibration)
        whole = "untouched, with the networks" if unseen else "untouched, images alone"
        self.named[f"{whole}: unusual"].append(verdict.familiarity is not Familiarity.FAMILIAR)
        if verdict.familiarity is not Familiarity.FAMILIAR:
            print(f"  {case.name} as it is: {verdict}")
        random = np.random.default_rng(zlib.crc32(case.name.encode()) + 1)
        for kind, scope, changed in tried(prepared, random):
            self.weigh((kind, scope), changed, calibration)
        if unseen:
            self.weigh((BIAS, "all"), self.prepare(case, biased=True), calibration)
        self.try_sequences(prepared, calibration, random)

    def try_sequences(self, prepared: PreparedStudy, calibration: Calibration, random: np.random.Generator) -> None:
        """Add which swaps and repeats of a study's images are named."""
        singles, pairs = features_of_coarse(*coarsened(prepared.images, prepared.brain))
        alike = likeness(prepared.images, prepared.brain)
        found = judge_sequences(calibration.sequences, singles, pairs, MODALITIES, alike)
        self.named["untouched: some sequence named (false)"].append(bool(found))
        for first, second in combinations(range(len(MODALITIES)), 2):
            order = np.arange(len(MODALITIES))
            order[[first, second]] = second, first
            own = pairs[order][:, order], MODALITIES, alike[order][:, order]
            found = judge_sequences(calibration.sequences, singles[order], *own)
            names = {f"{a} and {b} look swapped." for a, b in permutations((MODALITIES[first], MODALITIES[second]))}
            self.named["two swapped"].append(len(found) == 1 and found[0].message in names)
        for how in ("as it is", "changed", "moved", "smoothed"):
            source, place = (int(each) for each in random.choice(len(MODALITIES), 2, replace=False))
            images = prepared.images.copy()
            images[place] = images[source]
            if how != "as it is":
                images[place] = repeated(images[source], prepared.brain, random, how)
            features = features_of_coarse(*coarsened(images, prepared.brain))
            found = judge_sequences(calibration.sequences, *features, MODALITIES, likeness(images, prepared.brain))
            self.named[f"one given twice, {how}"].append(_names(found, source, place))

    def hold(self, unseen: Sequence[CaseObservation]) -> None:
        """Add whether intervals hold the volumes of cases, made from those of other patients."""
        channels = self.package.settings.output_channels
        for seen in unseen:
            others = [other for other in unseen if other.patient != seen.patient]
            corrections, intervals = fit_volumes(others, channels)
            for region, threshold in corrected(seen.thresholds, channels, corrections).items():
                low, high = intervals[region]
                self.held[region].append(low <= threshold <= high)

    def tell(self, tried: bool) -> None:
        """Print the tables; that of what was done to images only where that was tried."""
        if tried:
            self._tell_ranks()
        print("\n| | of trials | |\n|---|---|---|")
        for told, answers in self.named.items():
            print(f"| {told} | {sum(answers)} of {len(answers)} | {100 * np.mean(answers):.0f} % |")
        for region, answers in self.held.items():
            print(f"| interval of {region} holds the volume | {sum(answers)} of {len(answers)} | |")

    def _tell_ranks(self) -> None:
        untouched = self.scores["untouched", ""]
        print("\n| done to the images | to | trials | AUROC | called unusual |\n|---|---|---|---|---|")
        pooled: list[float] = []
        for (kind, scope), values in self.scores.items():
            if kind not in ("untouched", "weak shading", BIAS):
                pooled += values
            told = "" if kind == "untouched" else f"{_auroc(values, untouched):.3f}"
            alarmed = np.mean(self.alarms[kind, scope])
            print(f"| {kind} | {scope} | {len(values)} | {told} | {100 * alarmed:.0f} % |")
        print(f"| all but weak shading and {BIAS} | | {len(pooled)} | {_auroc(pooled, untouched):.3f} | |")


def _names(found: Sequence, source: int, place: int) -> bool:
    """Say whether the reasons name the image that was given twice."""
    one, other = MODALITIES[source], MODALITIES[place]
    twice = [reason.message for reason in found if reason.code == "duplicate"]
    both = any(message.startswith((f"{one} and {other} ", f"{other} and {one} ")) for message in twice)
    return both or any(reason.message == f"What was given as {other} looks like {one}." for reason in found)


def _auroc(values: Sequence[float], untouched: Sequence[float]) -> float:
    above, below = np.asarray(values)[:, None], np.asarray(untouched)[None]
    return float(np.mean((above > below) + 0.5 * (above == below)))


def observe_all(
    package: ModelPackage, unseen: list[LabelledCase], images: list[LabelledCase], cache: Path | None
) -> list[CaseObservation]:
    """Return what unseen cases and others' images tell, in this order; kept in a file between runs."""
    if cache is not None and cache.is_file():
        kept = pickle.loads(cache.read_bytes())
        assert isinstance(kept, list) and len(kept) == len(unseen) + len(images)
        return kept
    observed = observe_cases(package, unseen, images, lambda number: print(".", end="", flush=True))
    if cache is not None:
        cache.write_bytes(pickle.dumps(observed))
    return observed


def main(chosen: argparse.Namespace) -> None:
    """Observe all cases, judge each by the others', and print the tables."""
    package = find_package(chosen.package)
    cases = [case for folder in (*chosen.unseen, *chosen.images) for case in discover_cases(folder)]
    cases = with_patients(cases, chosen.patients) if chosen.patients else cases
    count = sum(len(discover_cases(folder)) for folder in chosen.unseen)
    unseen, images = cases[:count], cases[count:]
    observed = observe_all(package, unseen, images, chosen.cache)
    # The unseen are few: each fold gets its share of them.
    patients = list(dict.fromkeys(each.patient for each in observed))
    fold = {patient: number % chosen.folds for number, patient in enumerate(patients)}
    study = Study(package)
    channels = package.settings.output_channels
    print(f"\n{package.name} {package.version}, {len(unseen)} unseen cases, images of {len(images)} more")
    for number in range(chosen.folds if chosen.every else 0):
        calibration = calibrate([each for each in observed if fold[each.patient] != number], channels)
        for place, (case, own) in enumerate(zip(cases, observed, strict=True)):
            if fold[own.patient] == number and (place < len(unseen) or place % chosen.every == 0):
                study.try_case(case, own, calibration, place < len(unseen))
    study.hold(observed[: len(unseen)])
    study.tell(bool(chosen.every))
    _, reliability = choose_corrections(observed, channels)
    for key, each in reliability.items():
        print(f"calibration error of {key}, patients left out: {each.error_before:.3f} to {each.error_after:.3f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("package", help="its name, or a folder")
    parser.add_argument("--unseen", type=Path, action="append", default=[], required=True, metavar="FOLDER")
    parser.add_argument("--images", type=Path, action="append", default=[], metavar="FOLDER")
    parser.add_argument("--patients", type=Path, metavar="FILE", help="a CSV of case and patient")
    parser.add_argument("--folds", type=int, default=4)
    parser.add_argument("--every", type=int, default=3, help="of the images of others, one in so many is tried")
    parser.add_argument("--cache", type=Path, metavar="FILE", help="where what cases tell is kept between runs")
    main(parser.parse_args())
