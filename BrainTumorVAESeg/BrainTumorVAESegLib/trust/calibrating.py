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
from ..models.manifest import MANIFEST, FileEntry, locate, manifest_json
from ..models.package import ModelPackage, read_package
from ..models.staging import check_place, move_into_place, staging_folder
from .calibration import TRUST, Calibration, calibration_json
from .fitting import Sample, fit_sequences, samples_of
from .intervals import fit_intervals, right_thresholds
from .observing import observe
from .reconstructing import Reconstructor

FEWEST_CASES = 5
_FALSE_ALARMS = 5.0
"""Percent of untouched cases that may be called unusual."""
_FAR = 1.6
"""Times the score of an unusual study from which on one is unlike the training data."""


@dataclass(frozen=True)
class CaseObservation:
    """What one case tells: its measures, features for the sequences, and thresholds that give its true volumes."""

    measures: Mapping[str, float]
    samples: Sequence[Sample]
    thresholds: Mapping[str, float]


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
    seed = zlib.crc32(case.name.encode())
    return CaseObservation(
        observe(prepared, reconstructor, segmenter.package.latent, end),
        samples_of(prepared.images[order], prepared.brain, seed) if not study.missing else [],
        right_thresholds(result, truth.array),
    )


def calibrate(cases: Sequence[CaseObservation]) -> Calibration:
    """Return what these cases tell together. Raises InputError where there are too few."""
    if len(cases) < FEWEST_CASES:
        raise InputError(f"{len(cases)} cases are too few to judge others by; give at least {FEWEST_CASES}.")
    names = sorted({name for case in cases for name in case.measures})
    measures = {name: tuple(sorted(case.measures[name] for case in cases if name in case.measures)) for name in names}
    samples = [sample for case in cases for sample in case.samples]
    calibration = Calibration(
        cases=len(cases),
        measures=measures,
        unusual=float(np.percentile(_left_out_scores(cases), 100 - _FALSE_ALARMS)),
        unlike=0.0,
        sequences=fit_sequences(samples) if samples else None,
        intervals=fit_intervals([case.thresholds for case in cases]),
    )
    return replace(calibration, unlike=_FAR * calibration.unusual)


def _left_out_scores(cases: Sequence[CaseObservation]) -> list[float]:
    """Return for each case how odd it is among the others."""
    scores = []
    for left_out in cases:
        others = [case for case in cases if case is not left_out]
        names = {name for case in others for name in case.measures}
        values = {name: tuple(sorted(c.measures[name] for c in others if name in c.measures)) for name in names}
        among = Calibration(len(others), values, 0.0, 0.0)
        scores.append(max((among.oddity(key, value) for key, value in left_out.measures.items()), default=0.0))
    return scores


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
    manifest = replace(package, files={**package.files, TRUST: entry}, shared=shared)
    with staging_folder(folder.parent, "calibrating") as staging:
        for path in set(package.files) - set(shared) - {TRUST}:
            (staging / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(locate(package.folder, package, path), staging / path)
        (staging / TRUST).write_bytes(data)
        (staging / MANIFEST).write_bytes(manifest_json(manifest).encode("ascii"))
        move_into_place(staging, folder, replaced)
    return read_package(folder)
