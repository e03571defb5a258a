"""What was measured of a segmentation, in the scene: its table of lesions, its diameters, and of which voxels."""

from __future__ import annotations

from typing import Any

import numpy as np
import slicer
from slicer.i18n import tr as _

from ...core.errors import InputError
from ...core.measures import Measures
from ...core.stamp import stamp_of
from .diameters import are_shown, draw_diameters, lines_of
from .hierarchy import place_beside
from .lesions import OTHERS_ATTRIBUTE, describe_measures, fill_lesions, rows_of_measures
from .output import measure_again, reference_of
from .segments import labels_of, style_of

LESIONS_ROLE = "BrainTumorVAESeg.lesions"
"""The segmentation node's reference to its table of lesions."""
STAMP_ATTRIBUTE = "BrainTumorVAESeg.measured"
"""The table node's attribute that tells of which voxels it holds."""


def lesion_table_of(segmentation: Any) -> Any:
    """Return the table of a segmentation node's lesions, or None."""
    return segmentation.GetNodeReference(LESIONS_ROLE) if segmentation is not None else None


def write_measures(segmentation: Any, reference: Any, labels: np.ndarray, measures: Measures) -> Any:
    """Write what was measured of labels (z, y, x) on the reference's grid beside a segmentation; return the table."""
    table, shown = lesion_table_of(segmentation), are_shown(segmentation)
    if table is None:
        name = slicer.mrmlScene.GenerateUniqueName(_("{name} lesions").format(name=segmentation.GetName()))
        table = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTableNode", name)
        segmentation.SetNodeReferenceID(LESIONS_ROLE, table.GetID())
    fill_lesions(table, rows_of_measures(measures))
    table.SetDescription(describe_measures(measures))
    table.SetAttribute(STAMP_ATTRIBUTE, stamp_of(labels))
    table.SetAttribute(OTHERS_ATTRIBUTE, str(measures.enhancing.others + measures.whole.others))
    draw_diameters(segmentation, measures, reference, shown)
    place_beside(table, reference)
    measure_again(segmentation, measures.volumes_ml, labels)
    return table


def is_measurable(segmentation: Any) -> bool:
    """Say whether a segmentation holds segments of ours and still has its volume."""
    reference = reference_of(segmentation) if segmentation is not None else None
    return reference is not None and reference.GetImageData() is not None and style_of(segmentation) is not None


def is_out_of_date(segmentation: Any) -> bool:
    """Say whether a segmentation's voxels are others than those that its table of lesions was measured of."""
    table = lesion_table_of(segmentation)
    if table is None or not is_measurable(segmentation):
        return False
    try:
        labels = labels_of(segmentation, reference_of(segmentation))
    except InputError:
        return True  # its segments are gone
    return bool(table.GetAttribute(STAMP_ATTRIBUTE) != stamp_of(labels))


def measured_nodes(segmentation: Any) -> list[Any]:
    """Return the nodes that hold what was measured of a segmentation."""
    return [lesion_table_of(segmentation), *lines_of(segmentation)]
