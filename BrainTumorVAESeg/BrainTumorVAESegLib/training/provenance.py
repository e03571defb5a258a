"""Where a run's weights come from: its trainings' time and machines, and the package that they began with."""

from __future__ import annotations

from pathlib import Path

import torch

from .fit.machines import describe_machine
from .run import Run
from .watch.watchers import LOSS_FILE, MACHINE_FILE, read_table

_OF_START = ("recipe", "command", "cases", "seconds", "machine", "torch", "start", "kept")
"""What a package tells of the training of the one that its weights began with."""


def trained_seconds(folder: Path) -> float:
    """Return the seconds of all steps of the trainings below a run's folder, those side by side added up."""
    return sum(float(row["seconds"]) for file in sorted(folder.glob(f"*/{LOSS_FILE}")) for row in read_table(file))


def trained_on(folder: Path) -> dict[str, str]:
    """Return the machines of the trainings below a run's folder, and their versions of torch, as `machine` and `torch`.

    Each once, in the order of the trainings' names; this process's own where nothing is noted.
    """
    rows = [row for file in sorted(folder.glob(f"*/{MACHINE_FILE}")) for row in read_table(file)]
    rows = rows or [{"machine": describe_machine(), "torch": torch.__version__}]
    return {key: "; ".join(dict.fromkeys(row[key] for row in rows)) for key in ("machine", "torch")}


def started_with(run: Run) -> dict[str, object]:
    """Return as `start` what is known of the package whose weights a run began with, and as `kept` the stages left."""
    package, recipe = run.start, run.recipe
    if package is None:
        return {}
    known = {key: package.training[key] for key in _OF_START if key in package.training}
    stages = [1, *([2] if recipe.settings.stage2 else [])]
    return {
        "start": {"name": package.name, "version": package.version, "sha256": package.sha256, **known},
        "kept": [number for number in stages if (recipe.stage1 if number == 1 else recipe.stage2).kept],
    }
