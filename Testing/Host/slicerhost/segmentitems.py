"""What the subject hierarchy does with segments: an item for each, and the items' order back into the segmentation.

Slicer's Segmentations plugin learns of segments by the node's events. Between StartModify and EndModify these wait,
come once each in the order of their numbers, and no longer say which segment is meant. The tree's model appends an item
that was to come first, and tells the hierarchy so once the item changes; the plugin then orders the segments likewise.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from slicer import vtkMRMLSegmentationNode, vtkMRMLSubjectHierarchyNode, vtkSegmentation
from vtk import VTK_LONG, VTK_OBJECT, VTK_STRING, calldata_type, vtkIdList

_ID = vtkMRMLSegmentationNode.GetSegmentIDAttributeName()
_SEGMENT_EVENTS = ("SegmentAdded", "SegmentRemoved")


class SegmentItems:
    """The plugin and the tree's model for one scene."""

    def __init__(self, scene: Any) -> None:
        self._scene = scene
        self._rows: dict[int, list[int]] = {}
        self._ordering = False

        @calldata_type(VTK_OBJECT)
        def follow(caller: Any, event: str, node: Any) -> None:
            if isinstance(node, vtkMRMLSegmentationNode):
                self._follow_segmentation(node)
            elif isinstance(node, vtkMRMLSubjectHierarchyNode):
                self._follow_hierarchy(node)

        scene.AddObserver(scene.NodeAddedEvent, follow)

    @property
    def _hierarchy(self) -> Any:
        return vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(self._scene)

    # --- what the plugin does -----------------------------------------------------------------------------------------
    def _follow_segmentation(self, node: Any) -> None:
        # An observer that holds its own node is garbage to Python once nobody else in Python holds the node: it is
        # emptied while the scene goes on calling it. So these take the node from whoever calls.
        @calldata_type(VTK_STRING)
        def change(caller: Any, event: str, segment: str | None = None) -> None:
            if not self._scene.IsImporting():
                self.update(caller)

        for name in _SEGMENT_EVENTS:
            node.AddObserver(getattr(vtkSegmentation, name), change)
        node.AddObserver(vtkSegmentation.SegmentsOrderModified, lambda caller, event: self._order_items(caller))

    def update(self, node: Any) -> None:
        """Give each segment of a node its item, and take away those of segments that are gone."""
        parent, segmentation = self._hierarchy.GetItemByDataNode(node), node.GetSegmentation()
        if not parent:
            return
        for item in self._children(parent):
            if self._segment(item) and segmentation.GetSegment(self._segment(item)) is None:
                self._hierarchy.RemoveItem(item)
        shown = {self._segment(item) for item in self._children(parent)}
        for key in _keys(segmentation):
            if key not in shown:
                name, place = segmentation.GetSegment(key).GetName(), segmentation.GetSegmentIndex(key)
                item = self._hierarchy.CreateHierarchyItem(parent, name, "VirtualBranch", place)
                self._hierarchy.SetItemAttribute(item, _ID, key)

    def _order_items(self, node: Any) -> None:
        """Bring the items into the order of the segments."""
        parent = self._hierarchy.GetItemByDataNode(node)
        items = {self._segment(item): item for item in self._children(parent)} if parent else {}
        if len(items) < 2:
            return
        before, self._ordering = self._ordering, True
        after = self._children(parent)[-1]
        for key in reversed(_keys(node.GetSegmentation())):
            if key in items and items[key] != after:
                self._hierarchy.MoveItem(items[key], after)
                after = items[key]
        self._ordering = before

    def _order_segments(self, parent: int) -> None:
        """Bring the segments into the order of the items."""
        node, keys = self._hierarchy.GetItemDataNode(parent), [self._segment(i) for i in self._children(parent)]
        if self._ordering or not isinstance(node, vtkMRMLSegmentationNode) or len(keys) < 2:
            return
        node.GetSegmentation().ReorderSegments([key for key in keys if key])

    # --- what the tree's model does -----------------------------------------------------------------------------------
    def _follow_hierarchy(self, hierarchy: Any) -> None:
        def observe(event: int, act: Callable[[int], None]) -> None:
            @calldata_type(VTK_LONG)
            def call(caller: Any, event: str, item: int = 0) -> None:
                if item and not self._scene.IsClosing():
                    act(item)

            hierarchy.AddObserver(event, call)

        self._rows.clear()
        observe(hierarchy.SubjectHierarchyItemAddedEvent, self._insert_row)
        observe(hierarchy.SubjectHierarchyItemModifiedEvent, self._tell_row)
        observe(hierarchy.SubjectHierarchyItemChildrenReorderedEvent, self._take_order)

    def _insert_row(self, item: int) -> None:
        parent = self._hierarchy.GetItemParent(item)
        rows = [row for row in self._rows.get(parent, []) if row in self._children(parent)]
        place = self._children(parent).index(item)
        before = self._children(parent)[place - 1] if place else None
        rows.insert(rows.index(before) + 1 if before in rows else len(rows), item)
        self._rows[parent] = rows

    def _tell_row(self, item: int) -> None:
        """Move an item to where its row is, where they differ."""
        parent = self._hierarchy.GetItemParent(item)
        rows = [row for row in self._rows.get(parent, []) if row in self._children(parent)]
        if self._segment(item) and item in rows and rows != self._children(parent):
            following = rows[rows.index(item) + 1 :]
            self._hierarchy.MoveItem(item, following[0] if following else 0)

    def _take_order(self, parent: int) -> None:
        self._rows[parent] = self._children(parent)
        self._order_segments(parent)

    def _children(self, parent: int) -> list[int]:
        found = vtkIdList()
        self._hierarchy.GetItemChildren(parent, found)
        return [found.GetId(n) for n in range(found.GetNumberOfIds())]

    def _segment(self, item: int) -> str:
        return str(self._hierarchy.GetItemAttribute(item, _ID))


def _keys(segmentation: Any) -> list[str]:
    return [segmentation.GetNthSegmentID(n) for n in range(segmentation.GetNumberOfSegments())]
