"""`braintumorvaeseg evaluate`: segmentations against the ground truth, a package's own or those of a folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..cohort.summary import DISCLAIMER, describe_package, versions
from ..core.disk.files import outputs, write_json
from ..core.rounding import as_written
from .support.dependencies import require
from .support.labelled import Faults, claimed_files, count, discover
from .support.options import (
    FLAG,
    Device,
    EngineName,
    EngineOption,
    Json,
    Memory,
    Model,
    Numbering,
    Overwrite,
    Precision,
    PrecisionOption,
    epilog,
)
from .support.pairs import compare_with, show_difference
from .support.running import Runner, progress_by_case, score_alike
from .support.screen import Screen, open_screen
from .support.summary import folder_name

if TYPE_CHECKING:
    from ..cases.discovery import LabelledCase
    from ..core.labels import LabelConvention
    from ..evaluation.records import Record
    from ..evaluation.scoring import CaseScore

EPILOG = epilog(
    "evaluate --data data/validation",
    "evaluate --data data/one --data data/two --out scores",
    "evaluate --data data/test --out scores --pictures images",
    "evaluate --data data/test --model mine --against standard",
    "evaluate --predictions results --truth data/test",
)
_TABLE, _VALUES, _FIGURE = "evaluation.csv", "evaluation.json", "evaluation.png"
_PICTURES = {name: f"evaluation-{name}.png" for name in ("best", "median", "worst")}
Draw = Callable[[Path], None]
"""Draws pictures into a folder."""
_COMPARE: dict[str, Any] = {"rich_help_panel": "What to compare", "show_default": False}
_FOLDER: dict[str, Any] = {"metavar": "FOLDER", **_COMPARE}
_STYLE: dict[str, Any] = {"metavar": "STYLE", "case_sensitive": False, **_COMPARE}
_RESULTS: dict[str, Any] = {"rich_help_panel": "Results", "show_default": False}


class Pictures(StrEnum):
    """What the pictures of cases show beside the labels."""

    IMAGES = "images"
    OUTLINES = "outlines"


def evaluate(
    data: Annotated[
        list[Path] | None,
        typer.Option("--data", help="Labeled cases to segment: a folder, or a list in JSON; repeatable.", **_FOLDER),
    ] = None,
    part: Annotated[
        str, typer.Option("--part", metavar="NAME", help="Of a list in JSON (validation).", **_COMPARE)
    ] = "validation",
    predictions: Annotated[
        Path | None, typer.Option("--predictions", help="Or: segmentations that exist, by case.", **_FOLDER)
    ] = None,
    truth: Annotated[
        Path | None, typer.Option("--truth", help="Their ground truth, by the same cases' names.", **_FOLDER)
    ] = None,
    labels: Annotated[
        Numbering | None, typer.Option("--labels", help="Label values of the predictions (guessed).", **_STYLE)
    ] = None,
    truth_labels: Annotated[
        Numbering | None,
        typer.Option(
            "--truth-labels", help="Of the truth: brats2023, brats2024, brats2021 or msd (guessed).", **_STYLE
        ),
    ] = None,
    partial: Annotated[
        bool,
        typer.Option("--partial", help="Leave out cases that only one folder holds.", **{**_COMPARE, **FLAG}),
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FOLDER", help="Also write a CSV, a JSON file and a figure.", **_RESULTS),
    ] = None,
    overwrite: Overwrite = False,
    pictures: Annotated[
        Pictures | None,
        typer.Option(
            "--pictures",
            metavar="WHAT",
            case_sensitive=False,
            help="Also draw the best, median and worst case: on images, or outlines (of the brain alone).",
            **_RESULTS,
        ),
    ] = None,
    first_stage: Annotated[
        bool, typer.Option("--first-stage", help="Let stage 1 answer alone.", **{**_COMPARE, **FLAG})
    ] = False,
    model: Model = None,
    against: Annotated[
        str | None,
        typer.Option("--against", metavar="NAME", help="Another package, compared case by case.", **_COMPARE),
    ] = None,
    device: Device = "auto",
    memory: Memory = None,
    precision: PrecisionOption = Precision.AUTO,
    engine: EngineOption = EngineName.TORCH,
    json: Json = False,
) -> None:
    """Score segmentations against the ground truth: Dice, HD95, lesions, surfaces and volumes of WT, TC and ET."""
    _check_choice(data, predictions, truth, labels, partial, model)
    _check_for_package(data, out, pictures, first_stage, against)
    require("monai", "scipy")
    if out is not None:
        require("matplotlib")
    files = (_TABLE, _VALUES, _FIGURE, *(_PICTURES.values() if pictures else ()))
    draw: Draw = lambda _: None  # noqa: E731
    faults = Faults()
    with claimed_files(out, files, overwrite), open_screen(json) as screen:
        if data:
            from ..inference.segmenting import Options

            cases = discover(data, part, screen, faults)
            names = [model] if against is None else [model, against]
            options = Options(device, precision.value, memory, engine=engine.value)
            runners = [Runner(name, options, screen) for name in names]
            if first_stage:
                for each in runners:
                    each.leave_out_second_stage()
            runner = runners[0]
            scores, *others = score_alike(runners, cases, _convention(truth_labels), faults)
            if not scores:
                faults.stop(0)
            if pictures is not None:
                draw = _draw_picked(runner, cases, scores, pictures, _convention(truth_labels))
            source: dict[str, Any] = {
                "data": [folder_name(folder) for folder in data],
                "package": describe_package(runner.package),
                "first_stage_alone": first_stage,
            }
            if others:
                source["against"] = compare_with(runners[1].package, scores, others[0])
            title = f"{runner.package.name} {runner.package.version}" + (", stage 1 alone" if first_stage else "")
        else:
            assert predictions is not None and truth is not None  # _check_choice saw to it
            scores = _score_folders(predictions, truth, labels, truth_labels, partial, screen, faults)
            source = {"predictions": folder_name(predictions), "truth": folder_name(truth)}
            title = folder_name(predictions)
            if not scores:
                faults.stop(0)
        outcome = _Outcome.of(scores, f"{count(scores)} by {title}", {**source, "faults": faults.as_plain()})
        written = [] if out is None else [str(out / name) for name in outcome.write(out, draw)]
        outcome.show(screen, written)
        screen.emit(outcome.values)
    faults.stop(len(scores))


def _check_choice(
    data: Sequence[Path] | None,
    predictions: Path | None,
    truth: Path | None,
    labels: Numbering | None,
    partial: bool,
    model: str | None,
) -> None:
    """Raise typer.BadParameter unless one of the two ways of use was chosen."""
    folders = predictions is not None or truth is not None
    if bool(data) == folders:
        raise typer.BadParameter("give either --data, or --predictions and --truth.")
    if folders and (predictions is None or truth is None):
        raise typer.BadParameter(f"{'--truth' if truth is None else '--predictions'} is missing.")
    if folders and model is not None:
        raise typer.BadParameter("--model segments the cases of --data; --predictions are compared as they are.")
    if data and (labels is not None or partial):
        raise typer.BadParameter("--labels and --partial belong to --predictions; a package's labels are known.")


def _check_for_package(
    data: Sequence[Path] | None, out: Path | None, pictures: Pictures | None, first_stage: bool, against: str | None
) -> None:
    """Raise typer.BadParameter where an option that needs a package's own answers has none."""
    if first_stage and not data:
        raise typer.BadParameter("--first-stage belongs to --data.")
    if against is not None and not data:
        raise typer.BadParameter("--against belongs to --data: both packages segment its cases.")
    if pictures is not None and (not data or out is None):
        raise typer.BadParameter("--pictures belongs to --data, and needs --out.")


def _score_folders(
    predictions: Path,
    truth: Path,
    labels: Numbering | None,
    truth_labels: Numbering | None,
    partial: bool,
    screen: Screen,
    faults: Faults,
) -> list[CaseScore]:
    """Compare the label maps of two folders, showing progress by cases."""
    from ..evaluation.pairing import pair_folders
    from ..evaluation.scoring import score_predictions

    pairs = pair_folders(predictions, truth, partial)
    with progress_by_case(screen, [pair.name for pair in pairs]) as report:
        return score_predictions(pairs, report, _convention(labels), _convention(truth_labels), faults)


def _draw_picked(
    runner: Runner,
    cases: Sequence[LabelledCase],
    scores: Sequence[CaseScore],
    pictures: Pictures,
    convention: LabelConvention | None,
) -> Draw:
    """Return what draws the best, the median and the worst case, by the mean Dice of the regions, by their truths."""
    from ..evaluation.scoring import pick_cases

    by_name = {case.name: case for case in cases}

    def draw(folder: Path) -> None:
        for name, score in pick_cases(scores).items():
            dice = "  ".join(f"{key} {value:.3f}" for key, value in score.dice.items())
            title = f"{score.name}, {name} of {len(scores)}: Dice {dice}"
            anatomy = pictures is Pictures.IMAGES
            runner.draw(by_name[score.name], title, folder / _PICTURES[name], anatomy, convention)

    return draw


def _convention(numbering: Numbering | None) -> LabelConvention | None:
    from ..core.labels import LabelConvention

    return None if numbering is None else LabelConvention(numbering.value)


@dataclass(frozen=True)
class _Outcome:
    """Scores as rows, and everything as plain JSON values, with a title for people."""

    title: str
    records: list[Record]
    values: dict[str, Any]

    @classmethod
    def of(cls, scores: Sequence[CaseScore], title: str, source: Mapping[str, Any]) -> _Outcome:
        from ..evaluation.comparing import RULES
        from ..evaluation.records import to_plain, to_records
        from ..evaluation.summary import Bootstrap, summarize

        bootstrap = Bootstrap()
        summary = summarize((score.regions for score in scores), bootstrap)
        libraries = {name: metadata.version(name) for name in ("monai", "scipy")}
        values = {
            **source,
            **to_plain(scores, summary),
            "rules": RULES,
            "bootstrap": {"of": "mean over cases", "interval": "percentile", **asdict(bootstrap)},
            "versions": {**versions(), **libraries},
            "use": DISCLAIMER,
        }
        return cls(title, to_records(scores), as_written(values))

    def write(self, folder: Path, draw: Draw) -> list[str]:
        """Write the table, the values, the figure and what `draw` adds, or none of them; return the files' names."""
        from ..evaluation.records import to_csv
        from ..reporting.evaluation import write_evaluation

        with outputs(folder) as place:
            (place / _TABLE).write_text(to_csv(self.records), encoding="utf-8")
            write_json(place / _VALUES, self.values)
            write_evaluation(self.records, self.values["summary"], place / _FIGURE, self.title)
            draw(place)
            return sorted(path.name for path in place.iterdir())

    def show(self, screen: Screen, written: Sequence[str]) -> None:
        """Print Dice and HD95 of each case and over all, then the means of every measure."""
        from ..reporting.tables import CASE_COLUMNS, case_rows, measure_rows
        from .support.numbering import numbering_items

        summary = self.values["summary"]
        screen.line(f"\n{self.title}; HD95 in mm")
        rows = case_rows(self.records, summary)
        screen.table(CASE_COLUMNS, rows, numbers=len(CASE_COLUMNS) - 1, footer=4)
        screen.table(("Mean over cases", *summary), measure_rows(summary), numbers=len(summary))
        for label, text in numbering_items(self.values["cases"]):
            screen.item(label, text)
        if "against" in self.values:
            show_difference(screen, self.values["against"])
        if len(self.values["cases"]) < 20:
            screen.item("note", "intervals from fewer than 20 cases are too narrow; read them as a hint.")
        if written:
            screen.item("written", ", ".join(written))
