"""Thresholds and temperatures of a package's output channels, chosen on cases that its networks did not see.

Every case is reduced to a tally: how many voxels of each true label have which probabilities, in bins whose edges are
the thresholds to choose from. From the tallies of all cases the Dice of any choice follows at once. The bins themselves
are kept beside it, for what depends on where the voxels lie (see `cleaning`).
"""

from __future__ import annotations

import math
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import fmean, stdev

import numpy as np

from ..core.disk.files import replacing
from ..core.errors import TrainingError
from ..core.labels import LABELS, REGIONS, channels_from_labels, labels_from_channels
from ..inference.cascade import Prediction
from ..trust.temperature import Correction

EDGES = (0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8)
"""Thresholds to choose from."""
GAIN, ERRORS = 0.003, 2.0
"""A threshold other than 0.5 must gain this much mean Dice, and no less than so many standard errors of the gain over
the cases: with few of them, and many thresholds to choose from, less is chance."""
TALLY = ".tally2.npz"
"""How a tally's file ends: otherwise once a tally holds something else, so that no older one is read."""
_LOGIT_EDGES = np.linspace(-12.0, 12.0, 97)
_TEMPERATURES = np.geomspace(0.5, 4.0, 61)


@dataclass(frozen=True)
class Tally:
    """One case's voxels, counted.

    joint: (channel 1's bin, channel 2's, channel 3's, true label 0 to 3) over all voxels. logits: (channel, bin of the
    logit, 0 or 1 by the truth of that channel) over the voxels that the last stage answered.
    """

    joint: np.ndarray
    logits: np.ndarray


@dataclass(frozen=True)
class Calibration:
    """What was chosen, and what it gives on the cases it was chosen on.

    thresholds, temperatures: one for each output channel. dice: region -> mean Dice over the cases. dice_at_half: the
    same at thresholds of 0.5. cases: how many. edges: the thresholds as they cut the networks' own probabilities.
    """

    thresholds: tuple[float, ...]
    temperatures: tuple[float, ...]
    dice: dict[str, float]
    dice_at_half: dict[str, float]
    cases: int
    edges: tuple[float, ...]


def tally(prediction: Prediction, truth: np.ndarray) -> Tally:
    """Count the voxels of a case: its prediction, temperatures 1, against its label map (z, y, x)."""
    bins = bin_probabilities(prediction.probabilities)
    size = len(EDGES) + 1
    index = np.ravel_multi_index((*bins, truth.astype(np.intp)), (size, size, size, len(LABELS) + 1))
    joint = np.bincount(index.ravel(), minlength=size**3 * (len(LABELS) + 1))
    inside = np.zeros(truth.shape, bool)
    for box in prediction.regions:
        inside[box.inside(truth.shape)[0]] = True
    inside = (inside if prediction.regions else ~inside) & (prediction.probabilities > 0).any(0)
    probabilities = np.clip(prediction.probabilities[:, inside].astype(np.float64), 1e-7, 1 - 1e-7)
    right = channels_from_labels(truth[inside], prediction.channels)
    logits = [
        np.stack([np.histogram(line[part == value], _LOGIT_EDGES)[0] for value in (0, 1)], axis=1)
        for line, part in zip(np.clip(np.log(probabilities / (1 - probabilities)), -11.99, 11.99), right, strict=True)
    ]
    return Tally(joint.reshape(size, size, size, -1), np.stack(logits))


def bin_probabilities(probabilities: np.ndarray) -> np.ndarray:
    """Return the bin (uint8) of each probability: how many of `EDGES` it reaches."""
    return np.searchsorted(np.asarray(EDGES, np.float32), probabilities, side="right").astype(np.uint8)


def labels_at(bins: np.ndarray, channels: tuple[str, ...], edges: Sequence[float]) -> np.ndarray:
    """Return the labels (...) of bins (3, ...) at thresholds that are among `EDGES`."""
    bounds = np.reshape([EDGES.index(edge) + 1 for edge in edges], (-1, *[1] * (bins.ndim - 1)))
    return labels_from_channels(bins >= bounds, channels)


def save_tally(path: Path, counted: Tally, bins: np.ndarray, seen: np.ndarray) -> None:
    """Write a tally, the bins (3, z, y, x) that it counts, and where stage 1 saw a tumor. Raises OutputError."""
    with replacing(path) as part, part.open("wb") as stream:
        np.savez_compressed(stream, joint=counted.joint, logits=counted.logits, bins=bins, seen=seen)


def read_bins(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Read the bins (3, z, y, x; uint8) beside a tally, and where stage 1 saw a tumor (z, y, x; bool).

    Raises TrainingError where the file is damaged.
    """
    with _opened(path) as values:
        return values["bins"], values["seen"]


def read_tally(path: Path) -> Tally:
    """Read a tally. Raises TrainingError where the file is damaged."""
    with _opened(path) as values:
        return Tally(values["joint"], values["logits"])


@contextmanager
def _opened(path: Path) -> Iterator[Mapping[str, np.ndarray]]:
    try:
        with np.load(path) as values:
            yield values
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise TrainingError(f"{path}: is damaged ({error}); delete it and run again.") from error


def calibrate(tallies: Sequence[Tally], channels: tuple[str, ...]) -> Calibration:
    """Choose each channel's temperature by the likelihood, and its threshold by the mean Dice over the cases.

    The inner regions' thresholds are chosen first: their labels overwrite those around them. Temperature scaling: Guo
    et al. 2017 (arXiv 1706.04599), here one number for each channel.
    """
    half = [0.5] * len(channels)
    chosen = list(half)
    for region in reversed(REGIONS):
        channel = _channel(channels, region.key)
        scores = {}
        for edge in EDGES:
            trial = [*chosen[:channel], edge, *chosen[channel + 1 :]]
            scores[edge] = _dice_at(tallies, channels, trial)[region.key]
        best = max(scores, key=lambda edge: (round(fmean(scores[edge]), 6), -abs(edge - 0.5)))
        gains = [other - half for other, half in zip(scores[best], scores[0.5], strict=True)]
        if fmean(gains) >= max(GAIN, ERRORS * _standard_error(gains)):
            chosen[channel] = best
    temperatures = [_temperature(sum(each.logits[n] for each in tallies)) for n in range(len(channels))]
    return Calibration(
        # On the calibrated probabilities, where they cut what these cut of the networks' own.
        tuple(round(Correction(each).of(edge), 4) for edge, each in zip(chosen, temperatures, strict=True)),
        tuple(temperatures),
        mean_dice_at(tallies, channels, chosen),
        mean_dice_at(tallies, channels, half),
        len(tallies),
        tuple(chosen),
    )


def mean_dice_at(tallies: Sequence[Tally], channels: tuple[str, ...], edges: Sequence[float]) -> dict[str, float]:
    """Return region -> mean Dice over the cases at thresholds that are among `EDGES`; 1 where both are empty."""
    return {key: fmean(scores) for key, scores in _dice_at(tallies, channels, edges).items()}


def _dice_at(tallies: Sequence[Tally], channels: tuple[str, ...], edges: Sequence[float]) -> dict[str, list[float]]:
    """Return region -> every case's Dice."""
    labels = labels_at(np.indices((len(EDGES) + 1,) * 3), channels, edges)
    scores: dict[str, list[float]] = {region.key: [] for region in REGIONS}
    for each in tallies:
        # counts[predicted label, true label]
        counts = np.stack([each.joint[labels == value].sum(0) for value in range(len(LABELS) + 1)])
        for region in REGIONS:
            scores[region.key].append(_dice(counts, region.values))
    return scores


def _standard_error(values: Sequence[float]) -> float:
    """Return the standard error of a mean; 0 of a single value, which tells nothing of it."""
    return stdev(values) / math.sqrt(len(values)) if len(values) > 1 else 0.0


def _dice(counts: np.ndarray, values: tuple[int, ...]) -> float:
    part = list(values)
    total = counts[part].sum() + counts[:, part].sum()
    return 1.0 if total == 0 else float(2 * counts[np.ix_(part, part)].sum() / total)


def _channel(channels: tuple[str, ...], region: str) -> int:
    """Return the channel whose threshold decides on a region: its own, or the label that it adds to the inner ones."""
    return channels.index(region if region in channels else {"WT": "ED", "TC": "NCR"}[region])


def _temperature(counts: np.ndarray) -> float:
    """Return the temperature with the best likelihood of counts (logit's bin, 0 or 1); 1 where an answer is missing."""
    if not counts.sum(0).all():
        return 1.0
    centers = np.array([(a + b) / 2 for a, b in pairwise(_LOGIT_EDGES)])

    def loss(temperature: float) -> float:
        x = centers / temperature
        return float((counts[:, 1] * np.logaddexp(0, -x) + counts[:, 0] * np.logaddexp(0, x)).sum())

    return round(float(min(_TEMPERATURES, key=loss)), 3)
