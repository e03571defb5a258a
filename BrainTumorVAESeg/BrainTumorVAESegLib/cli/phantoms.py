"""`braintumorvaeseg phantoms`: a data set of made cases, to try a training or an evaluation with."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from ..core.disk.claims import claim
from ..core.errors import OutputError
from ..core.text import printable
from .support.options import Json, Overwrite, epilog
from .support.results import check_folder
from .support.screen import open_screen

EPILOG = epilog("phantoms --out out/phantoms --count 6 --spacing 2", "phantoms --out out/one --count 1 --seed 7")


def phantoms(
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FOLDER", help="Gets a folder for each case.")],
    count: Annotated[int, typer.Option("--count", min=1, help="How many cases.")] = 6,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of the first case; the same gives the same.")] = 0,
    spacing: Annotated[float, typer.Option("--spacing", min=0.5, max=4.0, help="Size of a voxel in mm.")] = 1.0,
    overwrite: Overwrite = False,
    json: Json = False,
) -> None:
    """Make brains with a tumor: T1, T1ce, T2, FLAIR and the truth.

    They let a training or an evaluation be tried anywhere; what is learned from them is of no use on patients.
    """
    check_folder(out)
    with claim(out, "phantoms"), open_screen(json) as screen:
        from ..phantom.cases import phantom_names, write_phantoms

        existing = [out / name for name in phantom_names(count, seed) if os.path.lexists(out / name)]
        if existing and not overwrite:
            raise OutputError(f"{printable(existing[0])}: exists already; give --overwrite, or another folder or seed.")
        names = []
        for name in write_phantoms(out, count, seed, spacing):
            screen.step(name)
            names.append(name)
        screen.item("written", f"{count} made case{'' if count == 1 else 's'} in {out}")
        screen.emit({"folder": str(out), "cases": names})
