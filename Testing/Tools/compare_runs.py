"""Print what trainings that hold out the same cases gave, as a Markdown table, from the tables in their runs' folders.

    python Testing/Tools/compare_runs.py runs/small runs/no-vae runs/segresnet

Each row is a training with held-out cases, at its last look at them: steps, hours (by the median step, so that what
else the machine did does not count), and the mean Dice of the answers.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "BrainTumorVAESeg"))

from BrainTumorVAESegLib.core.labels import REGIONS
from BrainTumorVAESegLib.reporting.curves import Curves, find_curves


def rows(folder: Path) -> list[str]:
    """Return a row for each training of a run that held cases out and has looked at them."""
    return [_row(folder.name, curves) for curves in find_curves(folder) if len(curves.checks.get("step", ()))]


def _row(run: str, curves: Curves) -> str:
    last = int(curves.checks["step"][-1])
    hours = last * float(np.median(curves.steps["seconds"])) / 3600
    dice = [f"{curves.checks[region.key][-1]:.3f}" for region in REGIONS]
    mean = sum(float(curves.checks[region.key][-1]) for region in REGIONS) / len(REGIONS)
    return f"| {' | '.join([run, curves.name, str(last), f'{hours:.1f}', *dice, f'{mean:.3f}'])} |"


def main(folders: list[str]) -> None:
    """Print the table of these runs."""
    columns = ["run", "training", "steps", "hours", *(f"Dice {region.key}" for region in REGIONS), "mean"]
    print(f"| {' | '.join(columns)} |", "|---" * len(columns) + "|", sep="\n")
    for folder in folders:
        print("\n".join(rows(Path(folder))))


if __name__ == "__main__":
    main(sys.argv[1:])
