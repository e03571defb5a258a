"""The page of two compared examinations, written by `write_comparison`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from .followup import Followup
from .followup_contents import comparison_contents
from .identity import case_code
from .page import render
from .writing import ReportOptions, check_paths, require_same_case, write_page

_PLAIN = ReportOptions()


def write_comparison(
    followup: Followup, *paths: Path, options: ReportOptions = _PLAIN, made: datetime | None = None
) -> None:
    """Write the page of two compared examinations, `.html`, as `.pdf`, or both; see `writing.write_report`.

    Raises InputError for a path of another ending, OutputError where a file cannot be written or holds another page,
    DependencyError where jinja2, or for a PDF WeasyPrint, is not installed.
    """
    check_paths(paths)
    code = comparison_code(followup)
    for path in paths:
        require_same_case(path, code)
    moment = made or datetime.now().astimezone()
    contents = comparison_contents(followup, options.language, options.identify, moment)
    write_page(render("comparison.html", options.language, {"code": code, **contents}), paths, options.language)


def comparison_code(followup: Followup) -> str:
    """Return the code of a comparison: of both cases."""
    return "-".join(case_code(each.study) for each in (followup.before, followup.after))
