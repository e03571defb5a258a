"""A result answered anew from its mirrored images, and what that makes of its volumes' intervals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import torch

from ..core.errors import InputError
from ..core.inspection import MOST_MIRRORINGS, Cost
from ..core.labels import REGIONS
from ..inference.progress import Listener, Question, part_of
from ..inference.segmenting import Options, Result, Segmenter
from .contributions import replacements
from .flipping import Flipped, cost_of, flip_and_answer
from .intervals import volume_intervals


def mirroring_cost(result: Result, answers: int = MOST_MIRRORINGS) -> Cost:
    """Say what answering mirrored images takes, from what the result took; made with `keep_evidence`."""
    return passes_cost(result, answers - 1)


def contributions_cost(result: Result) -> Cost:
    """Say what `Explanation.contributions` takes, likewise."""
    assert result.evidence is not None
    return passes_cost(result, len(replacements(result.evidence.prepared.images, result.package.has_vae)))


def passes_cost(result: Result, passes: int) -> Cost:
    """Say what so many more passes take, each as long as the result's own."""
    assert result.evidence is not None
    seconds = sum(taken for step, taken in result.timings.items() if step.startswith("stage"))
    return cost_of(passes, seconds, result.evidence.prepared.brain.shape)


def mirror(
    result: Result,
    segmenter: Segmenter,
    answers: int = MOST_MIRRORINGS,
    options: Options = Options(),  # noqa: B008  (frozen)
    progress: Listener | None = None,
    cancelled: Question | None = None,
) -> Flipped:
    """Answer a result's images mirrored, 2 to 8 answers with the one that is there.

    Raises InputError on another number, and what `Segmenter.segment` does: Cancelled where cancelled() answers yes.
    """
    if not 2 <= answers <= MOST_MIRRORINGS:
        raise InputError(f"{answers} answers cannot be made of mirrored images; choose 2 to {MOST_MIRRORINGS}.")
    assert result.evidence is not None
    prediction = result.evidence.prediction

    def answer(images: np.ndarray, number: int) -> np.ndarray:
        listener = part_of(progress, number - 1, answers - 1)
        return segmenter.predict(images, options, listener, cancelled).probabilities

    thresholds = result.package.settings.thresholds
    return flip_and_answer(answer, result.evidence.prepared.images, prediction.probabilities, thresholds, answers)


def mirrored_intervals(
    result: Result, flipped: Flipped, thresholds: Mapping[str, tuple[float, float]]
) -> dict[str, tuple[float, float]]:
    """Return by region the ml between which its volume probably lies, as wide as mirrored images make it.

    They hold the interval of the mean of all answers, and each answer's own volume where the channels are the regions;
    thresholds: those of `intervals.fit_intervals`.
    """
    assert result.evidence is not None
    evidence = result.evidence
    own = volume_intervals(result, thresholds)
    mean = replace(evidence, prediction=replace(evidence.prediction, answer=torch.from_numpy(flipped.probabilities)))
    joined = volume_intervals(replace(result, evidence=mean), thresholds)
    voxel, channels = evidence.prepared.geometry.voxel_volume, evidence.prediction.channels
    ends = {}
    for region in REGIONS:
        if region.key in own:
            values = [*own[region.key], *joined[region.key]]
            if region.key in channels:
                values += (flipped.counts[:, channels.index(region.key)] * voxel).tolist()
            ends[region.key] = (min(values), max(values))
    return ends
