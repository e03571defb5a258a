"""What labeled cases tell a package that is calibrated: measures, volumes, and samples to learn from."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..cases.labelled import LabelledCase
from ..cases.reading import read_labelled
from ..core.labels import LabelConvention
from ..core.modalities import MODALITIES
from ..core.settings import CascadeSettings
from ..core.volume import Study
from ..inference.segmenting import Options, Segmenter
from ..preparation.preparing import PreparedStudy, prepare, prepare_labels
from . import fitting, learning
from .intervals import right_thresholds
from .observing import observe, tumor_found
from .reconstructing import Reconstructor
from .temperature import count_near


@dataclass(frozen=True)
class CaseObservation:
    """What one case tells.

    measures: see `observing`. thresholds: by region the one that gives its true volume. sequences, artifacts: samples
    to learn from, of the untouched case first; shading: of each image the field's coefficients (4, terms); none of
    these where an image is missing. near: counts of `temperature`. patient: of one, cases stay together.
    """

    measures: Mapping[str, float]
    thresholds: Mapping[str, float]
    sequences: Sequence[fitting.Sample] = ()
    artifacts: Sequence[learning.Sample] = ()
    patient: str = ""
    shading: np.ndarray | None = None
    near: np.ndarray | None = None


def observe_case(
    segmenter: Segmenter,
    reconstructor: Reconstructor | None,
    case: LabelledCase,
    convention: LabelConvention | None = None,
    options: Options = Options(),  # noqa: B008  (frozen)
) -> CaseObservation:
    """Segment a labeled case and observe it. Raises what reading and segmenting raise."""
    study, truth = read_labelled(case, convention)
    result = segmenter.segment(study, replace(options, keep_evidence=True, force=True))
    assert result.evidence is not None
    evidence = result.evidence
    end = next((seen.end for step, seen in evidence.observations.items() if step.stage == 1), None)
    found = tumor_found(result)
    measures = observe(evidence.given, reconstructor, segmenter.package.latent, end, found, evidence.prepared)
    near = count_near(
        evidence.prediction.probabilities,
        evidence.prediction.channels,
        prepare_labels(truth, evidence.prepared),
        found,
        segmenter.package.settings.preprocessing.spacing,
    )
    seen = _of_images(case, study, evidence.given, measures)
    return replace(seen, thresholds=right_thresholds(result, truth.array), near=near)


def observe_images(case: LabelledCase, settings: CascadeSettings) -> CaseObservation:
    """Observe a case's images alone, without any network; it may be one that the package was trained on."""
    study, _ = read_labelled(case)
    modalities = tuple(modality for modality in MODALITIES if str(modality) in settings.modalities)
    prepared = prepare(study, settings.preprocessing, modalities, modalities)
    return _of_images(case, study, prepared, observe(prepared))


def _of_images(
    case: LabelledCase, study: Study, prepared: PreparedStudy, measures: Mapping[str, float]
) -> CaseObservation:
    if study.missing or set(prepared.modalities) != set(MODALITIES):
        return CaseObservation(measures, {}, patient=case.patient)
    order = [prepared.modalities.index(modality) for modality in MODALITIES]
    images, coarse, inside = prepared.images[order], prepared.coarse.images[order], prepared.coarse.inside
    seed = zlib.crc32(case.name.encode())
    return CaseObservation(
        measures,
        {},
        fitting.samples_of(coarse, inside, seed),
        learning.artifact_samples(images, prepared.brain, seed),
        case.patient,
        prepared.coarse.fields[order],
    )
