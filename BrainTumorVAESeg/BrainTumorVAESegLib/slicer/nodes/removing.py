"""Nodes taken out of the scene with all that belongs to them alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import slicer


def remove_nodes(nodes: Iterable[Any]) -> None:
    """Take nodes out of the scene with their display and storage nodes, which Slicer leaves; None is passed over."""
    for node in [node for node in nodes if node is not None]:
        displays = node.GetNumberOfDisplayNodes() if node.IsA("vtkMRMLDisplayableNode") else 0
        helpers = [node.GetNthDisplayNode(n) for n in range(displays)]
        helpers.append(node.GetStorageNode() if node.IsA("vtkMRMLStorableNode") else None)
        for one in (node, *helpers):
            if one is not None:
                slicer.mrmlScene.RemoveNode(one)
