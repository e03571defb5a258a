"""The last result's report and DICOM objects, written by the worker with the segments as they are now."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import slicer
from slicer.i18n import tr as _

from ..core.answers import Segmented, Written
from ..core.errors import InputError
from ..core.modalities import Modality
from ..core.requests import Export, Report
from .client.handover import Exchange, pieces
from .client.stepping import Steps
from .nodes.dicomtags import find_database, instances_of, series_files
from .nodes.output import reference_of
from .nodes.segments import labels_of


def report_steps(segmentation: Any, told: Segmented, file: Path, exchange: Exchange) -> Steps:
    """Write a report, a step a turn, in Slicer's language where there is one; return the worker's answer."""
    language = "zh" if str(slicer.app.applicationLocaleName).lower().startswith("zh") else "en"
    written: Written = yield from _with_labels(
        segmentation, exchange, lambda labels: Report(told.id, labels, str(file), language)
    )
    return written


def dicom_steps(
    segmentation: Any, told: Segmented, series: Mapping[Modality, tuple[str, ...]], folder: Path, exchange: Exchange
) -> Steps:
    """Write DICOM objects into a folder, a step a turn; return the worker's answer. series: see `series_of`."""
    name = file_name(reference_of(segmentation).GetName())
    written: Written = yield from _with_labels(
        segmentation, exchange, lambda labels: Export(told.id, labels, series, str(folder), name)
    )
    return written


def series_of(segmentation: Any, volumes: Mapping[Modality, Any]) -> dict[Modality, tuple[str, ...]]:
    """Return the DICOM files of the volumes that a segmentation was made of, by modality, of those that have some.

    Empty where its reference is not among the volumes, or did not come from DICOM.
    """
    reference = reference_of(segmentation)
    found = {modality: series_files(node) for modality, node in volumes.items()}
    of_reference = [modality for modality, node in volumes.items() if node is reference and found[modality]]
    return {modality: files for modality, files in found.items() if files} if of_reference else {}


def series_stamp(segmentation: Any, volumes: Mapping[Modality, Any]) -> tuple[object, ...]:
    """Return a value that changes when `series_of` may give something else, and asks the database nothing."""
    reference, instances = reference_of(segmentation), [instances_of(node) for node in volumes.values()]
    return (*volumes, *(node is reference for node in volumes.values()), *instances, find_database() is not None)


def file_name(name: str) -> str:
    """Return a node's name as the beginning of a file's, without what some system does not take: `7: T1` -> `7_T1`."""
    return re.sub(r"[^\w.+-]+", "_", name).strip("._") or "tumor"


def _with_labels(segmentation: Any, exchange: Exchange, request: Callable[[str], Any]) -> Steps:
    """Give the worker the labels as they are now, and a request about them; return its answer."""
    reference = reference_of(segmentation)
    if reference is None or reference.GetImageData() is None:
        raise InputError(_("The segmentation has lost its volume; segment again."))
    labels, file = labels_of(segmentation, reference), exchange.new_path("labels")
    yield
    try:
        for _share in pieces(labels, file):
            yield
        return (yield request(str(file)))
    finally:
        exchange.forget(file)
