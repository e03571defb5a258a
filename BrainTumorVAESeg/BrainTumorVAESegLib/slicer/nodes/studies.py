"""The studies of a scene: volumes that stand together in the subject hierarchy, told apart by modality."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import slicer

from ...core.modalities import Modality
from .assignment import propose
from .hierarchy import find_study


@dataclass(frozen=True)
class SceneStudy:
    """A study's name, and its volume nodes that are recognized."""

    name: str
    nodes: Mapping[Modality, Any]


def scene_studies(scene: Any) -> list[SceneStudy]:
    """Return the studies of a scene, in the order in which their volumes came.

    Volumes that no study holds belong together where they stand in one folder.
    """
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)
    kind = "vtkMRMLScalarVolumeNode"
    groups: dict[int, list[Any]] = {}
    for number in range(scene.GetNumberOfNodesByClass(kind)):
        node = scene.GetNthNodeByClass(number, kind)
        item = find_study(node) or hierarchy.GetItemParent(hierarchy.GetItemByDataNode(node))
        groups.setdefault(int(item), []).append(node)
    studies = []
    for item, nodes in groups.items():
        found = propose(nodes).nodes
        if found:
            studies.append(SceneStudy(_name(hierarchy, item, found), found))
    return studies


def _name(hierarchy: Any, item: int, nodes: Mapping[Modality, Any]) -> str:
    """Return what a study is called: patient and study as the hierarchy names them, or the first volume's name."""
    scene = hierarchy.GetSceneItemID()
    if item in (0, scene):
        return str(next(iter(nodes.values())).GetName())
    parent = hierarchy.GetItemParent(item)
    names = [hierarchy.GetItemName(each) for each in (parent, item) if each not in (0, scene)]
    return " ".join(str(name) for name in names).replace("/", "_").replace("\\", "_")
