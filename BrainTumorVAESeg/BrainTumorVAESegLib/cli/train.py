"""`braintumorvaeseg train`: from labeled cases to a model package, by a recipe."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Sequence
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..core.disk.claims import claim
from ..core.errors import InputError
from ..core.text import printable
from .support.dependencies import require
from .support.labelled import with_patients
from .support.options import PROGRAM, epilog
from .support.results import check_folder
from .support.screen import Screen, open_screen

if TYPE_CHECKING:
    from ..cases.labelled import LabelledCase
    from ..training.run import Run

EPILOG = epilog(
    "train standard --data data/train --out runs/standard",
    "train paper --data split.json --validation split.json -o runs/paper",
    "train my.yaml --data data/train --out runs/mine --step stage1",
)


CURVES = "curves.png"
_STEP = re.compile(r"all|stage[12](-fold\d+)?|masks|calibration|package")


def parse_step(text: str) -> str:
    """Return the name of a step. Raises typer.BadParameter where it is none."""
    if not _STEP.fullmatch(str(text)):
        raise typer.BadParameter(
            f"{text!r} is no step; write all, stage1-fold0, ..., stage1, masks, stage2-fold0, ..., stage2, "
            "calibration or package."
        )
    return str(text)


def train(
    recipe: Annotated[str, typer.Argument(metavar="RECIPE", help="A recipe that ships, by name, or a YAML file.")],
    data: Annotated[
        str,
        typer.Option("--data", metavar="PATH", help="A data set's folder, or a list: FILE.json[:PART]."),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="RUN", help="Folder of the run, new or unfinished.")],
    step: Annotated[
        str,
        typer.Option(
            "--step",
            parser=parse_step,
            metavar="STEP",
            help="One step alone: stage1-fold0, masks, stage2, ...",
            show_default=False,
        ),
    ] = "all",
    validation: Annotated[
        list[str] | None,
        typer.Option("--validation", metavar="PATH", help="Labeled cases for measuring, or for the thresholds."),
    ] = None,
    test: Annotated[
        list[str] | None, typer.Option("--test", metavar="PATH", help="Labeled cases that are only measured.")
    ] = None,
    patients: Annotated[
        Path | None, typer.Option("--patients", metavar="FILE", help="CSV of case,patient: who belongs together.")
    ] = None,
    cache: Annotated[
        Path | None, typer.Option("--cache", metavar="FOLDER", help="Where cases are prepared; runs may share it.")
    ] = None,
    name: Annotated[
        str, typer.Option("--name", metavar="NAME", help="Name of the package (as the recipe).", show_default=False)
    ] = "",
    version: Annotated[
        str, typer.Option("--package-version", metavar="VERSION", help="Version of the package.")
    ] = "0.1.0",
    about: Annotated[
        Path | None, typer.Option("--about", metavar="FILE", help="Text on the data, for the model card.")
    ] = None,
) -> None:
    """Train both stages by a recipe and write a model package.

    A step that is finished is not repeated, and one that was interrupted goes on. Several processes that torchrun or
    SLURM starts train together.
    """
    require("torch", "lightning", "monai", "yaml", "tensorboard", "matplotlib")
    check_folder(out)
    text = _read_text(about)
    with open_screen(json=False) as screen:
        from ..training.fit.processes import Processes
        from ..training.packaging import HeldOut, Naming
        from ..training.pipeline import check_step, run_recipe
        from ..training.recipe import read_recipe
        from ..training.run import open_run
        from ..training.watch.tensorboard import TensorBoardWatcher
        from .support.watching import ProgressWatcher

        plan = read_recipe(recipe)
        check_step(plan, step)
        parts = {"train": [data], "validation": validation or (), "test": test or ()}
        found = {part: _discover(paths, part, screen) for part, paths in parts.items()}
        if patients is not None:
            found = with_patients(found, patients)
        cases, held_out = found["train"], HeldOut(tuple(found["validation"]), tuple(found["test"]))
        # The card names the command that made a package, for whoever wants to make it again.
        naming = Naming(name, version, text, shlex.join([PROGRAM, *without_folders(sys.argv[1:])]))
        watchers = (TensorBoardWatcher(plan.settings.modalities), ProgressWatcher(screen))
        processes = Processes(plan.precision)
        with claim(out, "run") if processes.is_first else nullcontext():
            run = open_run(plan, cases, out, processes, watchers, screen.step, cache)
            try:
                run_recipe(run, held_out, naming, step)
            finally:
                _draw_curves(run)
        processes.close()
        if processes.is_first:
            screen.item("done", str(out))


def without_folders(arguments: Sequence[str]) -> list[str]:
    """Return a command's arguments, of paths the last names alone: a package must not tell the folders of patients."""
    return [_without_folder(argument) for argument in arguments]


def _without_folder(argument: str) -> str:
    option, equals, value = argument.partition("=") if argument.startswith("-") else ("", "", argument)
    parts = [part for part in re.split(r"[\\/]", value) if part]
    return option + equals + (printable(parts[-1]) if parts else value)


def _discover(paths: Sequence[str], part: str, screen: Screen) -> list[LabelledCase]:
    """Return the cases of folders and lists; `LIST.json:PART` names a part other than the usual one."""
    from ..cases.discovery import discover_cases

    cases = []
    for text in paths:
        path, named = text, part
        if not Path(text).exists() and ".json:" in text.lower():
            path, _, named = text.rpartition(":")
        cases += discover_cases(Path(path), named, report=screen.step)
    return cases


def _draw_curves(run: Run) -> None:
    """Draw the curves of all trainings so far into the run's folder."""
    from ..reporting.curves import draw_curves
    from ..training.watch.watchers import LOSS_FILE

    if run.processes.is_first and any(run.folder.glob(f"*/{LOSS_FILE}")):
        with suppress(InputError):  # no step is done yet
            draw_curves(run.folder, run.folder / CURVES)


def _read_text(path: Path | None) -> str:
    """Return a text file's text. Raises InputError."""
    try:
        return path.read_text(encoding="utf-8") if path else ""
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read as text ({error}); give a UTF-8 text file.") from error
