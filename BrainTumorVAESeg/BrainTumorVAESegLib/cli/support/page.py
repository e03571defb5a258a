"""The report that `segment` writes beside its results: what is asked of it, checked before the computing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from ...cohort.results import report_name
from ...core.text import printable
from ...reporting.report.language import Language
from .dependencies import require

if TYPE_CHECKING:
    from ...cohort.results import ResultFiles
    from ...core.volume import Study
    from ...reporting.report.writing import ReportOptions
    from .screen import Screen


@dataclass(frozen=True)
class Page:
    """How a case's report is to be, where its files name one."""

    language: Language = Language.EN
    identify: bool = False

    @property
    def options(self) -> ReportOptions:
        """The same for `write_report`."""
        from ...reporting.report.writing import ReportOptions

        return ReportOptions(self.language, self.identify)


def check_page(files: ResultFiles, page: Page, pdf: bool) -> None:
    """Raise typer.BadParameter for options without a report, DependencyError where a package for it is missing."""
    if not files.report:
        if pdf or page != Page():
            raise typer.BadParameter("--pdf, --language and --identify are about the report; give --report as well.")
        return
    require("jinja2", *(["weasyprint"] if files.pdf else []))


def check_case(files: ResultFiles, study: Study) -> None:
    """Raise OutputError where the report that is to be replaced is that of another case."""
    if files.report:
        from ...reporting.report.identity import case_code
        from ...reporting.report.writing import require_same_case

        require_same_case(files.paths["report"], case_code(study))


def tell_old_report(files: ResultFiles, screen: Screen) -> None:
    """Say that a report lies beside the results that is not theirs, since none was asked for."""
    path = files.folder / report_name(files.name)
    if not files.report and path.exists():
        screen.step(f"{printable(path)} is the report of an earlier result; --report writes it anew.")
