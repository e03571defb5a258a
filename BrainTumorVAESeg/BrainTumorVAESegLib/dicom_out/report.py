"""DICOM SR (TID 1500, Measurement Report): the measures of an answer, referring to its segmentations."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from highdicom.sr import (
    Comprehensive3DSR,
    DeviceObserverIdentifyingAttributes,
    MeasurementReport,
    ObservationContext,
    ObserverContext,
    RelationshipTypeValues,
    TextContentItem,
)
from pydicom.sr.codedict import codes as dictionary

from ..core.verdict import INTERVAL_COVERAGE
from ..core.wire import to_wire
from ..measures.results import Measures
from .answers import Answer
from .codes import COMMENT, PROCEDURE, concept
from .diameters import slice_of
from .equipment import PROGRAM, USE, describe_object, device_uid
from .groups import measurement_groups
from .parts import burdens, told_lesions
from .segmentations import WrittenSegment
from .sources import Source

_COMMENT = (
    f"{USE}. Made by a network for pre-operative glioma of adults, and by no reader: to be verified before any use."
)


def make_report(
    what: str,
    order: int,
    answer: Answer,
    segments: Mapping[str, WrittenSegment],
    source: Source,
) -> Comprehensive3DSR:
    """Make the report: complete, not verified, preliminary. what, order: see `equipment.describe_object`."""
    algorithm, measures = answer.algorithm, answer.measures
    observer = DeviceObserverIdentifyingAttributes(
        device_uid(algorithm), PROGRAM, manufacturer_name=PROGRAM, model_name=algorithm.name[:64]
    )
    report = MeasurementReport(
        ObservationContext(ObserverContext(dictionary.DCM.Device, observer)),
        concept(PROCEDURE),
        measurement_groups(answer, segments, source),
        referenced_images=_pictures(measures, source),
    )
    report[0].ContentSequence.append(
        TextContentItem(concept(COMMENT), _comment(answer), relationship_type=RelationshipTypeValues.CONTAINS)
    )
    objects = _distinct([segment.data for segment in segments.values()])
    content = json.dumps(
        [to_wire(measures), _told(answer), [str(each.SOPInstanceUID) for each in objects]], sort_keys=True
    )
    return Comprehensive3DSR(
        evidence=[*source.headers, *source.further, *objects],
        content=report,
        is_complete=True,
        **describe_object(what, order, source, algorithm, hashlib.sha256(content.encode()).hexdigest()),
    )


def _comment(answer: Answer) -> str:
    if not answer.intervals_ml:
        return _COMMENT
    share = f"{100 * INTERVAL_COVERAGE:.0f}"
    return f"{_COMMENT} Uncertainties of volumes: the ranges are made to hold the true volume of {share} % of cases."


def _told(answer: Answer) -> dict[str, list[float]]:
    return {key: list(ends) for key, ends in answer.intervals_ml.items()}


def _pictures(measures: Measures, source: Source) -> list[Any] | None:
    """Return the headers of the pictures on which a diameter lies, for the report's list; None where there are none.

    highdicom cannot describe the frames of one file there, which the evidence names all the same.
    """
    if source.frames:
        return None
    lines = [lesion.diameters for _, burden in burdens(measures) for lesion in told_lesions(burden)]
    slices = sorted({index for each in lines if (index := slice_of(each, source)) is not None})
    return _distinct([source.picture(index)[0] for index in slices]) or None


def _distinct(objects: Sequence[Any]) -> list[Any]:
    """Return objects once each, in their order."""
    return list({str(each.SOPInstanceUID): each for each in objects}.values())
