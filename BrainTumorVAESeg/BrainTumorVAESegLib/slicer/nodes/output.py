"""What a segmentation leaves in the scene beside its segments: names, places, the table, and how it came about."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import slicer
from slicer.i18n import tr as _

from ...core.answers import Segmented
from ...core.disk.guarded import UnreadableError, parse_json
from ...core.stamp import stamp_of
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
"""The table node's attribute with its mask, volumes, intervals and description as before any edit, as JSON."""
_MASK = "BrainTumorVAESeg.mask"
"""The table node's attribute that tells of which mask its volumes are."""
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


def write_output(segmentation: Any, reference: Any, told: Segmented, labels: np.ndarray) -> Any:
    """Put a segmentation where it belongs, write its table, and note by which package it was made; return the table.

    labels: (z, y, x), the library's values, as the worker told them.
    """
    table = table_of(segmentation)
    if table is None:
        name = slicer.mrmlScene.GenerateUniqueName(_("{name} volumes").format(name=segmentation.GetName()))
        table = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTableNode", name)
        segmentation.SetNodeReferenceID(TABLE_ROLE, table.GetID())
    first = _AsSegmented(stamp_of(labels), dict(told.volumes_ml), dict(told.intervals_ml), describe(told))
    table.SetAttribute(_AS_SEGMENTED, json.dumps(asdict(first)))
    _show(table, first)
    verdict = told.verdict.as_dict() if told.verdict is not None else None
    segmentation.SetAttribute(VERDICT_ATTRIBUTE, json.dumps(verdict))
    segmentation.SetAttribute(MODEL_ATTRIBUTE, f"{told.package} {told.package_version} {told.sha256}".strip())
    for node in (segmentation, table):
        place_beside(node, reference)
    return table


def write_intervals(segmentation: Any, intervals: Mapping[str, tuple[float, float]]) -> None:
    """Put other intervals of the volumes (ml, by region) beside them, now or once an edit of these is taken back."""
    table = table_of(segmentation)
    first = _as_segmented(table)
    if first is None:
        return
    wider = _("Intervals hold the answers to mirrored images too.")
    description = first.description if wider in first.description else f"{first.description} {wider}"
    wide = replace(first, intervals=dict(intervals), description=description)
    table.SetAttribute(_AS_SEGMENTED, json.dumps(asdict(wide)))
    if table.GetAttribute(_MASK) == wide.mask:
        _show(table, wide)


def measure_again(segmentation: Any, volumes: Mapping[str, float], labels: np.ndarray) -> None:
    """Write the volumes (ml, by key) of segments that may have been edited into their table, and say so there.

    labels: (z, y, x), the library's values, as the segments are now. An edit that was taken back brings the intervals
    back; another mask of the same volumes is an edit.
    """
    table = table_of(segmentation)
    if table is None:
        return
    mask, before = stamp_of(labels), table.GetAttribute(_MASK)
    if mask == before or (not before and _are_same(volumes, rows_of(table))):  # of a scene that notes no mask
        return
    first = _as_segmented(table)
    if first is not None and mask == first.mask:
        _show(table, first)
        return
    fill_table(table, volumes)
    table.SetAttribute(_MASK, mask)
    edited = _("Edited since.")
    if edited not in table.GetDescription():
        table.SetDescription(f"{table.GetDescription()} {edited}")


def _are_same(volumes: Mapping[str, float], others: Mapping[str, float]) -> bool:
    return all(key in volumes and abs(volumes[key] - other) <= _SAME_ML for key, other in others.items())


@dataclass(frozen=True)
class _AsSegmented:
    """What a table tells of the answer itself: its mask's stamp, volumes and intervals (ml, by key), and in words."""

    mask: str
    volumes: dict[str, float]
    intervals: dict[str, tuple[float, float]]
    description: str


def _show(table: Any, first: _AsSegmented) -> None:
    """Let a table tell of the answer as it was before any edit."""
    fill_table(table, first.volumes, first.intervals)
    table.SetDescription(first.description)
    table.SetAttribute(_MASK, first.mask)


def _as_segmented(table: Any) -> _AsSegmented | None:
    """Return what was noted, None where nothing can be read."""
    text = table.GetAttribute(_AS_SEGMENTED) if table is not None else None
    try:
        values: Any = parse_json(text or "")
        return _AsSegmented(
            str(values["mask"]),
            {str(key): float(volume) for key, volume in values["volumes"].items()},
            {str(key): (float(low), float(high)) for key, (low, high) in values["intervals"].items()},
            str(values["description"]),
        )
    except (UnreadableError, KeyError, TypeError, ValueError, AttributeError):
        return None


def describe(told: Segmented) -> str:
    """Return how a segmentation came about, in a line for people."""
    made = _("As segmented by {model} {version} on {device} in {seconds} s.").format(
        model=told.package,
        version=told.package_version,
        device=told.device,
        seconds=f"{sum(told.timings.values()):.1f}",
    )
    return " ".join([made, *describe_prepared(told.prepared), *told.notes])
