"""`braintumorvaeseg dicom`: what a folder of DICOM files holds, and the case that `segment --dicom` takes from it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..core.errors import InputError
from ..core.modalities import Modality
from .support.dependencies import require
from .support.options import Json, epilog
from .support.screen import open_screen

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
