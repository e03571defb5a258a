"""Two results of one patient side by side: `compare_results` tells what changed, `write_comparison` writes the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from ...core.errors import InputError
from ...core.segmentation import Segmentation
from ...core.volume import Study
from ...measures.changes import Changes, compare_measures
from ...measures.measuring import measure
from ...measures.results import Measures
from ...preparation.background import find_background
from .followup_contents import comparison_contents
from .identity import case_code
from .page import render
from .writing import ReportOptions, check_paths, require_same_case, write_page

_PLAIN = ReportOptions()


@dataclass(frozen=True)
class Examination:
    """A result of one examination: its images, its segmentation on the grid of their reference, its `CASE.json`."""

    study: Study
    segmentation: Segmentation
    summary: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Followup:
    """Two examinations compared.

    placed: the earlier one where it lies in the later one's space. measures: of both, each on its own grid. registered:
    how far the earlier reference was brought there, `moved_mm` and `turned_degrees`, empty where both lay in one place.
    to_after: the matrix (4, 4) by which, LPS millimeters.
    """

    before: Examination
    after: Examination
    placed: Examination
    measures: tuple[Measures, Measures]
    changes: Changes
    registered: Mapping[str, float] = field(default_factory=dict)
    to_after: np.ndarray = field(default_factory=lambda: np.eye(4))


def compare_results(before: Examination, after: Examination) -> Followup:
    """Compare two examinations of one patient whose references lie on one grid.

    Raises InputError where they do not, or where both are of the same images.
    """
    if case_code(before.study) == case_code(after.study):
        raise InputError("Both results are of the same images; give results of two examinations.")
    fixed, moving = after.study.reference_volume, before.study.reference_volume
    if not fixed.geometry.same_grid(moving.geometry):
        raise InputError("The references of the two results lie on different grids; register the images first.")
    measures = tuple(measure(each.segmentation, _brain(each.study)) for each in (before, after))
    pair = ((before.segmentation, measures[0]), (after.segmentation, measures[1]))
    return Followup(before, after, before, (measures[0], measures[1]), compare_measures(*pair))


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


def _brain(study: Study) -> np.ndarray:
    reference = study.reference_volume
    return np.asarray(find_background(reference).remove(reference.array) != 0)
