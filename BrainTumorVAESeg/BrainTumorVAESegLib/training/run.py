"""A run: its recipe, its cases, its folds, and the folder that holds all it makes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from ..cases.labelled import LabelledCase
from ..core.disk.files import make_folder
from ..core.errors import TrainingError
from ..models.library import find_package
from ..models.package import ModelPackage
from .data.cache import CachedCase, cache_cases, split_folds
from .fit.checkpoints import hold_to_plan
from .fit.processes import Processes
from .settings import Recipe
from .watch.watchers import TableWatcher, Watcher

PLAN = "run.json"
RECORD = "validation.json"
CACHE = "cache"
Report = Callable[[str], None]


@dataclass(frozen=True)
class Run:
    """A training run. cache: where cases are prepared. start: the package that both stages begin with, or None."""

    recipe: Recipe
    cases: tuple[CachedCase, ...]
    folder: Path
    cache: Path
    processes: Processes
    watchers: tuple[Watcher, ...] = ()
    report: Report = lambda _: None
    start: ModelPackage | None = None

    @property
    def folds(self) -> list[list[str]]:
        """The names that each fold holds out."""
        return split_folds(self.cases, self.recipe.folds, self.recipe.seed)

    def split(self, fold: int) -> tuple[list[CachedCase], list[CachedCase]]:
        """Return the cases that a fold trains on, and those that it holds out."""
        names = set(self.folds[fold])
        return (
            [case for case in self.cases if case.name not in names],
            [case for case in self.cases if case.name in names],
        )

    def say(self, text: str) -> None:
        """Report a line, once for all processes."""
        if self.processes.is_first:
            self.report(text)


def open_run(
    recipe: Recipe,
    cases: Sequence[LabelledCase],
    folder: Path,
    processes: Processes | None = None,
    watchers: Sequence[Watcher] = (),
    report: Report = lambda _: None,
    cache: Path | None = None,
) -> Run:
    """Look at and prepare all cases and return the run over them; what is known of each goes to `validation.json`.

    watchers: beside the tables that every training writes. cache: a folder that several runs may share; the run's own
    by default. Raises TrainingError where cases cannot be used, or the folder holds something else than a run, or a run
    of other cases, folds, seed or networks; PackageError where the recipe's `start_from` is no package.
    """
    _check_folder(folder)
    make_folder(folder)
    processes = processes or Processes(recipe.precision)
    start = find_package(recipe.start_from) if recipe.start_from else None
    cache = cache or folder / CACHE
    said = report if processes.is_first else lambda _: None
    record = folder / RECORD if processes.is_first else None
    ready = processes.first_only(lambda: cache_cases(cases, recipe.settings, cache, said, record))
    run = Run(recipe, tuple(ready), folder, cache, processes, (TableWatcher(), *watchers), report, start)
    plan = {"networks": asdict(recipe.settings), "seed": recipe.seed, "folds": run.folds}
    processes.first_only(lambda: hold_to_plan(folder, plan, PLAN))
    return run


def _check_folder(folder: Path) -> None:
    """Refuse a folder that holds something else, so that a run never mixes with it."""
    if folder.is_dir() and not (folder / PLAN).is_file():
        others = sorted(
            path.name for path in folder.iterdir() if path.name not in (CACHE, RECORD) and path.name[0] != "."
        )
        if others:
            raise TrainingError(
                f"{folder}: holds {', '.join(others[:3])} and no training run; choose a new or an empty folder."
            )
