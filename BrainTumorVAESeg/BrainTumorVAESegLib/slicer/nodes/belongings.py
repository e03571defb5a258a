"""All that a segmentation brought into the scene, taken out with it."""

from __future__ import annotations

from typing import Any

import slicer

from .brainmask import mask_of
from .diameters import lines_of
from .measured import measured_nodes
from .output import table_of
from .overlays import overlay_of
from .registered import transforms_of
from .removing import remove_nodes


def remove_result(segmentation: Any) -> None:
    """Remove a segmentation with its tables, diameters, transforms, map and brain mask; the volumes stay."""
    folders = {_folder_of(line) for line in lines_of(segmentation)}
    made = [*measured_nodes(segmentation), *transforms_of(segmentation).values(), mask_of(segmentation)]
    remove_nodes([*made, overlay_of(segmentation), table_of(segmentation), segmentation])
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)
    for folder in folders:
        if hierarchy.GetNumberOfItemChildren(folder) == 0:
            hierarchy.RemoveItem(folder)


def _folder_of(line: Any) -> int:
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(line.GetScene())
    return int(hierarchy.GetItemParent(hierarchy.GetItemByDataNode(line)))
