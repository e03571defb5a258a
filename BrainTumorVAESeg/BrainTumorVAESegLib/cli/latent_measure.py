"""`braintumorvaeseg latent measure`: a model's latent space in figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..cohort.summary import describe_package
from ..core.disk.files import outputs, write_json
from ..core.rounding import as_written
from .support.decoded import open_space
from .support.labelled import Faults, claimed_files, count, discover
from .support.options import Json, Model, Overwrite
from .support.screen import Screen, open_screen
from .support.summary import folder_name

if TYPE_CHECKING:
    from ..cases.discovery import LabelledCase
    from ..trust.latent.evaluating import LatentReport
    from ..trust.latent.measuring import GivenBack
    from ..trust.latent.space import Coded, LatentSpace

_VALUES = "latent.json"
_FAMILIAR = {
    "prior": "draws from the prior",
    "training": "draws from where the training codes lie",
    "reconstructed": "the cases, given back",
    "untouched": "the cases as they are",
}


def measure(
    data: Annotated[
        list[Path],
        typer.Option("--data", metavar="FOLDER", help="Labeled cases: a folder, or a list in JSON; repeatable."),
    ],
    part: Annotated[str, typer.Option("--part", metavar="NAME", help="Of a list in JSON.")] = "validation",
    draws: Annotated[int, typer.Option("--draws", min=1, max=1000, help="Of each kind, to be judged.")] = 10,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of the draws.")] = 0,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FOLDER", help="Also write latent.json.", show_default=False)
    ] = None,
    overwrite: Overwrite = False,
    model: Model = None,
    json: Json = False,
) -> None:
    """Measure a latent space on cases: what it gives back, how smooth walks are, what draws are taken for.

    Whether draws are familiar is asked of the model's own input check; a model that was not calibrated has none.
    """
    faults = Faults()
    with claimed_files(out, (_VALUES,), overwrite), open_screen(json) as screen:
        from ..trust.calibration import NOT_CALIBRATED, read_calibration
        from ..trust.latent.evaluating import evaluate

        space = open_space(model, figure=False)
        calibration = read_calibration(space.package)
        coded = [_code(space, case, screen) for case in discover(data, part, screen, faults)]
        report = evaluate(space, coded, calibration, draws, seed, screen.step)
        values = {
            "data": [folder_name(folder) for folder in data],
            "package": describe_package(space.package),
            **as_written(_to_plain(report)),
        }
        if out is not None:
            with outputs(out) as folder:
                write_json(folder / _VALUES, values)
        screen.line(f"\n{count(coded)} by {space.package.name} {space.package.version}")
        _show(screen, report, values)
        if calibration is None:
            screen.item("note", NOT_CALIBRATED)
        screen.emit(values)
    faults.stop(len(coded))


def _code(space: LatentSpace, case: LabelledCase, screen: Screen) -> Coded:
    from ..cases.reading import read_study

    screen.step(f"encode {case.name}")
    optional = space.package.settings.may_lack
    return space.encode(read_study(case.images, name=case.name, optional=optional), optional)


def _to_plain(report: LatentReport) -> dict[str, Any]:
    return {
        "cases": list(report.cases),
        "given_back": {name: describe_given_back(each) for name, each in report.given_back.items()},
        "code": {"rms": report.code_size, "mean_spread": report.code_spread},
        "smoothness": None if report.walks is None else asdict(report.walks),
        "familiar": report.familiar,
        "reasons": report.reasons,
    }


def describe_given_back(found: GivenBack) -> dict[str, float]:
    """Return what a sequence lost on the way through its code as plain JSON values."""
    return {"error_sd": found.error, "average_error_sd": found.average, "explained": found.explained}


def show_given_back(screen: Screen, found: Mapping[str, Mapping[str, float]]) -> None:
    """Print what is missed of each sequence, and what the average code misses."""
    rows = [
        (name, f"{each['error_sd']:.3f}", f"{each['average_error_sd']:.3f}", f"{each['explained']:.3f}")
        for name, each in found.items()
    ]
    screen.table(("Missed", "RMS, SD", "by the average code", "explained"), rows, numbers=3)


def show_smoothness(screen: Screen, walk: Mapping[str, float]) -> None:
    """Print how a walk is, and how a straight blend of its ends."""
    rows = [
        ("length of the way, ends' distance 1", f"{walk['length']:.3f}", "1.000"),
        ("largest step, mean step 1", f"{walk['largest_step']:.3f}", "1.000"),
        ("midway from the blend, ends' distance 1", f"{walk['departure']:.3f}", "0.000"),
        ("contrast midway, ends' mean 1", f"{walk['contrast']:.3f}", f"{walk['blend_contrast']:.3f}"),
    ]
    screen.table(("From case to case", "walk", "blend"), rows, numbers=2)


def _show(screen: Screen, report: LatentReport, values: Mapping[str, Any]) -> None:
    show_given_back(screen, values["given_back"])
    if report.walks is not None:
        show_smoothness(screen, values["smoothness"])
    screen.item("codes", f"root mean square {report.code_size:.2f} (1 as the prior says), mean spread of a number"
                f" {report.code_spread:.2f} (1 where it tells nothing)")  # fmt: skip
    if report.familiar:
        rows = [
            (
                _FAMILIAR[kind],
                f"{100 * share:.0f} %",
                ", ".join(f"{code} {n}" for code, n in report.reasons[kind].items()),
            )
            for kind, share in report.familiar.items()
        ]
        screen.table(("Familiar to the input check", "share", "the others for"), rows, numbers=0)
