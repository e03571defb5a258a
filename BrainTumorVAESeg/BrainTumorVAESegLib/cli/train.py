"""`braintumorvaeseg train`: from labeled cases to a model package, by a recipe."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from ..core.errors import InputError
from .dependencies import require
from .options import PROGRAM, epilog
from .results import check_folder
from .screen import open_screen

EPILOG = epilog(
    "train fast --data data/train --out runs/fast",
    "train fast --data data/train --validation data/val -o runs/fast",
    "train my.yaml --data data/train --out runs/mine --step stage1",
)
_STEP = re.compile(r"all|fold\d+|masks|stage1|stage2|package")


def parse_step(text: str) -> str:
    """Return the name of a step. Raises typer.BadParameter where it is none."""
    if not _STEP.fullmatch(str(text)):
        raise typer.BadParameter(f"{text!r} is no step; write all, fold0, fold1 ..., masks, stage1, stage2 or package.")
    return str(text)


def train(
    recipe: Annotated[str, typer.Argument(metavar="RECIPE", help="A recipe that ships, by name, or a YAML file.")],
    data: Annotated[Path, typer.Option("--data", metavar="FOLDER", help="Holds a folder for each labeled case.")],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="RUN", help="Folder of the run, new or unfinished.")],
    step: Annotated[
        str,
        typer.Option(
            parser=parse_step,
            metavar="STEP",
            help="all (default), fold0 ..., masks, stage1, stage2, package.",
            show_default=False,
        ),
    ] = "all",
    validation: Annotated[
        list[Path] | None,
        typer.Option("--validation", metavar="FOLDER", help="Labeled cases that choose the thresholds."),
    ] = None,
    test: Annotated[
        list[Path] | None, typer.Option("--test", metavar="FOLDER", help="Labeled cases that are only measured.")
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

    A step that is finished is not repeated, and one that was interrupted goes on.
    """
    require("torch", "lightning", "monai", "yaml")
    check_folder(out)
    text = _read_text(about)
    with open_screen(json=False) as screen:
        from ..images.cases import discover_cases
        from ..training.pipeline import HeldOut, run_recipe
        from ..training.recipe import read_recipe

        plan = read_recipe(recipe)
        sets = [
            tuple(case for folder in group or () for case in discover_cases(folder)) for group in (validation, test)
        ]
        # The card names the command that made a package, for whoever wants to make it again.
        command = shlex.join([PROGRAM, *sys.argv[1:]])
        run_recipe(plan, data, out, HeldOut(*sets), step, name, version, text, command, screen.step)
        screen.item("done", str(out))


def _read_text(path: Path | None) -> str:
    """Return a text file's text. Raises InputError."""
    try:
        return path.read_text(encoding="utf-8") if path else ""
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read as text ({error}); give a UTF-8 text file.") from error
