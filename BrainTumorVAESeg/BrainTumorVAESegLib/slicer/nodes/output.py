"""What a segmentation leaves in the scene beside its segments: names, places, the table, and how it came about."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import slicer
from slicer.i18n import tr as _

from ...core.answers import Segmented
from ...core.disk.guarded import UnreadableError, parse_json
from ...core.verdict import Verdict
from .hierarchy import place_beside
from .registered import describe_prepared
from .tables import fill_table, rows_of

TABLE_ROLE = "BrainTumorVAESeg.volumes"
"""The segmentation node's reference to its table of volumes."""
_SAME_ML = 1e-4
MODEL_ATTRIBUTE = "BrainTumorVAESeg.model"
"""The segmentation node's attribute that names the package, its version and hash."""

_AS_SEGMENTED = "BrainTumorVAESeg.asSegmented"
"""The table node's attribute with its volumes, intervals and description as they were before any edit, as JSON."""
VERDICT_ATTRIBUTE = "BrainTumorVAESeg.verdict"
"""The segmentation node's attribute that holds the input check's verdict as JSON, `null` where nothing was judged."""


def new_segmentation(reference: Any) -> Any:
    """Add an empty segmentation node, named after the reference volume."""
    name = slicer.mrmlScene.GenerateUniqueName(_("{name} tumor").format(name=reference.GetName()))
    return slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", name)


def table_of(segmentation: Any) -> Any:
    """Return the table of a segmentation node's volumes, or None."""
    return segmentation.GetNodeReference(TABLE_ROLE) if segmentation is not None else None


def reference_of(segmentation: Any) -> Any:
    """Return the volume node on whose grid a segmentation lies, or None."""
    return segmentation.GetNodeReference(slicer.vtkMRMLSegmentationNode.GetReferenceImageGeometryReferenceRole())


def was_judged(segmentation: Any) -> bool:
    """Say whether a segmentation tells how its images were judged, be it that they could not be."""
    return segmentation is not None and segmentation.GetAttribute(VERDICT_ATTRIBUTE) is not None


def verdict_of(segmentation: Any) -> Verdict | None:
    """Return the input check's verdict on a segmentation's images, None where there is none or it cannot be read."""
    text = segmentation.GetAttribute(VERDICT_ATTRIBUTE) if segmentation is not None else None
    try:
        values = parse_json(text) if text else None
        return Verdict.from_dict(values) if values is not None else None
    except (UnreadableError, KeyError, TypeError, ValueError):
        return None


def write_output(segmentation: Any, reference: Any, told: Segmented) -> Any:
    """Put a segmentation where it belongs, write its table, and note by which package it was made; return the table."""
    table = table_of(segmentation)
    if table is None:
        name = slicer.mrmlScene.GenerateUniqueName(_("{name} volumes").format(name=segmentation.GetName()))
        table = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTableNode", name)
        segmentation.SetNodeReferenceID(TABLE_ROLE, table.GetID())
    fill_table(table, told.volumes_ml, told.intervals_ml)
    table.SetDescription(describe(told))
    _note_as_segmented(table, told.volumes_ml, told.intervals_ml, table.GetDescription())
    verdict = told.verdict.as_dict() if told.verdict is not None else None
    segmentation.SetAttribute(VERDICT_ATTRIBUTE, json.dumps(verdict))
    segmentation.SetAttribute(MODEL_ATTRIBUTE, f"{told.package} {told.package_version} {told.sha256}".strip())
    for node in (segmentation, table):
        place_beside(node, reference)
    return table


def write_intervals(segmentation: Any, intervals: Mapping[str, tuple[float, float]]) -> None:
    """Put other intervals of the volumes (ml, by region) beside them, now or once an edit of these is taken back."""
    table = table_of(segmentation)
    volumes, _intervals, description = _as_segmented(table)
    if not volumes:
        return
    wider = _("Intervals hold the answers to mirrored images too.")
    description = description if wider in description else f"{description} {wider}"
    _note_as_segmented(table, volumes, intervals, description)
    measure_again(segmentation, rows_of(table), anew=True)


def measure_again(segmentation: Any, volumes: Mapping[str, float], anew: bool = False) -> None:
    """Write the volumes (ml, by key) of segments that may have been edited into their table, and say so there.

    An edit that was taken back brings the intervals back. anew: also where the volumes are those of the table.
    """
    table = table_of(segmentation)
    if table is None:
        return
    before = rows_of(table)
    if anew or not _are_same(volumes, before):
        first, intervals, description = _as_segmented(table)
        if first and _are_same(volumes, first):
            fill_table(table, first, intervals)
            table.SetDescription(description)
            return
        fill_table(table, volumes)
        edited = _("Edited since.")
        if edited not in table.GetDescription():
            table.SetDescription(f"{table.GetDescription()} {edited}")


def _are_same(volumes: Mapping[str, float], others: Mapping[str, float]) -> bool:
    return all(key in volumes and abs(volumes[key] - other) <= _SAME_ML for key, other in others.items())


def _note_as_segmented(
    table: Any, volumes: Mapping[str, float], intervals: Mapping[str, tuple[float, float]], description: str
) -> None:
    """Note in a table what it tells of the answer itself, for when edits are taken back."""
    values = {"volumes": dict(volumes), "intervals": dict(intervals), "description": description}
    table.SetAttribute(_AS_SEGMENTED, json.dumps(values))


def _as_segmented(table: Any) -> tuple[dict[str, float], dict[str, tuple[float, float]], str]:
    """Return what was noted: volumes and intervals (ml, by key) and the description; nothing where none can be read."""
    text = table.GetAttribute(_AS_SEGMENTED) if table is not None else None
    try:
        values: Any = parse_json(text) if text else {"volumes": {}, "intervals": {}, "description": ""}
        return (
            {str(key): float(volume) for key, volume in values["volumes"].items()},
            {str(key): (float(low), float(high)) for key, (low, high) in values["intervals"].items()},
            str(values["description"]),
        )
    except (UnreadableError, KeyError, TypeError, ValueError, AttributeError):
        return {}, {}, ""


def describe(told: Segmented) -> str:
    """Return how a segmentation came about, in a line for people."""
    made = _("As segmented by {model} {version} on {device} in {seconds} s.").format(
        model=told.package,
        version=told.package_version,
        device=told.device,
        seconds=f"{sum(told.timings.values()):.1f}",
    )
    return " ".join([made, *describe_prepared(told.prepared), *told.notes])
