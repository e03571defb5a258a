"""How a package learns what untouched cases look like: measures, scores, the model of sequences, intervals."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from ..cases.labelled import LabelledCase
from ..core.errors import InputError
from ..core.modalities import MODALITIES
from ..core.settings import CascadeSettings
from ..inference.segmenting import Options, Segmenter
from ..models.manifest import HALF, MANIFEST, FileEntry, locate, manifest_json
from ..models.package import ModelPackage, read_package
from ..models.shading import SHADING_FILE, shading_json
from ..models.staging import check_place, move_into_place, staging_folder
from ..preparation.shading import SHADING, fit_shading, score_shading
from . import fitting, learning, temperature
from .artifacts import score_artifacts
from .calibration import POOLED, SCANNER, TRUST, Calibration, by_kind, calibration_json, kind_of
from .intervals import fit_intervals
from .observed import CaseObservation, observe_case, observe_images
from .reconstructing import Reconstructor
from .temperature import UNCORRECTED, Correction, Reliability

FEWEST_CASES = 5
_FOLDS = 4
_USUAL = 95.0
_USUAL_OF: Mapping[str, float] = {"shading": 90.0, "artifacts": 97.5, "others": 97.5}
"""Percent of untouched cases that are not called unusual: by a kind of measure, and by the oddest of a group of kinds.

Shading costs the networks most and is common, also where nothing was done: more of them may be told of it.
"""
_LEAST_SCALE = 1.0
"""Of a kind's oddity: below it there is nothing odd, however alike the cases are."""
_FAR = 1.6
"""Times the score of an unusual study from which on one is unlike the training data."""


def calibrate(cases: Sequence[CaseObservation], channels: tuple[str, ...] = ("WT", "TC", "ET")) -> Calibration:
    """Return what these cases tell together; channels: of the package's output.

    Raises InputError where there are too few.
    """
    if len(cases) < FEWEST_CASES:
        raise InputError(f"{len(cases)} cases are too few to judge others by; give at least {FEWEST_CASES}.")
    cases = with_shading_scores(with_artifact_scores(cases))
    sequences = [sample for case in cases for sample in case.sequences]
    artifacts = [sample for case in cases for sample in case.artifacts]
    fields = [case.shading for case in cases if case.shading is not None]
    corrections, intervals = fit_volumes(cases, channels)
    return Calibration(
        cases=len(cases),
        measures=_gathered(cases),
        unusual=1.0,
        unlike=_FAR,
        sequences=fitting.fit_sequences(sequences) if sequences else None,
        artifacts=learning.fit_artifacts(artifacts) if artifacts else None,
        shading=fit_shading(fields) if len(fields) >= FEWEST_CASES else None,
        scales=fit_scales(left_out_oddities(cases)),
        intervals=intervals,
        corrections=corrections,
    )


def fit_volumes(
    cases: Sequence[CaseObservation], channels: tuple[str, ...]
) -> tuple[tuple[Correction, ...], dict[str, tuple[float, float]]]:
    """Return the channels' corrections, and by region the thresholds of its volume's interval once they are made."""
    corrections, _ = choose_corrections(cases, channels)
    return corrections, fit_intervals([corrected(case.thresholds, channels, corrections) for case in cases])


def corrected(
    thresholds: Mapping[str, float], channels: tuple[str, ...], corrections: tuple[Correction, ...]
) -> dict[str, float]:
    """Return the thresholds of regions as they are once the channels' probabilities are corrected."""
    by_channel = dict(zip(channels, corrections, strict=True))
    return {key: by_channel.get(key, corrections[0]).of(value) for key, value in thresholds.items()}


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


def with_shading_scores(cases: Sequence[CaseObservation]) -> list[CaseObservation]:
    """Add to each case's measures its images' shading, by a model that did not learn from its patient."""
    if sum(case.shading is not None for case in cases) <= FEWEST_CASES:
        return list(cases)
    scored = []
    for case in cases:
        others = [other.shading for other in _of_others(cases, case) if other.shading is not None]
        found = {}
        if case.shading is not None and len(others) >= FEWEST_CASES - 1:
            found = score_shading(fit_shading(others), case.shading, MODALITIES)
        scored.append(replace(case, measures={**case.measures, **found}))
    return scored


def left_out_oddities(cases: Sequence[CaseObservation]) -> list[dict[str, float]]:
    """Return for each case by kind of measure how odd it is among those of other patients."""
    result = []
    for left_out in cases:
        others = _of_others(cases, left_out)
        among = Calibration(len(others), _gathered(others), 0.0, 0.0)
        result.append(by_kind({key: among.oddity(key, value) for key, value in left_out.measures.items()}))
    return result


def _of_others(cases: Sequence[CaseObservation], case: CaseObservation) -> list[CaseObservation]:
    """Return the cases of other patients; one of whose patient nothing is known stands alone."""
    return [each for each in cases if each is not case and (not case.patient or each.patient != case.patient)]


def fit_scales(oddities: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Return by kind of measure the oddity from which on it alarms, from what `left_out_oddities` tells.

    First each kind's oddity is divided by what one case in twenty has, so that none alarms oftener than another in its
    group. Then the oddest of each group alarms in as many cases as `_USUAL_OF` leaves: shading, the other artifacts
    together, and all other kinds, of which there are many.
    """
    kinds = sorted({kind for each in oddities for kind in each})
    scales = {kind: max(_percentile([each[kind] for each in oddities if kind in each], _USUAL), 1e-3) for kind in kinds}
    for group, percent in _USUAL_OF.items():
        members = [kind for kind in kinds if _group_of(kind) == group]
        oddest = [max((each.get(kind, 0.0) / scales[kind] for kind in members), default=0.0) for each in oddities]
        factor = _percentile(oddest, percent) if members else 1.0
        scales |= {kind: max(scales[kind] * factor, _LEAST_SCALE) for kind in members}
    return scales


def _group_of(kind: str) -> str:
    if kind == SHADING:
        return "shading"
    return "artifacts" if kind in SCANNER else "others"


def _percentile(values: Sequence[float], percent: float) -> float:
    return float(np.percentile(values, percent))


def _gathered(cases: Sequence[CaseObservation]) -> dict[str, tuple[float, ...]]:
    """Return the values of each measure in all cases that have it, rising; of pooled kinds each case's largest."""
    gathered: dict[str, list[float]] = {}
    for case in cases:
        largest: dict[str, float] = {}
        for name, value in case.measures.items():
            key = kind_of(name) if kind_of(name) in POOLED else name
            largest[key] = max(largest.get(key, value), value)
        for key, value in largest.items():
            gathered.setdefault(key, []).append(value)
    return {key: tuple(sorted(values)) for key, values in sorted(gathered.items())}


def observe_cases(
    package: ModelPackage,
    cases: Sequence[LabelledCase],
    images: Sequence[LabelledCase] = (),
    report: Callable[[int], None] = lambda _: None,
    options: Options = Options(),  # noqa: B008  (frozen)
) -> list[CaseObservation]:
    """Observe cases with a package, and images of more without it, before; report takes how many are done.

    cases should be ones that no training saw: the VAE gives those back better, and knows their volumes. images may be
    of any.
    """
    segmenter = Segmenter(package)
    reconstructor = Reconstructor(package) if package.has_vae else None
    more = []
    for number, case in enumerate(images):
        report(number)
        more.append(observe_images(case, package.settings))
    fields = [each.shading for each in more if each.shading is not None]
    if len(fields) >= FEWEST_CASES:  # the cases are to be segmented as the package will from now on
        segmenter.shading = fit_shading(fields)
    observed = []
    for number, case in enumerate(cases, start=len(images)):
        report(number)
        observed.append(observe_case(segmenter, reconstructor, case, options=options))
    return [*observed, *more]


def choose_corrections(
    cases: Sequence[CaseObservation], channels: tuple[str, ...]
) -> tuple[tuple[Correction, ...], dict[str, Reliability]]:
    """Return corrections and what they bring by channel; see `temperature.choose_corrections`."""
    counted = [(case.near, case.patient) for case in cases if case.near is not None]
    return temperature.choose_corrections([near for near, _ in counted], [of for _, of in counted], channels)


def with_calibration(
    package: ModelPackage, calibration: Calibration, folder: Path, replaced: bool = False
) -> ModelPackage:
    """Write a package with its calibration to a folder, which may be its own, and return it, verified.

    Its probabilities are corrected as the calibration says, its thresholds cut where the former did. Raises
    OutputError where the folder is there and is not to be replaced, or cannot be written.
    """
    folder = Path(folder)
    check_place(folder, replaced)
    texts = {TRUST: calibration_json(calibration)}
    if calibration.shading is not None:
        texts[SHADING_FILE] = shading_json(calibration.shading)
    entries = {path: FileEntry(hashlib.sha256(data).hexdigest(), len(data)) for path, data in texts.items()}
    # A stage that lies in a neighbor's folder stays there only where the package stays beside it.
    shared = package.shared if folder.resolve() == package.folder.resolve() else {}
    storage = package.storage or {path: HALF for path in package.files if path.endswith(".safetensors")}
    settings = with_corrections(package.settings, calibration.corrections)
    manifest = replace(package, settings=settings, files={**package.files, **entries}, shared=shared, storage=storage)
    with staging_folder(folder.parent, "calibrating") as staging:
        for path in set(package.files) - set(shared) - set(texts):
            (staging / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(locate(package.folder, package, path), staging / path)
        for path, data in texts.items():
            (staging / path).write_bytes(data)
        (staging / MANIFEST).write_bytes(manifest_json(manifest).encode("ascii"))
        read_package(staging, label=package.name)
        move_into_place(staging, folder, replaced)
    return read_package(folder, verify=False)


def with_corrections(settings: CascadeSettings, corrections: Sequence[Correction]) -> CascadeSettings:
    """Return settings whose probabilities are corrected, and whose thresholds cut where they did; none: unchanged."""
    if all(each == UNCORRECTED for each in corrections):
        return settings
    own = zip(settings.temperatures, settings.offsets, settings.thresholds, corrections, strict=True)
    made = [(heat * by.temperature, offset / by.temperature + by.offset, by.of(cut)) for heat, offset, cut, by in own]
    temperatures, offsets, thresholds = zip(*made, strict=True)
    return replace(
        settings,
        temperatures=tuple(round(value, 4) for value in temperatures),
        offsets=tuple(round(value, 4) for value in offsets),
        thresholds=tuple(round(value, 6) for value in thresholds),
    )
