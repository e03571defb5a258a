"""`braintumorvaeseg dicom`: what a folder of DICOM files holds, and the case that `segment --dicom` takes from it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..core.errors import InputError
from ..core.modalities import Modality
from .support.dependencies import require
from .support.options import Json, epilog
from .support.screen import Screen, open_screen

if TYPE_CHECKING:
    from ..cases.dicom_choice import SeriesChoice
    from ..images.dicom import DicomSeries

app = typer.Typer(
    help="Show what a folder of DICOM files holds.",
    rich_markup_mode="rich",
    epilog=epilog("dicom list path/to/study", "dicom list path/to/study --json"),
)


@app.callback()
def _group() -> None:
    """Show what a folder of DICOM files holds."""


@app.command("list", epilog=epilog("dicom list path/to/study", "dicom list path/to/study --json"))
def list_series(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder of DICOM files, at any depth.")],
    json: Json = False,
) -> None:
    """List the series below a folder: what each is and why, and which four segment --dicom would take."""
    require("pydicom")
    from ..images.dicom import find_series

    with open_screen(json) as screen:
        series = find_series(folder)
        choice = _choose(folder, series)
        taken = {each.uid: modality for modality, each in choice.series.items()} if choice else {}
        rows = [_facts(each, taken.get(each.uid)) for each in series]
        screen.emit(rows)
        columns = ("Series", "Description", "Is", "Taken", "Files", "Grid")
        keys = ("number", "description", "class", "taken_as", "files", "grid")
        screen.table(columns, [["" if row[k] is None else str(row[k]) for k in keys] for row in rows], numbers=0)
        for each in series:
            modality = taken.get(each.uid)
            fault = f"; {each.fault}" if each.fault else ""
            why = choice.reasons[modality] if choice and modality else f"{each.label}: {each.said.reason}{fault}"
            screen.item(modality or "not taken", why)


def choose_dicom(
    folder: Path, given: Mapping[Modality, Sequence[Path]], optional: Callable[[], Collection[Modality]]
) -> SeriesChoice:
    """Return the series of one study that are its images; given: their UIDs or numbers. Raises InputError."""
    require("pydicom")
    from ..cases.dicom_choice import choose_series
    from ..images.dicom import find_series, require_one_study

    twice = [str(modality) for modality, names in given.items() if len(names) > 1]
    if twice:
        raise typer.BadParameter(f"{', '.join(twice)} was given twice; give one series for each modality.")
    series = find_series(folder)
    require_one_study(folder, series)
    return choose_series(series, {m: str(names[0]) for m, names in given.items() if names}, optional)


def show_choice(screen: Screen, choice: SeriesChoice) -> None:
    """Say on standard error which series is which, and why."""
    for modality, reason in choice.reasons.items():
        screen.step(f"{modality}: {reason}")


def _choose(folder: Path, series: Sequence[DicomSeries]) -> SeriesChoice | None:
    """Return what the series would be taken as, however many are missing; None where they are not of one study."""
    from ..cases.dicom_choice import choose_series
    from ..images.dicom import require_one_study

    try:
        require_one_study(folder, series)
    except InputError:
        return None
    return choose_series(series, optional=lambda: tuple(Modality))


def _facts(series: DicomSeries, taken: Modality | None) -> dict[str, Any]:
    """Return a series as plain JSON values."""
    tags, fault = series.first.tags, series.fault
    return {
        "number": series.first.number,
        "uid": series.uid,
        "description": tags.description or tags.protocol,
        "patient": series.first.patient,
        "study": series.first.study,
        "class": series.said.name,
        "reason": series.said.reason,
        "could_be": [modality.value for modality in series.said.could_be],
        "taken_as": taken.value if taken else None,
        "files": len(series.files),
        "grid": None if fault else str(series.layout[0]),
        "fault": fault,
        "te_ms": tags.echo_time,
        "tr_ms": tags.repetition_time,
        "ti_ms": tags.inversion_time,
    }
