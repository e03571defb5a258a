"""`braintumorvaeseg robustness`: a package's Dice on labeled cases, and what changes of the images do to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..cohort.summary import DISCLAIMER, describe_package, versions
from ..core.disk.files import outputs, write_json
from ..core.errors import InputError
from .support.labelled import Faults, claimed_files, count, discover
from .support.options import Device, Json, Memory, Model, Overwrite, Precision, PrecisionOption, epilog
from .support.running import Runner
from .support.screen import Screen, open_screen
from .support.summary import folder_name

if TYPE_CHECKING:
    from ..cases.discovery import LabelledCase
    from ..evaluation.changes import Change
    from ..evaluation.robustness import ChangeScore, ChangeSummary
    from ..inference.segmenting import Options

EPILOG = epilog(
    "robustness --data data/validation",
    "robustness --data data/validation --change gamma-0.7 --change slices-5mm",
    "robustness --data data/one --data data/two --out scores",
)
_TABLE, _VALUES = "robustness.csv", "robustness.json"
_MEANS = ("Change", "Dice WT", "TC", "ET", "Diff. WT", "TC", "ET")
_DROPS = ("Change", "Case that falls most", "By")
_CASES: dict[str, Any] = {"rich_help_panel": "What to segment", "show_default": False}
_RESULTS: dict[str, Any] = {"rich_help_panel": "Results", "show_default": False}


def robustness(
    data: Annotated[
        list[Path],
        typer.Option(
            "--data", metavar="FOLDER", help="Labeled cases: a folder, or a list in JSON; repeatable.", **_CASES
        ),
    ],
    part: Annotated[
        str, typer.Option("--part", metavar="NAME", help="Of a list in JSON (validation).", **_CASES)
    ] = "validation",
    change: Annotated[
        list[str] | None,
        typer.Option("--change", metavar="KEY", help="A change, see above; repeatable (all).", **_CASES),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FOLDER", help="Also write a CSV and a JSON file.", **_RESULTS),
    ] = None,
    overwrite: Overwrite = False,
    model: Model = None,
    device: Device = "auto",
    memory: Memory = None,
    precision: PrecisionOption = Precision.AUTO,
    json: Json = False,
) -> None:
    """Tell how robust a model is: its Dice on labeled cases, and on the same cases with their images changed.

    Changes: unchanged (always scored, since the others are held against it), rescaled, gamma-0.7, gamma-1.5, bias,
    8-bit, noise, slices-3mm, slices-5mm, shifted, rotated-15 and sagittal-storage.
    """
    faults = Faults()
    with claimed_files(out, (_TABLE, _VALUES), overwrite), open_screen(json) as screen:
        changes = _choose(change or ())
        from ..evaluation.robustness import summarize_changes
        from ..inference.segmenting import Options

        cases = discover(data, part, screen, faults)
        options = Options(device, precision.value, memory)
        runner = Runner(model, options, screen)
        scores = _score(runner, cases, changes, options, screen, faults)
        scored = {score.case for score in scores}
        if not scored:
            faults.stop(0)
        summaries = summarize_changes(scores)
        source = {"data": [folder_name(folder) for folder in data], "package": describe_package(runner.package)}
        values = {**source, **_to_plain(scores, summaries, changes)}
        values |= {"faults": faults.as_plain(), "versions": versions(), "use": DISCLAIMER}
        if out is not None:
            _write(out, scores, values)
        screen.line(f"\n{count(list(scored))} by {runner.package.name} {runner.package.version}")
        _show(screen, summaries, changes)
        if out is not None:
            screen.item("written", ", ".join(str(out / name) for name in (_TABLE, _VALUES)))
        screen.emit(values)
    faults.stop(len(scored))


def _choose(keys: Sequence[str]) -> tuple[Change, ...]:
    """Return the changes of these keys. Raises typer.BadParameter, naming all, where there is no such one."""
    from ..evaluation.changes import choose_changes

    try:
        return choose_changes(keys)
    except InputError as error:
        raise typer.BadParameter(f"--change: {error}") from error


def _score(
    runner: Runner,
    cases: Sequence[LabelledCase],
    changes: Sequence[Change],
    options: Options,
    screen: Screen,
    faults: Faults,
) -> list[ChangeScore]:
    """Score every case under every change, showing what is computed; of a case at fault there is no score."""
    from ..evaluation.robustness import score_changes

    places = {
        (case.name, change.key): f"{case.name}, {number} of {len(cases)}: {change.key}"
        for number, case in enumerate(cases, start=1)
        for change in changes
    }
    keys, steps = list(places), list(places.values())
    scores: list[ChangeScore] = []
    with screen.progress() as report:
        report(steps[0], 0.0)
        for score in score_changes(runner.package, cases, changes, options, faults):
            scores.append(score)
            done = keys.index((score.case, score.change)) + 1
            if done < len(steps):
                report(steps[done], done / len(steps))
    spoiled = {fault.case for fault in faults.found}
    return [score for score in scores if score.case not in spoiled]


def _to_plain(
    scores: Sequence[ChangeScore], summaries: Sequence[ChangeSummary], changes: Sequence[Change]
) -> dict[str, Any]:
    """Return changes and cases as plain JSON values."""
    sentences = {change.key: change.sentence for change in changes}
    return {
        "changes": [{"sentence": sentences[summary.change], **asdict(summary)} for summary in summaries],
        "cases": [asdict(score) for score in scores],
    }


def _write(folder: Path, scores: Sequence[ChangeScore], values: dict[str, Any]) -> None:
    """Write the table and the values, or none of them."""
    from ..evaluation.robustness import to_csv

    with outputs(folder) as place:
        (place / _TABLE).write_text(to_csv(scores), encoding="utf-8")
        write_json(place / _VALUES, values)


def _show(screen: Screen, summaries: Sequence[ChangeSummary], changes: Sequence[Change]) -> None:
    """Print what was changed, the mean Dice under each change, and the case that suffers most from it."""
    from ..evaluation.changes import UNCHANGED
    from ..reporting.tables import format_dice

    width = max(len(change.key) for change in changes)
    for change in changes:
        screen.item(change.key, change.sentence, width=width)
    screen.line()
    screen.table(_MEANS, [_mean_row(summary) for summary in summaries], numbers=6)
    others = [summary for summary in summaries if summary.change != UNCHANGED.key]
    if others:
        rows = [
            (summary.change, *((summary.worst, format_dice(summary.drop)) if summary.drop > 0 else ("none", "-")))
            for summary in others
        ]
        screen.table(_DROPS, rows, numbers=1)
        screen.item("note", "Diff. is to the unchanged; a case falls by the loss of its mean over WT, TC and ET.")


def _mean_row(summary: ChangeSummary) -> tuple[str, ...]:
    from ..evaluation.changes import UNCHANGED
    from ..reporting.tables import format_dice

    dice = [format_dice(value) for value in summary.dice.values()]
    if summary.change == UNCHANGED.key:
        return (summary.change, *dice, "-", "-", "-")
    return (summary.change, *dice, *(f"{value:+.3f}" for value in summary.difference.values()))
