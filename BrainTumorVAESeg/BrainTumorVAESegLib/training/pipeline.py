"""One recipe from cases to a package: folds of stage 1, their out-of-fold masks, stage 1 on all, stage 2, the package.

Each step can run alone and by itself makes the steps that it needs; a finished step is not repeated.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ..core.errors import TrainingError
from ..core.files import write_json
from ..core.labels import labels_from_channels
from ..images.cases import LabelledCase, discover_cases
from ..inference.cascade import predict_first
from ..inference.engine import Engine
from ..models.package import ModelPackage
from .cases import CachedCase, cache_cases, save_array, split_folds
from .fitting import fit_stage, load_network, trained_seconds
from .packaging import Report, Weights, make_package
from .samples import FirstStageSamples, SecondStageSamples
from .settings import Recipe, StageTraining


@dataclass(frozen=True)
class HeldOut:
    """Labelled cases that no training sees: for choosing thresholds, and for the card's figures alone."""

    validation: tuple[LabelledCase, ...] = ()
    test: tuple[LabelledCase, ...] = ()


@dataclass(frozen=True)
class Run:
    """A training run: its recipe, its cases and the folder that holds all it makes."""

    recipe: Recipe
    cases: tuple[CachedCase, ...]
    folder: Path
    report: Report

    @property
    def folds(self) -> list[list[str]]:
        """The names that each fold holds out."""
        return split_folds([case.name for case in self.cases], self.recipe.folds, self.recipe.seed)


def open_run(recipe: Recipe, data: Path, folder: Path, report: Report) -> Run:
    """Find and prepare the cases of a data set and return the run over them.

    Raises TrainingError where the folder's trainings were begun with other folds.
    """
    cases = cache_cases(discover_cases(data), recipe.settings, folder / "cache", report)
    run = Run(recipe, tuple(cases), folder, report)
    _hold_to_folds(run)
    return run


def train_fold(run: Run, fold: int) -> list[Path]:
    """Train stage 1 without one fold's cases; return its weights at the recipe's `masks_at`."""
    held_out = set(run.folds[fold])
    cases = [case for case in run.cases if case.name not in held_out]
    run.report(f"stage 1 without fold {fold}: {len(cases)} cases, {run.recipe.stage1.steps} steps")
    return _fit_first(run, cases, run.folder / f"stage1-fold{fold}", 10 + fold, keep_at=run.recipe.masks_at)


def predict_masks(run: Run) -> dict[str, list[np.ndarray]]:
    """Return for every case the label maps (z, y, x) that the weights which never saw it predict."""
    masks: dict[str, list[np.ndarray]] = {case.name: [] for case in run.cases}
    folder = run.folder / "masks"
    folder.mkdir(parents=True, exist_ok=True)
    engine = Engine("cpu")
    settings = run.recipe.settings
    bounds = np.asarray(settings.stage1_thresholds, np.float32)[:, None, None, None]
    for fold, names in enumerate(run.folds):
        for weights in train_fold(run, fold):
            network = None
            for case in (case for case in run.cases if case.name in names):
                path = folder / f"{case.labels_file.name.removesuffix('.labels.npy')}.fold{fold}.{weights.stem}.npy"
                if not path.is_file():
                    network = network or load_network(settings.stage1, weights)
                    run.report(f"mask of {case.name} by fold {fold}, {weights.stem}")
                    images = case.images().astype(np.float32)
                    probabilities = predict_first(network, settings, images, engine.run) * (images != 0).any(0)
                    save_array(path, labels_from_channels(probabilities >= bounds, settings.output_channels))
                masks[case.name].append(np.load(path, mmap_mode="r"))
    return masks


def train_first(run: Run) -> Path:
    """Train the stage 1 that ships: on all cases, going on from the first fold's weights."""
    training = replace(run.recipe.stage1, steps=run.recipe.final_steps)
    run.report(f"stage 1 on all {len(run.cases)} cases: {training.steps} steps")
    start = train_fold(run, 0)[-1]
    return _fit_first(run, run.cases, run.folder / "stage1", 1, training, start_from=start)[0]


def train_second(run: Run) -> Path:
    """Train stage 2 on the out-of-fold masks."""
    recipe = run.recipe
    if recipe.settings.stage2 is None:
        raise ValueError("the recipe has no second stage")
    masks = predict_masks(run)
    run.report(f"stage 2: {len(run.cases)} cases, {recipe.stage2.steps} steps")
    samples = SecondStageSamples(
        run.cases, masks, recipe.settings, recipe.stage2.jitter, recipe.seed + 2, recipe.augmentation
    )
    return fit_stage(
        samples, recipe.settings.stage2, recipe.stage2, run.folder / "stage2", recipe.seed + 2, recipe.precision
    )[0]


def package_run(run: Run, name: str, version: str, sets: HeldOut, about: str, command: str) -> ModelPackage:
    """Make the package of a run's two stages, its thresholds chosen on the validation cases, its card measured."""
    settings = run.recipe.settings
    second = load_network(settings.stage2, train_second(run)) if settings.stage2 is not None else None
    weights = Weights(load_network(settings.stage1, train_first(run)), second)
    validation = cache_cases(sets.validation, settings, run.folder / "cache", run.report)
    measured = {title: cases for title, cases in (("Validation", sets.validation), ("Test", sets.test)) if cases}
    facts = {"recipe": run.recipe.name, "command": command, "seconds": trained_seconds(run.folder)}
    return make_package(
        run.folder / "package" / name,
        name,
        version,
        weights,
        settings,
        run.cases,
        validation,
        measured,
        facts,
        about,
        run.report,
    )


def run_recipe(
    recipe: Recipe,
    data: Path,
    folder: Path,
    held_out: HeldOut,
    step: str = "all",
    name: str = "",
    version: str = "0.1.0",
    about: str = "",
    command: str = "",
    report: Report = lambda _: None,
) -> None:
    """Run a recipe, or one of its steps: `fold0`, `fold1`, ..., `masks`, `stage1`, `stage2`, `package`.

    Raises TrainingError for a step that the recipe does not have, and what the steps raise.
    """
    folds = {f"fold{fold}": fold for fold in range(recipe.folds)}
    known = ("all", *folds, "masks", "stage1", "stage2", "package")
    if step not in known:
        raise TrainingError(f"The step {step!r} is not known; choose {', '.join(known)}.")
    run = open_run(recipe, data, folder, report)
    if step in folds:
        train_fold(run, folds[step])
    elif step == "masks":
        predict_masks(run)
    elif step == "stage1":
        train_first(run)
    elif step == "stage2":
        train_second(run)
    else:
        package_run(run, name or recipe.name, version, held_out, about, command)


def _hold_to_folds(run: Run) -> None:
    """Keep the run's folds in its folder; with other ones its finished trainings would have seen what they predict."""
    path = run.folder / "folds.json"
    if not path.is_file():
        write_json(path, run.folds)
    elif json.loads(path.read_text(encoding="utf-8")) != run.folds:
        raise TrainingError(
            f"{run.folder}: its trainings were begun with other cases, folds or seed; choose another folder."
        )


def _fit_first(
    run: Run,
    cases: Sequence[CachedCase],
    folder: Path,
    number: int,
    training: StageTraining | None = None,
    start_from: Path | None = None,
    keep_at: Sequence[float] = (1.0,),
) -> list[Path]:
    recipe = run.recipe
    settings = training or recipe.stage1
    seed = recipe.seed + number
    samples = FirstStageSamples(cases, recipe.settings.stage1, settings.jitter, seed, recipe.augmentation)
    return fit_stage(samples, recipe.settings.stage1, settings, folder, seed, recipe.precision, keep_at, start_from)
