"""A report and DICOM objects of the study segmented last, with its labels as they are by now."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from ..core.answers import Written
from ..core.errors import DependencyError, InputError
from ..core.requests import Export, Report
from ..core.segmentation import Segmentation
from .files import read_labels
from .kept import Kept


def write_report(request: Report, kept: Kept) -> Written:
    """Write the report that a request asks for, and return its answer.

    Raises DependencyError where a package for it is missing, OutputError where it cannot be written.
    """
    from ..cohort.summary import describe_trust, summarize
    from ..core.wire import to_wire
    from ..reporting.report.language import Language
    from ..reporting.report.writing import ReportOptions
    from ..reporting.report.writing import write_report as write

    if request.language not in tuple(Language):
        raise InputError(f"{request.language!r} is no language of reports; choose {' or '.join(Language)}.")
    result, study = kept.result, kept.study
    timings = {**kept.timings, "total": sum(kept.timings.values())}
    told: dict[str, Any] = {**summarize(study.name, study, result, timings), **describe_trust(kept.trust)}
    segmentation = _labels(request.labels, kept)
    told |= {"edited": _is_edited(segmentation, kept), "preparation": to_wire(result.prepared)}
    options = ReportOptions(Language(request.language), request.identify)
    write(study, segmentation, told, Path(request.file), package=result.package, options=options)
    return Written(request.id, (request.file,))


def write_objects(request: Export, kept: Kept) -> Written:
    """Write the DICOM objects that a request asks for, and return its answer.

    Raises DependencyError where a package for it is missing, InputError where the series cannot be referred to,
    OutputError where the objects cannot be written.
    """
    from ..dicom_out.library import require_highdicom

    require_highdicom()
    from ..cohort.summary import measure_result
    from ..dicom_out.answers import Algorithm, Answer
    from ..dicom_out.sources import source_of
    from ..dicom_out.writing import write_dicom

    reference = kept.study.reference
    if reference not in request.series:
        raise InputError(f"{reference} did not come from DICOM, so that no DICOM object can refer to it.")
    source = source_of({modality: _series(files) for modality, files in request.series.items()}, reference)
    segmentation, package = _labels(request.labels, kept), kept.result.package
    algorithm = Algorithm(package.name, package.version, package.sha256)
    intervals = {} if _is_edited(segmentation, kept) else kept.trust.intervals_ml
    answer = Answer(segmentation, measure_result(kept.study, segmentation), algorithm, intervals)
    written = write_dicom(answer, source, Path(request.folder), request.name, overwrite=True)
    notes = list(source.notes)
    if segmentation.is_empty:
        notes.append("No tumor, so no DICOM segmentation: the report alone was written.")
    return Written(request.id, tuple(str(path) for path in written.values()), tuple(notes))


def _labels(file: str, kept: Kept) -> Segmentation:
    geometry = kept.study.reference_volume.geometry
    return Segmentation(read_labels(file, geometry), geometry)


def _is_edited(segmentation: Segmentation, kept: Kept) -> bool:
    return not np.array_equal(segmentation.labels, kept.result.segmentation.labels)


def _series(files: Iterable[str]) -> Any:
    """Return the series of some files. Raises InputError where one is gone or is no DICOM image."""
    from ..images.dicom import DicomSeries
    from ..images.dicom_headers import read_header

    try:
        headers = [read_header(Path(file)) for file in files]
    except DependencyError as error:
        raise DependencyError("pydicom is not installed; install the module's packages again.") from error
    if not headers or None in headers:
        raise InputError("A file of the volume's DICOM series is no image any more; load the series again.")
    return DicomSeries(tuple(header for header in headers if header is not None))
