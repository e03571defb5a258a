"""One case's way from its study to its files: segmented, measured, judged, written."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core.rounding import as_written
from ..core.threads import beside, timed
from .results import ResultFiles, write_results
from .summary import describe_measures, describe_trust, summarize

if TYPE_CHECKING:
    from ..core.labels import LabelConvention
    from ..core.volume import Study
    from ..images.dicom_patient import Patient
    from ..inference.segmenting import Result
    from ..reporting.report.writing import ReportOptions
    from ..trust.checking import Trust


@dataclass(frozen=True)
class CaseInput:
    """A case as it was read. images: what tells its images from others (see `describe_images`). seconds: of reading."""

    name: str
    study: Study
    images: Mapping[str, Any]
    seconds: float = 0.0


@dataclass(frozen=True)
class Processed:
    """A case's result, and its summary as plain JSON values, as it was written."""

    result: Result
    summary: dict[str, Any]


WriteMore = Callable[[Path, "Study", "Result"], dict[str, Any]]
"""Writes further files to a folder and returns what the summary tells of them."""


def process(
    case: CaseInput,
    segment: Callable[[Study], Result],
    files: ResultFiles | None,
    convention: LabelConvention,
    write_more: WriteMore = lambda folder, study, result: {},
    report: ReportOptions | None = None,
    patient: Patient | None = None,
    judge: Callable[[Result], Trust] | None = None,
) -> Processed:
    """Segment a case and write its results, all of them or none.

    segment: keeps the evidence, as the input check needs it. files: None writes nothing. report: how the report is
    written that the files name; its own defaults where None. patient: told in it where it is to identify. judge: the
    input check, where it is kept for many cases. Raises what segment does, and OutputError.
    """
    start = time.perf_counter()
    result = segment(case.study)
    study = result.study or case.study  # with its transforms and brain mask
    measure = timed(partial(describe_measures, study, result.segmentation))
    with beside(measure) as measured_beside:  # on one core; the input check uses the others
        segmented = time.perf_counter()
        trusted = describe_trust((judge or _judge)(result))
        judged = time.perf_counter() - segmented
        measured, seconds = measured_beside()

    def describe(written: float) -> dict[str, Any]:
        total = case.seconds + time.perf_counter() - start
        spent = {"judge": judged, "write": written, "measure": seconds, "total": total}
        said = summarize(case.name, study, result, {"read": case.seconds, **result.timings, **spent})
        told = {"images": case.images, "labels": convention.value, "files": files.names if files else {}}
        return {**said, **measured, **trusted, **told}

    def more(folder: Path) -> dict[str, Any]:
        return write_more(folder, study, result)

    if files is None:
        return Processed(result, as_written(describe(0.0)))

    def last(folder: Path, summary: Mapping[str, Any]) -> None:
        if files.report or files.pdf:
            _write_report(folder, files, study, result, summary, report, patient)

    summary = write_results(files, study, result.segmentation, convention, case.name, describe, more, last)
    return Processed(result, summary)


def _judge(result: Result) -> Trust:
    from ..trust.checking import check_trust

    return check_trust(result)


def _write_report(
    folder: Path, files: ResultFiles, study: Study, result: Result, summary: Mapping[str, Any],
    options: ReportOptions | None, patient: Patient | None,
) -> None:  # fmt: skip
    from ..reporting.report.writing import ReportOptions, write_report

    paths = [folder / files.names[what] for what in ("report", "pdf") if what in files.names]
    chosen = options or ReportOptions()
    write_report(
        study, result.segmentation, summary, *paths, package=result.package, options=chosen, patient=patient
    )  # fmt: skip
