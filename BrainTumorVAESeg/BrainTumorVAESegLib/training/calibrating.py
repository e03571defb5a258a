"""Thresholds, temperatures and cleaning of a run's package, chosen on cases that its networks did not see."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from ..cases.discovery import LabelledCase
from ..core.modalities import Modality
from ..inference.cascade import predict
from ..inference.engine import Engine
from ..models.shading import read_shading, shading_json
from ..preparation.shading import ShadingModel
from ..preparation.unshading import unshade_images
from .calibration import (
    TALLY,
    Calibration,
    bin_probabilities,
    calibrate,
    labels_at,
    read_bins,
    read_tally,
    save_tally,
    tally,
)
from .cleaning import Answer, CleaningChoice, choose_cleaning
from .data.cache import CachedCase, cache_cases
from .run import Run
from .settings import FOLDS
from .stages import trained_settings
from .trained import TrainedNetworks


def calibrate_run(run: Run, validation: Sequence[LabelledCase] = ()) -> tuple[Calibration, CleaningChoice] | None:
    """Choose thresholds, temperatures and cleaning on what the recipe says; None where that is nothing.

    On folds, every case is predicted by the weights of the fold that holds it out.
    """
    settings = trained_settings(run)
    if run.recipe.calibrate_on == FOLDS:
        parts = [(TrainedNetworks.of_fold(run, fold), run.split(fold)[1]) for fold in range(run.recipe.folds)]
    else:
        cases = run.processes.first_only(lambda: cache_cases(validation, settings, run.cache, run.say))
        parts = [(TrainedNetworks.to_ship(run), cases)]
    files = {case: file for networks, cases in parts for case, file in _tally_cases(run, networks, cases).items()}
    if not files:
        return None
    channels = settings.output_channels
    result = calibrate([read_tally(file) for file in files.values()], channels)
    run.say(f"thresholds {result.thresholds} and temperatures {result.temperatures} chosen on {result.cases} cases")

    def answers() -> Iterator[Answer]:
        for case, file in files.items():
            bins, seen = read_bins(file)
            yield labels_at(bins, channels, result.edges), np.asarray(case.labels()), seen if settings.stage2 else None

    choice = choose_cleaning(answers, settings.preprocessing.spacing)
    run.say(f"{choice.cleaning} chosen")
    return result, choice


def shading_of_start(run: Run) -> ShadingModel | None:
    """Return how untouched images are shaded, as the package knew that a run began with: of images, not of weights."""
    return None if run.start is None else read_shading(run.start)


def _tally_cases(run: Run, networks: TrainedNetworks, cases: Sequence[CachedCase]) -> dict[CachedCase, Path]:
    """Return the files of the tallies of cases that the networks did not see, each process counting its share."""
    folder, settings = run.folder / "held-out", networks.arrange(trained_settings(run))
    shading, mark = shading_of_start(run), networks.digest
    if shading is not None:
        mark += "-" + hashlib.sha256(shading_json(shading)).hexdigest()[:8]
    files = {case: folder / f"{case.key}.{mark}{TALLY}" for case in cases}
    missing = [case for case, file in files.items() if not file.is_file()]
    run.processes.wait()
    if missing:
        run.say(f"predict {len(missing)} held-out cases")
        stage1, stage2 = networks.load(settings)
        engine = Engine("auto" if run.processes.device.type == "cuda" else "cpu")
        modalities = [Modality(name) for name in settings.modalities]
        folder.mkdir(parents=True, exist_ok=True)
        for case in missing[run.processes.rank :: run.processes.count]:
            images = case.images().astype(np.float32)
            if shading is not None:  # as the package will show them to its networks
                images = unshade_images(images, modalities, shading, settings.preprocessing)
            prediction = predict(stage1, stage2, settings, engine.place(images), engine.run)
            counted = tally(prediction, np.asarray(case.labels()))
            seen = prediction.seen_first(settings.stage1_thresholds)
            save_tally(files[case], counted, bin_probabilities(prediction.probabilities), seen)
    run.processes.wait()
    return files
