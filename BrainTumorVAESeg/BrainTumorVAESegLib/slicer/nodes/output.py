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
    verdict = told.verdict.as_dict() if told.verdict is not None else None
    segmentation.SetAttribute(VERDICT_ATTRIBUTE, json.dumps(verdict))
    segmentation.SetAttribute(MODEL_ATTRIBUTE, f"{told.package} {told.package_version} {told.sha256}".strip())
    for node in (segmentation, table):
        place_beside(node, reference)
    return table


def measure_again(segmentation: Any, volumes: Mapping[str, float]) -> None:
    """Write the volumes (ml, by key) of segments that may have been edited into their table, and say so there."""
    table = table_of(segmentation)
    if table is None:
        return
    before = rows_of(table)
    if any(abs(volumes[key] - volume) > _SAME_ML for key, volume in before.items()):
        fill_table(table, volumes)
        edited = _("Edited since.")
        if edited not in table.GetDescription():
            table.SetDescription(f"{table.GetDescription()} {edited}")


def describe(told: Segmented) -> str:
    """Return how a segmentation came about, in a line for people."""
    made = _("As segmented by {model} {version} on {device} in {seconds} s.").format(
        model=told.package,
        version=told.package_version,
        device=told.device,
        seconds=f"{sum(told.timings.values()):.1f}",
    )
    return " ".join([made, *describe_prepared(told.prepared), *told.notes])
