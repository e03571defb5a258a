"""`braintumorvaeseg report`: the page of a result that was stored before."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..cohort.results import report_name
from ..core.errors import OutputError, PackageError
from ..core.modalities import Modality
from ..reporting.report.language import Language
from .support.dependencies import require
from .support.options import FLAG, Identify, ImagesFolder, Json, Overwrite, Pdf, ReportLanguage, StoredResult, epilog
from .support.results import check_folder
from .support.screen import open_screen
from .support.stored import find_result, read_result, read_stored_labels, read_stored_study

if TYPE_CHECKING:
    from ..models.package import ModelPackage

EPILOG = epilog(
    "report results/PATIENT-1.json cases/PATIENT-1",
    "report results/PATIENT-1.json cases/PATIENT-1 --pdf --language zh --identify",
)
_RESULTS: dict[str, Any] = {"rich_help_panel": "Results", "show_default": False}


def report(
    result: StoredResult,
    case_folder: ImagesFolder = None,
    pdf: Pdf = False,
    language: ReportLanguage = Language.EN,
    identify: Identify = False,
    no_3d: Annotated[bool, typer.Option("--no-3d", help="Draw no 3D view.", **FLAG)] = False,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FOLDER", help="Folder for the report (RESULT's).", **_RESULTS)
    ] = None,
    model: Annotated[
        str | None, typer.Option("--model", "-m", metavar="NAME", help="The model of then, where it moved.", **_RESULTS)
    ] = None,
    overwrite: Overwrite = False,
    json: Json = False,
) -> None:
    """Write the report of a stored result: one page with pictures, measures, findings and the model's card in brief.

    Nothing is computed anew but the measures of a mask that was edited since. The page is one file that asks for no
    other; it tells no name of patient, case or file unless --identify is given. Writes NAME_report.html.
    """
    path = find_result(result)
    stored = read_result(path)
    require("jinja2", *(["weasyprint"] if pdf else []))
    folder = out or path.parent
    targets = [folder / report_name(str(stored["name"]), ending) for ending in (".html", *([".pdf"] if pdf else []))]
    check_folder(folder)
    existing = [target for target in targets if target.exists()]
    if existing and not overwrite:
        raise OutputError(f"{existing[0]}: exists already; give --overwrite, or another folder.")
    with open_screen(json) as screen:
        from ..reporting.report.writing import ReportOptions, write_report

        package = _package_of(stored, model)
        optional = list(Modality) if package is None else package.settings.may_lack
        study, patient = read_stored_study(path, stored, case_folder, optional)
        options = ReportOptions(language, identify, not no_3d)
        write_report(
            study, read_stored_labels(path, stored), stored, *targets, package=package, options=options, patient=patient
        )
        for target in targets:
            screen.line(f"written    {target}")
        screen.emit({"name": stored["name"], "files": [target.name for target in targets]})


def _package_of(stored: dict[str, Any], model: str | None) -> ModelPackage | None:
    """Return the package that made a result, None where it is not installed or is another one by now.

    Raises PackageError where it was named and is not that one.
    """
    from ..models.library import find_package

    told = stored["package"]
    try:
        package = find_package(model or str(told["name"]), verify=False)
    except PackageError:
        if model is not None:
            raise
        return None
    if package.sha256 == told["sha256"]:
        return package
    if model is not None:
        raise PackageError(f"{model}: is another package than the one that made the result ({told['version']}).")
    return None
