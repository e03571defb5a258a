# ruff: noqa: N801, N802 (the names are Slicer's)
"""Slicer's input and output manager, as far as slicer.util asks it for volumes, segmentations, tables and scenes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import slicer
from PySide6.QtCore import QObject

_NODES = {
    "SegmentationFile": "vtkMRMLSegmentationNode",
    "TableFile": "vtkMRMLTableNode",
    "TransformFile": "vtkMRMLTransformNode",
    "TextFile": "vtkMRMLTextNode",
}
_SUFFIXES = {".mrml": "SceneFile", ".mrb": "SceneFile", ".csv": "TableFile", ".tsv": "TableFile", ".txt": "TextFile"}


class qSlicerCoreIOManager(QObject):
    """Reads and writes with the nodes' own storage nodes."""

    def fileType(self, path: str) -> str:
        if str(path).endswith((".seg.nrrd", ".seg.nhdr")):
            return "SegmentationFile"
        return _SUFFIXES.get(Path(path).suffix, "VolumeFile")

    def loadNodes(self, file_type: str, properties: dict[str, Any], loaded: Any, messages: Any = None) -> bool:
        path = str(properties["fileName"])
        if file_type == "SceneFile":
            return self.loadScene(path, properties.get("clear", False))
        name = properties.get("name") or Path(path).name.split(".")[0]
        if file_type == "VolumeFile":
            node = slicer.modules.volumes.logic().AddArchetypeVolume(path, name, int(properties.get("labelmap", False)))
        else:
            node = self._load_with_storage(_NODES[file_type], path, name)
        if node is not None:
            loaded.AddItem(node)
        return node is not None

    def _load_with_storage(self, class_name: str, path: str, name: str) -> Any:
        node = slicer.mrmlScene.AddNewNodeByClass(class_name, name)
        node.AddDefaultStorageNode()
        node.GetStorageNode().SetFileName(path)
        if node.GetStorageNode().ReadData(node):
            return node
        slicer.mrmlScene.RemoveNode(node)
        return None

    def loadScene(self, path: str, clear: bool = True) -> bool:
        scene = slicer.mrmlScene
        if path.endswith(".mrb"):
            return bool(scene.ReadFromMRB(path, clear))
        scene.SetURL(path)
        return bool(scene.Connect() if clear else scene.Import())

    def fileWriterFileType(self, node: Any, format: str = "") -> str:
        return node.GetClassName()

    def saveNodes(self, file_type: str, properties: dict[str, Any], messages: Any = None) -> bool:
        path = str(properties["fileName"])
        if file_type == "SceneFile":
            if path.endswith(".mrb"):
                return bool(slicer.mrmlScene.WriteToMRB(path, None))
            slicer.mrmlScene.SetURL(path)
            return bool(slicer.mrmlScene.Commit(path))
        node = slicer.mrmlScene.GetNodeByID(properties["nodeID"])
        node.AddDefaultStorageNode()
        node.GetStorageNode().SetFileName(path)
        return bool(node.GetStorageNode().WriteData(node))
