"""Temperatures and offsets of the output channels, chosen where the mask can be wrong: within 5 mm of the tumor.

In the rest of the brain all answers are near 0 and right, and outnumber those by the border; what is chosen over all of
it leaves the border as it was. A logit is divided by a temperature, and an offset is added (Platt 1999): a temperature
alone cannot mend a region that is called too large in most cases. Counts of the logits by the truth stand for a case
(see `count_near`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import SimpleITK as sitk

from ..core.boxes import bounding_box
from ..core.labels import REGIONS, channels_from_labels

Bins = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Of each bin of probability: the mean of what was said, the share of voxels in which it was so, and their number."""
NEAR_MM = 5.0
_EDGES = np.linspace(-12.0, 12.0, 193)
_CENTERS = np.array([(low + high) / 2 for low, high in pairwise(_EDGES)])
BINS = len(_CENTERS)
_LINEAR = np.stack([_CENTERS, np.ones(BINS)], axis=1)
_PRIOR = 0.003
"""Of the likelihood, a voxel: what a slope of 2 or an offset of 1 costs, since few cases tell."""
_STEPS, _SETTLED = 50, 1e-6
_LEAST_SLOPE, _MOST_SLOPE = 0.2, 5.0
_SHOWN = 10
"""Bins of probability that the calibration error and the diagram have."""
_GAIN = 0.002
"""Of the calibration error: a smaller one is no reason for a correction."""


@dataclass(frozen=True)
class Correction:
    """Makes a channel's probabilities true: their logits are divided by a temperature, and an offset is added."""

    temperature: float = 1.0
    offset: float = 0.0

    def of(self, probability: float) -> float:
        """Return the probability that this turns another into; 0 and 1 stay."""
        if not 0 < probability < 1:
            return probability
        return float(self.of_logits(np.log(probability / (1 - probability))))

    def of_logits(self, logits: np.ndarray) -> np.ndarray:
        """Return the probabilities of logits."""
        return np.asarray(1 / (1 + np.exp(-(logits / self.temperature + self.offset))))


UNCORRECTED = Correction()


def count_near(
    probabilities: np.ndarray, channels: tuple[str, ...], truth: np.ndarray, found: np.ndarray, spacing: float = 1.0
) -> np.ndarray:
    """Count a case's voxels within 5 mm of a tumor, true or found, by logit and truth; (3, `BINS`, 2).

    probabilities: (3, z, y, x), what channels mean (see `core.labels`). truth, found: labels (z, y, x) on that grid.
    spacing: of its voxels, mm.
    """
    near = near_tumor((truth > 0) | (found > 0), spacing) & (probabilities > 0).any(axis=0)
    right = channels_from_labels(truth[near], channels)
    counts = []
    for values, is_right in zip(probabilities[:, near].astype(np.float64), right, strict=True):
        clipped = np.clip(values, 1e-5, 1 - 1e-5)
        logits = np.log(clipped / (1 - clipped))
        counts.append([np.histogram(logits[is_right == each], _EDGES)[0] for each in (0, 1)])
    return np.moveaxis(np.array(counts, float), 1, 2)


def near_tumor(tumor: np.ndarray, spacing: float = 1.0) -> np.ndarray:
    """Return the voxels (z, y, x) within 5 mm of a mask's, itself included."""
    near = np.zeros(tumor.shape, bool)
    box = bounding_box(tumor, margin=int(NEAR_MM / spacing) + 2, within=True)
    if box is None:
        return near
    image = sitk.GetImageFromArray(tumor[box].astype(np.uint8))
    distance = sitk.SignedMaurerDistanceMap(image, squaredDistance=False, useImageSpacing=False)
    near[box] = sitk.GetArrayFromImage(distance) <= NEAR_MM / spacing
    return near


def fit_corrections(cases: Sequence[np.ndarray], channels: tuple[str, ...]) -> tuple[Correction, ...]:
    """Return for each channel the likeliest correction.

    cases: counts of `count_near`, each case weighing the same. One correction for all channels where these are labels
    beside each other: a region's probability is then the largest of several. None where there is next to nothing to
    gain.
    """
    weighed = [each / max(float(each.sum()), 1.0) for each in cases]
    if not weighed:
        return (UNCORRECTED,) * len(channels)
    total = np.sum(weighed, axis=0)
    if set(channels) != {region.key for region in REGIONS}:
        return (_likeliest(total.sum(axis=0)),) * len(channels)
    return tuple(_likeliest(counts) for counts in total)


def _likeliest(counts: np.ndarray) -> Correction:
    """Return the correction of counts (`BINS`, 2) by a logistic regression on the logit, pulled towards none."""
    if not counts.sum(axis=0).all():
        return UNCORRECTED
    shares = counts / counts.sum()
    voxels, none = shares.sum(axis=1), np.array([1.0, 0.0])
    found = none.copy()

    def loss(line: np.ndarray) -> float:
        logits = _LINEAR @ line
        likelihood = (voxels * np.logaddexp(0, logits) - shares[:, 1] * logits).sum()
        return float(likelihood + _PRIOR * ((line - none) ** 2).sum())

    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-(_LINEAR @ found)))
        slope = _LINEAR.T @ (voxels * chance - shares[:, 1]) + 2 * _PRIOR * (found - none)
        bend = (_LINEAR * (voxels * chance * (1 - chance))[:, None]).T @ _LINEAR + 2 * _PRIOR * np.eye(2)
        step = np.linalg.solve(bend, slope)
        while loss(found - step) > loss(found) and np.abs(step).max() > _SETTLED:
            step = step / 2
        found = found - step
        if np.abs(step).max() < _SETTLED:
            break
    steep = float(np.clip(found[0], _LEAST_SLOPE, _MOST_SLOPE))
    correction = Correction(round(1 / steep, 3), round(float(found[1]), 3))
    gains = calibration_error(counts) - calibration_error(counts, correction)
    return correction if gains > _GAIN else UNCORRECTED


def calibration_error(counts: np.ndarray, correction: Correction = UNCORRECTED) -> float:
    """Return the expected calibration error of counts (`BINS`, 2), over ten bins of probability (Guo et al. 2017)."""
    return _error(reliability(counts, correction))


def reliability(counts: np.ndarray, correction: Correction = UNCORRECTED) -> Bins:
    """Return for ten bins of probability the mean probability, the share that was right, and the voxels, (10,) each."""
    probability = correction.of_logits(_CENTERS)
    place = np.minimum((probability * _SHOWN).astype(int), _SHOWN - 1)
    voxels = np.bincount(place, counts.sum(axis=1), _SHOWN)
    said = np.bincount(place, counts.sum(axis=1) * probability, _SHOWN) / np.maximum(voxels, 1e-12)
    happened = np.bincount(place, counts[:, 1], _SHOWN) / np.maximum(voxels, 1e-12)
    return said, happened, voxels


def choose_corrections(
    cases: Sequence[np.ndarray], patients: Sequence[str], channels: tuple[str, ...]
) -> tuple[tuple[Correction, ...], dict[str, Reliability]]:
    """Return the channels' corrections, and how true the probabilities are with ones chosen on other patients.

    A channel gets none unless the patients left out gain likelihood by more than its standard error, and their error
    falls: so few cases tell nothing of it else. Otherwise as `fit_corrections` and `judge_corrections`.
    """
    judged = judge_corrections(cases, patients, channels)
    fitted = fit_corrections(cases, channels)
    if set(channels) != {region.key for region in REGIONS}:
        together = np.sum([each.gains for each in judged.values()], axis=0) if judged else np.zeros(0)
        falls = sum(each.error_before - each.error_after for each in judged.values()) > 0
        helps = {key: falls and _is_sure(together) for key in judged}
    else:
        helps = {key: each.error_after < each.error_before and _is_sure(each.gains) for key, each in judged.items()}
    chosen = tuple(value if helps.get(key) else UNCORRECTED for key, value in zip(channels, fitted, strict=True))
    return chosen, {key: each if helps[key] else replace(each, after=each.before) for key, each in judged.items()}


def _is_sure(gains: np.ndarray) -> bool:
    """Return whether the mean of cases' gains is above its standard error."""
    return len(gains) > 1 and float(gains.mean()) > float(gains.std(ddof=1)) / math.sqrt(len(gains))


@dataclass(frozen=True)
class Reliability:
    """Of one channel `reliability` as the package tells it, and with a correction chosen on other patients.

    gains: what each case gains by it in the mean log likelihood of a voxel.
    """

    before: Bins
    after: Bins
    gains: np.ndarray

    @property
    def error_before(self) -> float:
        """The expected calibration error of the probabilities as the package tells them."""
        return _error(self.before)

    @property
    def error_after(self) -> float:
        """The expected calibration error with the correction chosen on others."""
        return _error(self.after)


def judge_corrections(
    cases: Sequence[np.ndarray], patients: Sequence[str], channels: tuple[str, ...]
) -> dict[str, Reliability]:
    """Return by channel how true the probabilities of cases are, with corrections chosen without their patient.

    cases: counts of `count_near`, each weighing the same. patients: of each, "" of one that stands alone. Nothing of
    fewer than two patients.
    """
    sums = np.zeros((2, len(channels), 3, _SHOWN))
    gains = np.zeros((len(channels), len(cases)))
    for place, counts in enumerate(cases):
        others = [
            other
            for number, other in enumerate(cases)
            if number != place and (not patients[place] or patients[number] != patients[place])
        ]
        if not others:
            return {}
        chosen = fit_corrections(others, channels)
        weighed = counts / max(float(counts.sum()), 1.0)
        for side, corrections in enumerate(((UNCORRECTED,) * len(channels), chosen)):
            for channel, correction in enumerate(corrections):
                said, happened, voxels = reliability(weighed[channel], correction)
                sums[side, channel] += (said * voxels, happened * voxels, voxels)
                gains[channel, place] += (1 if side else -1) * _likelihood(weighed[channel], correction)
    return {
        name: Reliability(_meaned(sums[0, channel]), _meaned(sums[1, channel]), gains[channel])
        for channel, name in enumerate(channels)
        if cases
    }


def _likelihood(counts: np.ndarray, correction: Correction) -> float:
    """Return the mean log likelihood of a voxel of counts (`BINS`, 2), each bin taken at its center."""
    logits = _CENTERS / correction.temperature + correction.offset
    # By the logits, since a steep line makes a chance of exactly 1, whose complement has no logarithm.
    missed = counts[:, 1] * np.logaddexp(0, -logits) + counts[:, 0] * np.logaddexp(0, logits)
    return -float(missed.sum() / max(float(counts.sum()), 1e-12))


def _meaned(sums: np.ndarray) -> Bins:
    said, happened, voxels = sums
    return said / np.maximum(voxels, 1e-12), happened / np.maximum(voxels, 1e-12), voxels


def _error(bins: Bins) -> float:
    said, happened, voxels = bins
    return float((np.abs(said - happened) * voxels).sum() / max(float(voxels.sum()), 1e-12))
