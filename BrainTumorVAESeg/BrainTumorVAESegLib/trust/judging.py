"""The input check: whether a study looks like those that a package learned from, and in words why not."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from ..core.modalities import Modality
from ..core.verdict import Familiarity, Reason, Verdict
from ..inference.segmenting import Result
from ..preparation.preparing import PreparedStudy
from ..preparation.shading import Shade, likeliest_fields, locate_shade, score_shading
from .artifacts import artifact_features, score_artifacts
from .calibration import Calibration
from .features import features_of_coarse
from .likeness import likeness
from .observing import observe, tumor_found
from .reconstructing import NO_BRANCH, Reconstructor
from .sequences import judge_sequences
from .wording import NO_BRAIN, NO_TUMOR, NOT_A_BRAIN, SHAPE, describe, is_of_another_part

_MOST_REASONS = 4


def judge(
    result: Result, calibration: Calibration | None, reconstructor: Reconstructor | None = None
) -> Verdict | None:
    """Judge the study of a result that was made with `keep_evidence`; None without evidence or calibration."""
    if result.evidence is None or calibration is None:
        return None
    end = next((seen.end for step, seen in result.evidence.observations.items() if step.stage == 1), None)
    given, seen = result.evidence.given, result.evidence.prepared
    measures = observe(given, reconstructor, result.package.latent, end, tumor_found(result), seen)
    unavailable = () if reconstructor is not None else (NO_BRANCH,)
    verdict = judge_study(given, measures, calibration, unavailable, result.prepared.unshaded)
    if result.tumor_found or verdict.familiarity is Familiarity.UNLIKE:
        return verdict
    return Verdict(Familiarity.UNUSUAL, (NO_TUMOR, *verdict.reasons), verdict.unavailable)


def judge_study(
    prepared: PreparedStudy,
    measures: Mapping[str, float],
    calibration: Calibration,
    unavailable: tuple[str, ...] = (),
    unshaded: Collection[Modality] = (),
) -> Verdict:
    """Judge a prepared study, as it came, by its measures (see `observing.observe`) and its sequences.

    Images without contrast are left out. A wrong sequence makes a study unlike the training
    data, whatever the measures say. unshaded: images that the networks saw without their shading.
    """
    flat = [m for m, image in zip(prepared.modalities, prepared.images, strict=True) if not image.any()]
    if len(flat) == len(prepared.modalities):
        return Verdict(Familiarity.UNLIKE, (NO_BRAIN,), unavailable)
    empty = tuple(Reason("empty", f"{m} is missing or has no contrast.", modality=m) for m in flat)
    weighed = weigh_study(prepared, measures, calibration)
    odd = sorted(((score, key) for key, score in weighed.scores.items() if score >= calibration.unusual), reverse=True)
    if weighed.wrong or (odd and odd[0][0] >= calibration.unlike):
        familiarity = Familiarity.UNLIKE
    else:
        familiarity = Familiarity.UNUSUAL if odd or empty else Familiarity.FAMILIAR
    other_part = is_of_another_part(weighed.scores, calibration.unlike)
    told = [] if not other_part else [Reason("no-brain", NOT_A_BRAIN)]
    oddest = [(key, weighed.measures[key]) for _, key in odd if not (other_part and key in SHAPE)]
    told += _told(oddest, calibration, weighed.shades, unshaded)
    return Verdict(familiarity, (*weighed.wrong, *empty, *told), unavailable)


@dataclass(frozen=True)
class Weighed:
    """What a verdict rests on.

    wrong: reasons that concern the sequences. measures: by name, those of the images included. scores: of them, see
    `Calibration.scores`. shades: of each image.
    """

    wrong: tuple[Reason, ...]
    measures: Mapping[str, float]
    scores: Mapping[str, float]
    shades: Mapping[Modality, Shade]


def weigh_study(prepared: PreparedStudy, measures: Mapping[str, float], calibration: Calibration) -> Weighed:
    """Score a prepared study, of which some image has contrast; see `judge_study`."""
    here = [place for place, image in enumerate(prepared.images) if image.any()]
    flat = [m for place, m in enumerate(prepared.modalities) if place not in here]
    present = [prepared.modalities[place] for place in here]
    images = prepared.images[here]
    coarse, inside = prepared.coarse.images[here], prepared.coarse.inside
    alike = likeness(images, prepared.brain)
    wrong = judge_sequences(calibration.sequences, *features_of_coarse(coarse, inside), present, alike)
    shades: dict[Modality, Shade] = {}
    if not wrong:
        if calibration.artifacts is not None:
            features = artifact_features(images, prepared.brain)
            measures = {**measures, **score_artifacts(calibration.artifacts, features, present)}
        if calibration.shading is not None:
            fields = prepared.coarse.fields[here]
            measures = {**measures, **score_shading(calibration.shading, fields, present)}
            likeliest = likeliest_fields(calibration.shading, fields, present)
            shades = {m: locate_shade(field) for m, field in zip(present, likeliest, strict=True)}
    scores = calibration.scores({key: value for key, value in measures.items() if not _of_flat(key, flat)})
    return Weighed(wrong, measures, scores, shades)


def _told(
    odd: Sequence[tuple[str, float]],
    calibration: Calibration,
    shades: Mapping[Modality, Shade],
    unshaded: Collection[Modality],
) -> list[Reason]:
    """Describe the oddest measures, none twice: a study's shading is that of the image with most of it."""
    reasons: dict[tuple[str, Modality | None], Reason] = {}
    for key, value in odd:
        reason = describe(key, value, calibration, shades, unshaded)
        reasons.setdefault((reason.code, reason.modality if reason.code != "cut" else None), reason)
    return list(reasons.values())[:_MOST_REASONS]


def _of_flat(measure: str, flat: list[Modality]) -> bool:
    return any(measure.endswith(f"-{modality}") for modality in flat)
