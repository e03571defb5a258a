"""How a package learns what untouched cases look like: measures, scores, the model of sequences, intervals."""

from __future__ import annotations

import hashlib
import shutil
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ..cases.labelled import LabelledCase
from ..cases.reading import read_labelled
from ..core.errors import InputError
from ..core.labels import LabelConvention
from ..core.modalities import MODALITIES
from ..inference.segmenting import Options, Segmenter
from ..models.manifest import HALF, MANIFEST, FileEntry, locate, manifest_json
from ..models.package import ModelPackage, read_package
from ..models.staging import check_place, move_into_place, staging_folder
from . import fitting, learning
from .artifacts import score_artifacts
from .calibration import TRUST, Calibration, calibration_json
from .intervals import fit_intervals, right_thresholds
from .observing import observe
from .reconstructing import Reconstructor

FEWEST_CASES = 5
_FOLDS = 4
_FALSE_ALARMS = 5.0
"""Percent of untouched cases that may be called unusual."""
_FAR = 1.6
"""Times the score of an unusual study from which on one is unlike the training data."""


@dataclass(frozen=True)
class CaseObservation:
    """What one case tells.

    measures: see `observing`. thresholds: by region the one that gives its true volume. sequences, artifacts: samples
    to learn from, of the untouched case first; none where an image is missing. patient: of one, cases stay together.
    """

    measures: Mapping[str, float]
    thresholds: Mapping[str, float]
    sequences: Sequence[fitting.Sample] = ()
    artifacts: Sequence[learning.Sample] = ()
    patient: str = ""


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
    prepared = result.evidence.prepared
    end = next((seen.end for step, seen in result.evidence.observations.items() if step.stage == 1), None)
    order = [prepared.modalities.index(modality) for modality in MODALITIES]
    seed, whole = zlib.crc32(case.name.encode()), not study.missing
    images = prepared.images[order]
    return CaseObservation(
        observe(prepared, reconstructor, segmenter.package.latent, end),
        right_thresholds(result, truth.array),
        fitting.samples_of(images, prepared.brain, seed) if whole else (),
        learning.artifact_samples(images, prepared.brain, seed) if whole else (),
        case.patient,
    )


def calibrate(cases: Sequence[CaseObservation]) -> Calibration:
    """Return what these cases tell together. Raises InputError where there are too few."""
    if len(cases) < FEWEST_CASES:
        raise InputError(f"{len(cases)} cases are too few to judge others by; give at least {FEWEST_CASES}.")
    cases = with_artifact_scores(cases)
    sequences = [sample for case in cases for sample in case.sequences]
    artifacts = [sample for case in cases for sample in case.artifacts]
    unusual = float(np.percentile(left_out_scores(cases), 100 - _FALSE_ALARMS))
    return Calibration(
        cases=len(cases),
        measures=_gathered(cases),
        unusual=unusual,
        unlike=_FAR * unusual,
        sequences=fitting.fit_sequences(sequences) if sequences else None,
        artifacts=learning.fit_artifacts(artifacts) if artifacts else None,
        intervals=fit_intervals([case.thresholds for case in cases]),
    )


def with_artifact_scores(cases: Sequence[CaseObservation]) -> list[CaseObservation]:
    """Add to each case's measures its artifacts' scores by a model that did not learn from its patient."""
    patients = sorted({case.patient or str(number) for number, case in enumerate(cases) if case.artifacts})
    if len(patients) < _FOLDS:
        return list(cases)
    fold = {patient: number % _FOLDS for number, patient in enumerate(patients)}
    places = [fold.get(case.patient or str(number), -1) for number, case in enumerate(cases)]
    scored = list(cases)
    for number in range(_FOLDS):
        others = [case for case, place in zip(cases, places, strict=True) if place != number]
        model = learning.fit_artifacts([sample for case in others for sample in case.artifacts])
        for index, place in enumerate(places):
            if place == number:
                features, _ = cases[index].artifacts[0]
                scores = score_artifacts(model, features, MODALITIES)
                scored[index] = replace(cases[index], measures={**cases[index].measures, **scores})
    return scored


def left_out_scores(cases: Sequence[CaseObservation]) -> list[float]:
    """Return for each case how odd it is among the others."""
    scores = []
    for left_out in cases:
        among = Calibration(len(cases) - 1, _gathered([case for case in cases if case is not left_out]), 0.0, 0.0)
        scores.append(max((among.oddity(key, value) for key, value in left_out.measures.items()), default=0.0))
    return scores


def _gathered(cases: Sequence[CaseObservation]) -> dict[str, tuple[float, ...]]:
    """Return the values of each measure in all cases that have it, rising."""
    names = sorted({name for case in cases for name in case.measures})
    return {name: tuple(sorted(case.measures[name] for case in cases if name in case.measures)) for name in names}


def calibrate_package(
    package: ModelPackage,
    cases: Sequence[LabelledCase],
    report: Callable[[int], None] = lambda _: None,
    options: Options = Options(),  # noqa: B008  (frozen)
) -> Calibration:
    """Observe cases with a package and return its calibration; report takes how many are done.

    The cases should be ones that no training saw: the VAE gives those back better, and knows their volumes.
    """
    segmenter = Segmenter(package)
    reconstructor = Reconstructor(package) if package.has_vae else None
    observed = []
    for number, case in enumerate(cases):
        report(number)
        observed.append(observe_case(segmenter, reconstructor, case, options=options))
    return calibrate(observed)


def with_calibration(
    package: ModelPackage, calibration: Calibration, folder: Path, replaced: bool = False
) -> ModelPackage:
    """Write a package with its calibration to a folder, which may be its own, and return it, verified.

    Raises OutputError where the folder is there and is not to be replaced, or cannot be written.
    """
    folder = Path(folder)
    check_place(folder, replaced)
    data = calibration_json(calibration)
    entry = FileEntry(hashlib.sha256(data).hexdigest(), len(data))
    # A stage that lies in a neighbor's folder stays there only where the package stays beside it.
    shared = package.shared if folder.resolve() == package.folder.resolve() else {}
    storage = package.storage or {path: HALF for path in package.files if path.endswith(".safetensors")}
    manifest = replace(package, files={**package.files, TRUST: entry}, shared=shared, storage=storage)
    with staging_folder(folder.parent, "calibrating") as staging:
        for path in set(package.files) - set(shared) - {TRUST}:
            (staging / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(locate(package.folder, package, path), staging / path)
        (staging / TRUST).write_bytes(data)
        (staging / MANIFEST).write_bytes(manifest_json(manifest).encode("ascii"))
        move_into_place(staging, folder, replaced)
    return read_package(folder)
