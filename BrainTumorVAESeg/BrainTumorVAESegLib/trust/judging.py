"""The input check: whether a study looks like those that a package learned from, and in words why not."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..core.modalities import MODALITIES, Modality
from ..core.verdict import Familiarity, Reason, Verdict
from ..inference.segmenting import Result
from ..preparation.preparing import PreparedStudy
from .artifacts import artifact_features, score_artifacts
from .calibration import Calibration
from .features import coarsened, features_of_coarse
from .observing import observe
from .reconstructing import NO_BRANCH, Reconstructor
from .sequences import judge_sequences

_WORDS: Mapping[str, tuple[str, str]] = {
    "noise": ("looks noisier", "looks less noisy"),
    "shading": ("looks more shaded (bias field)", "looks less shaded"),
    "motion": ("looks more as if the head had moved", "looks less as if the head had moved"),
    "thick": ("looks more as if of thick slices", "looks less as if of thick slices"),
    "missing": ("lacks more of the brain (field of view)", "lacks less of the brain"),
    "residual": ("is given back less well by the VAE", "is given back better by the VAE"),
}
_SHAPES: Mapping[str, tuple[str, str]] = {
    "brain_ml": ("The brain is larger", "The brain is smaller"),
    "filled": ("The brain fills more of its box", "The brain fills less of its box"),
    "latent": ("The VAE's latent lies farther from the training cases'", "The VAE's latent lies nearer"),
}
_MOST_REASONS = 4


def judge(
    result: Result, calibration: Calibration | None, reconstructor: Reconstructor | None = None
) -> Verdict | None:
    """Judge the study of a result that was made with `keep_evidence`; None without evidence or calibration."""
    if result.evidence is None or calibration is None:
        return None
    end = next((seen.end for step, seen in result.evidence.observations.items() if step.stage == 1), None)
    measures = observe(result.evidence.prepared, reconstructor, result.package.latent, end)
    unavailable = () if reconstructor is not None else (NO_BRANCH,)
    return judge_study(result.evidence.prepared, measures, calibration, unavailable)


def judge_study(
    prepared: PreparedStudy, measures: Mapping[str, float], calibration: Calibration, unavailable: tuple[str, ...] = ()
) -> Verdict:
    """Judge a prepared study by its measures (see `observing.observe`) and its sequences.

    Images without contrast are left out. A wrong sequence makes a study unlike the training
    data, whatever the measures say.
    """
    flat = [m for m, image in zip(prepared.modalities, prepared.images, strict=True) if not image.any()]
    here = [place for place, modality in enumerate(prepared.modalities) if modality not in flat]
    empty = tuple(Reason("empty", f"{m} is missing or has no contrast.", modality=m) for m in flat)
    wrong: tuple[Reason, ...] = ()
    if here:
        present = [prepared.modalities[place] for place in here]
        coarse, inside = coarsened(prepared.images[here], prepared.brain)
        wrong = judge_sequences(calibration.sequences, *features_of_coarse(coarse, inside), present)
        if calibration.artifacts is not None and not wrong:
            features = artifact_features(coarse * inside, inside)
            measures = {**measures, **score_artifacts(calibration.artifacts, features, present)}
    odd = [(calibration.oddity(key, value), key, value) for key, value in measures.items()]
    odd = sorted((each for each in odd if each[0] >= calibration.unusual and not _of_flat(each[1], flat)), reverse=True)
    worst = max((each[0] for each in odd), default=0.0)
    if wrong or worst >= calibration.unlike or not here:
        familiarity = Familiarity.UNLIKE
    else:
        familiarity = Familiarity.UNUSUAL if odd or empty else Familiarity.FAMILIAR
    told = tuple(describe(key, value, calibration) for _, key, value in odd[:_MOST_REASONS])
    return Verdict(familiarity, wrong + empty + told, unavailable)


def describe(measure: str, value: float, calibration: Calibration) -> Reason:
    """Say in a sentence what a measure of a study means among the cases that were looked at."""
    percentile = calibration.percentile(measure, value)
    above = value >= float(np.median(calibration.measures[measure]))
    beyond = percentile if above else 100 - percentile
    than = f"than in {beyond:.0f} % of the cases that this package was calibrated on"
    if measure.startswith("cut-"):
        face = measure.partition("-")[2]
        return Reason("cut", f"The field of view cuts the brain, towards the {face}, more {than}.", percentile)
    if measure in _SHAPES:
        return Reason(measure, f"{_SHAPES[measure][0 if above else 1]} {than}.", percentile)
    kind, _, name = measure.rpartition("-")
    modality = Modality(name) if name in tuple(MODALITIES) else None
    return Reason(kind, f"{name} {_WORDS[kind][0 if above else 1]} {than}.", percentile, modality)


def _of_flat(measure: str, flat: list[Modality]) -> bool:
    return any(measure.endswith(f"-{modality}") for modality in flat)
