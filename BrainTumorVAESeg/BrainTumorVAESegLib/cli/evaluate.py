"""`braintumorvaeseg evaluate`: the Dice of every labeled case of a data set."""

from __future__ import annotations

import csv as csv_format
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import fmean, median
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .options import Device, Json, Memory, Model, Precision, PrecisionOption, epilog
from .results import check_folder, write_text
from .running import Runner
from .screen import Screen, open_screen
from .summary import DISCLAIMER, describe_package, versions

if TYPE_CHECKING:
    from ..evaluation.scoring import CaseScore

EPILOG = epilog(
    "evaluate --data data/validation",
    "evaluate --data data/one --data data/two --csv dice.csv",
)


def evaluate(
    data: Annotated[
        list[Path], typer.Option("--data", metavar="FOLDER", help="Holds a folder for each case; may be repeated.")
    ],
    model: Model = None,
    device: Device = "auto",
    memory: Memory = None,
    precision: PrecisionOption = Precision.AUTO,
    csv: Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="Also write the table as CSV.")] = None,
    json: Json = False,
) -> None:
    """Segment labeled cases and print the Dice of WT, TC and ET."""
    if csv is not None:
        check_folder(csv.parent)
    with open_screen(json) as screen:
        from ..images.cases import discover_cases
        from ..inference.segmenting import Options

        cases = [case for folder in data for case in discover_cases(folder)]
        runner = Runner(model, Options(device, precision.value, memory), screen)
        scores = runner.score(cases)
        summary = _summarize(scores, runner)
        if csv is not None:
            write_text(csv, _as_csv(scores))
        _show(screen, summary, csv)
        screen.emit(summary)


def _summarize(scores: Sequence[CaseScore], runner: Runner) -> dict[str, Any]:
    columns = {key: [score.dice[key] for score in scores] for key in scores[0].dice}
    return {
        "cases": [asdict(score) for score in scores],
        "mean": {key: fmean(column) for key, column in columns.items()},
        "median": {key: median(column) for key, column in columns.items()},
        "package": describe_package(runner.package),
        "versions": versions(),
        "use": DISCLAIMER,
    }


def _show(screen: Screen, summary: Mapping[str, Any], csv: Path | None) -> None:
    from ..reporting.tables import cohort_rows

    package, cases = summary["package"], summary["cases"]
    count = f"{len(cases)} case{'' if len(cases) == 1 else 's'}"
    screen.line(f"\n{count} by {package['name']} {package['version']}; Dice, 1 where both are empty")
    scores = [(case["name"], case["dice"]) for case in cases]
    rows = cohort_rows(scores, {"mean": summary["mean"], "median": summary["median"]})
    screen.table(("Case", *summary["mean"]), rows, numbers=len(summary["mean"]), footer=2)
    if csv is not None:
        screen.item("written", str(csv))


def _as_csv(scores: Sequence[CaseScore]) -> str:
    """Return the table of cases as CSV: Dice, milliliters by the package and by the truth, seconds of the networks."""
    text = io.StringIO()
    writer = csv_format.writer(text, lineterminator="\n")
    regions, parts = list(scores[0].dice), list(scores[0].volumes)
    names = [*(f"dice_{key}" for key in regions), *(f"ml_{key}" for key in parts), *(f"true_ml_{key}" for key in parts)]
    writer.writerow(["case", *names, "seconds"])
    for score in scores:
        values = [*score.dice.values(), *score.volumes.values(), *score.true_volumes.values(), score.seconds]
        writer.writerow([score.name, *(f"{value:.6g}" for value in values)])
    return text.getvalue()
