"""One recipe from cases to a package, whole or step by step.

Each step by itself makes the steps that it needs; a finished step is not repeated.
"""

from __future__ import annotations

from collections.abc import Callable

from ..core.errors import TrainingError
from .calibrating import calibrate_run
from .data.cache import cache_cases
from .data.validation import require_apart
from .fit.starting import require_new
from .packaging import HeldOut, Naming, package_run
from .run import Run
from .settings import FOLDS, Recipe
from .stages import predict_masks, train_first, train_first_fold, train_second, train_second_fold

ALL = "all"


def step_names(recipe: Recipe) -> tuple[str, ...]:
    """Return the steps of a recipe in their order; those that train are called like their folders."""
    folds = range(recipe.folds)
    first = [f"stage1-fold{fold}" for fold in folds]
    second = ["masks", *(f"stage2-fold{fold}" for fold in folds), "stage2"] if recipe.settings.stage2 else []
    return (*first, "stage1", *second, "calibration", "package")


def run_recipe(run: Run, held_out: HeldOut, naming: Naming, step: str = ALL) -> None:
    """Run a recipe, or one of its steps.

    Raises TrainingError for a step it does not have, for cases to judge by that are among those trained on, here or in
    the package that the run begins with, and what the steps raise.
    """
    check_step(run.recipe, step)
    _check_apart(run, held_out)
    _check_start(run, held_out, step)
    steps: dict[str, Callable[[], object]] = {
        **{f"stage1-fold{fold}": lambda fold=fold: train_first_fold(run, fold) for fold in range(run.recipe.folds)},  # type: ignore[misc]
        **{f"stage2-fold{fold}": lambda fold=fold: train_second_fold(run, fold) for fold in range(run.recipe.folds)},  # type: ignore[misc]
        "stage1": lambda: train_first(run),
        "masks": lambda: predict_masks(run),
        "stage2": lambda: train_second(run),
        "calibration": lambda: calibrate_run(run, held_out.validation),
        "package": lambda: package_run(run, naming, held_out),
    }
    steps["package" if step == ALL else step]()


def _check_apart(run: Run, held_out: HeldOut) -> None:
    """Prepare the held-out cases, and see that none shares an image or a patient with those trained on."""
    cases = [case for part in held_out.by_title.values() for case in part]
    settings = run.recipe.settings
    require_apart(run.cases, run.processes.first_only(lambda: cache_cases(cases, settings, run.cache, run.say)))


def _check_start(run: Run, held_out: HeldOut, step: str) -> None:
    """See that what the weights are judged by is new to the package that they begin with as well."""
    if run.start is None:
        return
    measured = [case.name for part in held_out.by_title.values() for case in part]
    require_new(run.start, measured, "hold out other cases, or begin with another package")
    if run.recipe.calibrate_on == FOLDS and step in (ALL, "calibration", "package"):
        to_do = "write `calibrate_on: validation` and give cases for it, or begin with another package"
        require_new(run.start, [case.name for case in run.cases], to_do)


def check_step(recipe: Recipe, step: str) -> None:
    """Raise TrainingError for a step that a recipe does not have."""
    known = (ALL, *step_names(recipe))
    if step not in known:
        raise TrainingError(f"The step {step!r} is not known; choose {', '.join(known)}.")
