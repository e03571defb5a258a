"""The report of a result written: `write_report` is the way in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...core.disk.files import outputs
from ...core.errors import InputError, OutputError
from ...core.segmentation import Segmentation
from ...core.text import printable
from ...core.volume import Study
from ...images.dicom_patient import Patient
from .contents import build_contents
from .identity import case_code, code_in
from .language import Language
from .page import render
from .pdf import pdf_bytes

if TYPE_CHECKING:
    from ...models.package import ModelPackage

ENDINGS = (".html", ".pdf")


@dataclass(frozen=True)
class ReportOptions:
    """How a report is written.

    language: of its texts. identify: tell the names of the case, of its files and of the patient, which are withheld
    otherwise. view3d: draw the tumor in 3D where VTK is installed.
    """

    language: Language = Language.EN
    identify: bool = False
    view3d: bool = True


def write_report(
    study: Study,
    segmentation: Segmentation,
    summary: Mapping[str, Any],
    *paths: Path,
    package: ModelPackage | None = None,
    options: ReportOptions = ReportOptions(),
    patient: Patient | None = None,
    made: datetime | None = None,
) -> None:
    """Write the report of a segmented study as one self-contained page, `.html`, as `.pdf`, or both.

    study: the images as they were segmented. segmentation: on the grid of the study's reference; it may have been
    edited since. summary: what `segment` writes as `CASE.json`, or as much of it as there is (see
    `reporting.describing.summarize`); what is missing is said to be, and without `measures` the segmentation is
    measured; `edited`, where it is there, says whether the segmentation was edited, which the volumes tell otherwise.
    package: for the model's card in brief. patient: from DICOM, told with `options.identify` alone. made: the time that
    the page bears, now by default.

    No file is written unless all are. Raises InputError for a path of another ending or a segmentation on another grid
    than the reference's, OutputError where a file cannot be written or holds another case's report, DependencyError
    where jinja2, or for a PDF WeasyPrint, is not installed.
    """
    check_paths(paths)
    if not segmentation.geometry.same_grid(study.reference_volume.geometry):
        raise InputError("The segmentation is not on the reference volume's grid; give the one of this study.")
    code = case_code(study)
    for path in paths:
        require_same_case(path, code)
    moment = made or datetime.now().astimezone()
    contents = build_contents(
        study, segmentation, summary, code, options.language, options.identify, options.view3d, package, patient, moment
    )
    page = render("report.html", options.language, contents)
    write_page(page, paths, options.language)


def write_page(page: str, paths: tuple[Path, ...], language: Language) -> None:
    """Write a page as it is, `.html`, or as `.pdf`: all of the files or none. Raises OutputError, DependencyError."""
    made = {path: page.encode() if path.suffix.lower() == ".html" else pdf_bytes(page, language) for path in paths}
    for folder in dict.fromkeys(path.parent for path in paths):
        with outputs(folder) as place:
            for path, data in made.items():
                if path.parent == folder:
                    (place / path.name).write_bytes(data)


def require_same_case(path: Path, code: str) -> None:
    """Raise OutputError where a path holds the report of another case, or a page that is no report."""
    if path.suffix.lower() != ".html" or not path.is_file():
        return
    found = code_in(path)
    if found is None:
        raise OutputError(f"{printable(path)}: exists and is no report of this program; choose another folder or name.")
    if found != code:
        raise OutputError(
            f"{printable(path)}: is the report of another case ({found}, this one is {code});"
            " choose another folder or name."
        )


def check_paths(paths: tuple[Path, ...]) -> None:
    """Raise InputError where there is no path, or one whose ending no page is written in."""
    strange = [path for path in paths if path.suffix.lower() not in ENDINGS]
    if strange or not paths:
        named = printable(strange[0]) if strange else "No path"
        raise InputError(f"{named}: a report is written as .html or .pdf; give such a path.")
