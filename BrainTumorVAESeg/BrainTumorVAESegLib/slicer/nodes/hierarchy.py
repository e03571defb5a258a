"""The subject hierarchy: results stand under the study of the volume that they belong to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import slicer


def place_beside(node: Any, reference: Any) -> None:
    """Put a node under the reference volume's study, or where it has none beside the volume.

    DICOM export of a segmentation asks for the study. A node that a person has put elsewhere below that study, or
    where there is none into some folder, stays there.
    """
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(node.GetScene())
    study, parent = find_study(reference), _place_of(hierarchy, reference)
    own = hierarchy.GetItemByDataNode(node)
    if not own:
        hierarchy.CreateItem(parent, node)
    elif find_study(node) != study if study else hierarchy.GetItemParent(own) == hierarchy.GetSceneItemID():
        hierarchy.SetItemParent(own, parent)


def place_in_folder(nodes: Iterable[Any], reference: Any, name: str) -> None:
    """Put nodes into a folder of a name under the reference volume's study, or where it has none beside the volume."""
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(reference.GetScene())
    parent = _place_of(hierarchy, reference)
    folder = hierarchy.GetItemChildWithName(parent, name) or hierarchy.CreateFolderItem(parent, name)
    for node in nodes:
        own = hierarchy.GetItemByDataNode(node)
        if own:
            hierarchy.SetItemParent(own, folder)
        else:
            hierarchy.CreateItem(folder, node)


def _place_of(hierarchy: Any, reference: Any) -> int:
    """Return the item under which belongs what belongs to a volume."""
    item = hierarchy.GetItemByDataNode(reference)
    if not item:
        item = hierarchy.CreateItem(hierarchy.GetSceneItemID(), reference)
    return int(find_study(reference) or hierarchy.GetItemParent(item))


def find_study(node: Any) -> int:
    """Return the item of the study under which a node stands in its scene's subject hierarchy, 0 for none."""
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(node.GetScene())
    item = hierarchy.GetItemByDataNode(node)
    level = slicer.vtkMRMLSubjectHierarchyConstants.GetDICOMLevelStudy()
    return int(hierarchy.GetItemAncestorAtLevel(item, level)) if item else 0
