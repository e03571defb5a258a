"""One recipe from cases to a package, whole or step by step.

Each step by itself makes the steps that it needs; a finished step is not repeated.
"""

from __future__ import annotations

from collections.abc import Callable

from ..core.errors import TrainingError
from .cases import cache_cases
from .packaging import HeldOut, Naming, calibrate_run, package_run
from .run import Run
from .settings import Recipe
from .stages import predict_masks, train_first, train_first_fold, train_second, train_second_fold
from .validation import require_apart

ALL = "all"


def step_names(recipe: Recipe) -> tuple[str, ...]:
    """Return the steps of a recipe in their order; those that train are called like their folders."""
    folds = range(recipe.folds)
    first = [f"stage1-fold{fold}" for fold in folds]
    second = ["masks", *(f"stage2-fold{fold}" for fold in folds), "stage2"] if recipe.settings.stage2 else []
    return (*first, "stage1", *second, "calibration", "package")


def run_recipe(run: Run, held_out: HeldOut, naming: Naming, step: str = ALL) -> None:
    """Run a recipe, or one of its steps.

    Raises TrainingError for a step it does not have and for held-out cases that are among those trained on, and what
    the steps raise.
    """
    check_step(run.recipe, step)
    _check_apart(run, held_out)
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


def check_step(recipe: Recipe, step: str) -> None:
    """Raise TrainingError for a step that a recipe does not have."""
    known = (ALL, *step_names(recipe))
    if step not in known:
        raise TrainingError(f"The step {step!r} is not known; choose {', '.join(known)}.")
