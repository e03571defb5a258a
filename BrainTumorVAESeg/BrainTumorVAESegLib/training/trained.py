"""The weights that a run's trainings left: those of a fold, or what the package holds."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

from ..core.settings import CascadeSettings
from ..networks.nvnet import NvNet
from .fit.checkpoints import digest, load_members
from .run import Run
from .settings import ENSEMBLE
from .stages import train_first, train_first_fold, train_second, train_second_fold


@dataclass(frozen=True)
class TrainedNetworks:
    """The weights of a cascade, by their files: of each stage one, or several whose answers are averaged.

    stage2 is empty where there is no second stage.
    """

    stage1: tuple[Path, ...]
    stage2: tuple[Path, ...]

    @classmethod
    def of_fold(cls, run: Run, fold: int) -> TrainedNetworks:
        """Train, where that is not done, both stages without a fold's cases."""
        first = train_first_fold(run, fold)[-1]
        return cls((first,), (train_second_fold(run, fold),) if run.recipe.settings.stage2 else ())

    @classmethod
    def to_ship(cls, run: Run) -> TrainedNetworks:
        """Train, where that is not done, what the package holds: both stages on all cases, or on each fold."""
        if run.recipe.package == ENSEMBLE:
            folds = [cls.of_fold(run, fold) for fold in range(run.recipe.folds)]
            return cls(tuple(f for each in folds for f in each.stage1), tuple(f for each in folds for f in each.stage2))
        return cls((train_first(run),), (train_second(run),) if run.recipe.settings.stage2 else ())

    def arrange(self, settings: CascadeSettings) -> CascadeSettings:
        """Return the settings with as many members of each stage as there are files."""
        second = settings.stage2
        return replace(
            settings,
            stage1=replace(settings.stage1, members=len(self.stage1)),
            stage2=None if second is None else replace(second, members=len(self.stage2)),
        )

    def load(self, settings: CascadeSettings) -> tuple[NvNet, NvNet | None]:
        """Load both stages, in evaluation mode."""
        second = settings.stage2
        return load_members(settings.stage1, self.stage1), load_members(second, self.stage2) if second else None

    @property
    def digest(self) -> str:
        """What tells these weights from others."""
        return hashlib.sha256("".join(map(digest, (*self.stage1, *self.stage2))).encode()).hexdigest()[:16]
