"""`braintumorvaeseg models calibrate`: a package learns what is usual, so that it can judge its input."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..core.rounding import as_written
from .support.options import FLAG, Json, epilog
from .support.packages import package_facts
from .support.screen import Screen, open_screen

if TYPE_CHECKING:
    from ..trust.temperature import Reliability

EPILOG = epilog(
    "models calibrate standard --data data/unseen --out packages/standard",
    "models calibrate standard --data data/unseen --images data/train --out packages/standard --figure error.png",
)


def calibrate(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name from models list, or a folder.")],
    data: Annotated[
        list[Path], typer.Option("--data", metavar="FOLDER", help="Labeled cases that no training saw; repeatable.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FOLDER", help="Where to write.", show_default=False)],
    images: Annotated[
        list[Path] | None,
        typer.Option(
            "--images", metavar="FOLDER", help="Cases, trained on or not, for what images alone tell; repeatable."
        ),
    ] = None,
    patients: Annotated[
        Path | None, typer.Option("--patients", metavar="FILE", help="CSV of case,patient: who belongs together.")
    ] = None,
    part: Annotated[str, typer.Option("--part", metavar="NAME", help="Of a list in JSON.")] = "validation",
    figure: Annotated[
        Path | None,
        typer.Option("--figure", metavar="FILE", help="Draw how true the probabilities are, before, after."),
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace a package that is there already.", **FLAG)
    ] = False,
    json: Json = False,
) -> None:
    """Write a package that can judge its input: from untouched cases it learns what is usual.

    Measures of the images, of the VAE and of the sequences, the thresholds of the volumes' intervals, and what
    makes the probabilities true within 5 mm of the tumor. The masks stay as they are.
    """
    from ..models.library import find_package
    from ..models.staging import check_place
    from .support.dependencies import require
    from .support.labelled import Faults, count, discover, with_patients

    if figure is not None:
        require("matplotlib")
    with open_screen(json) as screen:
        package = find_package(name)
        check_place(out, replace)
        faults = Faults()
        cases = discover(data, part, screen, faults)
        more = discover(images or (), part, screen, faults)
        faults.stop(0)
        if patients is not None:
            known = with_patients({"cases": cases, "more": more}, patients)
            cases, more = known["cases"], known["more"]
        from ..trust.calibrating import calibrate, choose_corrections, observe_cases, with_calibration

        everything = [*more, *cases]
        with screen.progress() as report:
            observed = observe_cases(
                package, cases, more, lambda done: report(everything[done].name, done / len(everything))
            )
        channels = package.settings.output_channels
        calibration = calibrate(observed, channels)
        _, reliability = choose_corrections(observed, channels)
        written = with_calibration(package, calibration, out, replace)
        screen.line(f"calibrated {package.name} {package.version} on {count(cases)}, in {out}")
        _tell(screen, reliability)
        if figure is not None:
            _draw(figure, reliability)
        errors = {key: [each.error_before, each.error_after] for key, each in reliability.items()}
        screen.emit(
            {
                **package_facts(written),
                "cases": len(cases),
                "images": len(more),
                "unusual": calibration.unusual,
                "temperatures": list(written.settings.temperatures),
                "offsets": list(written.settings.offsets),
                "calibration_error": as_written(errors),
            }
        )


def _tell(screen: Screen, reliability: dict[str, Reliability]) -> None:
    told = [f"{key} {each.error_before:.3f} to {each.error_after:.3f}" for key, each in reliability.items()]
    if told:
        screen.item("error", f"of the probabilities within 5 mm of the tumor, patients left out: {', '.join(told)}")


def _draw(file: Path, reliability: dict[str, Reliability]) -> None:
    from ..reporting.reliability import draw_reliability

    draw_reliability({key: (each.before, each.after) for key, each in reliability.items()}, file)
