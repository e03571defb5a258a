"""`braintumorvaeseg compare`: two stored results of one patient, held against each other."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..core.disk.files import outputs, write_json
from ..core.errors import InputError, OutputError
from ..core.modalities import Modality
from ..core.rounding import as_written
from ..reporting.report.language import Language
from .support.dependencies import require
from .support.options import RESULT_HELP, Identify, Json, Overwrite, Pdf, ReportLanguage, epilog
from .support.results import check_folder
from .support.screen import Screen, open_screen
from .support.stored import find_result, read_result, read_stored_labels, read_stored_study

if TYPE_CHECKING:
    from ..reporting.report.followup import Examination, Followup

EPILOG = epilog(
    "compare march/PATIENT-1.json june/PATIENT-1.json --before-images scans/march --after-images scans/june --out june",
)
_IMAGES: dict[str, Any] = {"rich_help_panel": "Images", "show_default": False}


def compare(
    before: Annotated[Path, typer.Argument(metavar="BEFORE", help=RESULT_HELP)],
    after: Annotated[Path, typer.Argument(metavar="AFTER", help="The same of a later examination.")],
    before_images: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Where the images of BEFORE lie (beside it).", **_IMAGES)
    ] = None,
    after_images: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Where the images of AFTER lie (beside it).", **_IMAGES)
    ] = None,
    pdf: Pdf = False,
    language: ReportLanguage = Language.EN,
    identify: Identify = False,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            metavar="FOLDER",
            help="Folder for the page (AFTER's).",
            rich_help_panel="Results",
            show_default=False,
        ),
    ] = None,
    overwrite: Overwrite = False,
    json: Json = False,
) -> None:
    """Compare two results of one patient: volumes, products, their change in percent, lesions that came or went.

    The networks know no treated brain: after an operation or other treatment look at both masks before you read a
    change from them. Writes NAME_compare.html, a page with both side by side, and NAME_compare.json.
    """
    paths = find_result(before), find_result(after)
    stored = tuple(read_result(path) for path in paths)
    require("jinja2", *(["weasyprint"] if pdf else []))
    folder, name = out or paths[1].parent, f"{stored[1]['name']}_compare"
    if paths[0].resolve() == paths[1].resolve():
        raise InputError(f"{paths[0]}: was given twice; give results of two examinations.")
    check_folder(folder)
    names = [f"{name}{ending}" for ending in (".html", *([".pdf"] if pdf else []), ".json")]
    existing = [folder / each for each in names if (folder / each).exists()]
    if existing and not overwrite:
        raise OutputError(f"{existing[0]}: exists already; give --overwrite, or another folder.")
    with open_screen(json) as screen:
        from ..reporting.report.followup import compare_results
        from ..reporting.report.followup_writing import comparison_code, write_comparison
        from ..reporting.report.writing import ReportOptions, require_same_case

        screen.step("read both examinations")
        examinations = [
            _read(path, told, images)
            for path, told, images in zip(paths, stored, (before_images, after_images), strict=True)
        ]
        screen.step("compare them")
        followup = compare_results(*examinations)
        require_same_case(folder / names[0], comparison_code(followup))
        described = as_written(_describe(followup))
        told = {"before": stored[0]["name"], "after": stored[1]["name"], **described, "files": names}
        with outputs(folder) as place:
            pages = [place / each for each in names[:-1]]
            write_comparison(followup, *pages, options=ReportOptions(language, identify))
            write_json(place / names[-1], told)
        _show(screen, followup)
        for each in names:
            screen.line(f"written    {folder / each}")
        screen.emit(told)


def _read(path: Path, stored: dict[str, Any], images: Path | None) -> Examination:
    from ..reporting.report.followup import Examination

    study, patient = read_stored_study(path, stored, images, list(Modality))
    segmentation = read_stored_labels(path, stored)
    if not segmentation.geometry.same_grid(study.reference_volume.geometry):
        raise InputError(f"{path}: its label map does not lie on the grid of its reference; segment the images again.")
    return Examination(study, segmentation, stored, patient)


def _describe(followup: Followup) -> dict[str, Any]:
    """Return what changed as plain JSON values."""
    from ..core.wire import to_wire
    from ..reporting.report.followup_contents import comparison_warnings
    from ..reporting.report.language import Translator

    changes = followup.changes

    def quantities(values: Any) -> dict[str, Any]:
        return {
            key: {"before": each.before, "after": each.after, "change": each.difference, "percent": each.percent}
            for key, each in values.items()
        }

    return {
        "volumes_ml": quantities(changes.volumes_ml),
        "products_mm2": quantities(changes.products_mm2),
        "lesions": quantities(changes.lesions),
        "new": to_wire(changes.new),
        "vanished": to_wire(changes.vanished),
        "registered": dict(followup.how.registered),
        "to_after": followup.how.to_after.tolist(),
        "warnings": comparison_warnings(followup, Translator(Language.EN)),
        "use": TREATED,
    }


TREATED = "Research use only, not a medical device. The networks know no treated brain."


def _show(screen: Screen, followup: Followup) -> None:
    from ..reporting.report.followup_contents import change_rows, comparison_warnings, single_rows
    from ..reporting.report.language import Translator

    say = Translator(Language.EN)
    changes = followup.changes
    rows = change_rows(changes.volumes_ml, say, "ml") + change_rows(changes.products_mm2, say, "mm²")
    screen.table(("", "Region", "Unit", "Before", "After", "Change", "%"), rows, numbers=4)
    for word, singles in (("new", changes.new), ("vanished", changes.vanished)):
        told = [f"{lesion} ({ml} ml)" for lesion, ml, _ in single_rows(singles, say)]
        screen.item(word, ", ".join(told) or "none")
    for sentence in comparison_warnings(followup, say):
        screen.item("warning", sentence)
    screen.line()
    screen.line(TREATED)
