"""What a segmentation leaves in the scene beside its segments: names, places, the table, and how it came about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import slicer
from slicer.i18n import tr as _

from ...core.protocol import Segmented
from .hierarchy import place_beside
from .registered import describe_prepared
from .tables import fill_table, rows_of

TABLE_ROLE = "BrainTumorVAESeg.volumes"
"""The segmentation node's reference to its table of volumes."""
_SAME_ML = 1e-4
MODEL_ATTRIBUTE = "BrainTumorVAESeg.model"
"""The segmentation node's attribute that names the package, its version and hash."""


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


def write_output(segmentation: Any, reference: Any, told: Segmented) -> Any:
    """Put a segmentation where it belongs, write its table, and note by which package it was made; return the table."""
    table = table_of(segmentation)
    if table is None:
        name = slicer.mrmlScene.GenerateUniqueName(_("{name} volumes").format(name=segmentation.GetName()))
        table = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTableNode", name)
        segmentation.SetNodeReferenceID(TABLE_ROLE, table.GetID())
    fill_table(table, told.volumes_ml)
    table.SetDescription(describe(told))
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
