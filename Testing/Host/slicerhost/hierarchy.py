"""What Slicer's subject hierarchy plugins do to a scene: each node that a person sees gets an item, and loses it."""

from __future__ import annotations

from typing import Any

from slicer import (
    vtkMRMLDisplayableNode,
    vtkMRMLSegmentationNode,
    vtkMRMLStorableNode,
    vtkMRMLSubjectHierarchyNode,
)
from vtk import VTK_OBJECT, calldata_type

from .segmentitems import SegmentItems


def _has_item(node: Any) -> bool:
    seen = isinstance(node, vtkMRMLDisplayableNode | vtkMRMLStorableNode)
    return seen and not node.GetHideFromEditors() and not isinstance(node, vtkMRMLSubjectHierarchyNode)


def follow_hierarchy(scene: Any) -> None:
    """Give each node that comes into the scene an item below the scene's, as Slicer's plugin logic does."""

    def hierarchy() -> Any:
        return vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)

    def give_item(node: Any) -> None:
        if _has_item(node) and not hierarchy().GetItemByDataNode(node):
            hierarchy().CreateItem(hierarchy().GetSceneItemID(), node)
            if isinstance(node, vtkMRMLSegmentationNode):
                segments.update(node)

    @calldata_type(VTK_OBJECT)
    def add(caller: Any, event: str, node: Any) -> None:
        if not scene.IsBatchProcessing():
            give_item(node)

    @calldata_type(VTK_OBJECT)
    def remove(caller: Any, event: str, node: Any) -> None:
        if _has_item(node) and not scene.IsClosing():
            item = hierarchy().GetItemByDataNode(node)
            if item:
                hierarchy().RemoveItem(item, False, False)

    def add_all(caller: Any, event: str) -> None:
        for index in range(scene.GetNumberOfNodes()):
            give_item(scene.GetNthNode(index))

    segments = SegmentItems(scene)
    hierarchy()
    scene.AddObserver(scene.EndCloseEvent, lambda *_: hierarchy())
    scene.AddObserver(scene.NodeAddedEvent, add)
    scene.AddObserver(scene.NodeAboutToBeRemovedEvent, remove)
    scene.AddObserver(scene.EndImportEvent, add_all)
    scene.AddObserver(scene.EndBatchProcessEvent, add_all)
