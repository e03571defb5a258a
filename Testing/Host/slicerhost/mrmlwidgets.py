# ruff: noqa: N801, N802, N815 (the names are Slicer's)
"""The widgets of Slicer that know a scene: qMRMLWidget and qMRMLNodeComboBox, over PySide6."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Property, Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSizePolicy, QWidget
from slicer import vtkMRMLNode, vtkMRMLScene
from vtk import vtkCommand

_REFRESHING = ("NodeAddedEvent", "EndImportEvent", "EndRestoreEvent", "EndBatchProcessEvent")
_NONE, _NODE, _ACTION = range(3)


def _let_go(observed: list[tuple[Any, int]]) -> None:
    while observed:
        subject, tag = observed.pop()
        subject.RemoveObserver(tag)


def _flag(name: str) -> Property:
    return Property(bool, lambda self: self._flags[name], lambda self, value: self._set(name, value))


class qMRMLWidget(QWidget):
    """A widget that has a scene."""

    mrmlSceneChanged = Signal(object)
    mrml_signals = {"mrmlSceneChanged(vtkMRMLScene*)": "mrmlSceneChanged"}  # noqa: RUF012

    _scene = None

    def mrmlScene(self) -> Any:
        return self._scene

    def setMRMLScene(self, scene: Any) -> None:
        if scene is not self._scene:
            self._scene = scene
            self.mrmlSceneChanged.emit(scene)


class qSlicerWidget(qMRMLWidget):
    pass


class qMRMLNodeComboBox(QWidget):
    """A choice among the scene's nodes of some classes; actions to create and delete one come last in the list."""

    currentNodeChanged = Signal(object)
    currentNodeIDChanged = Signal(str)
    nodeActivated = Signal(object)
    nodeAddedByUser = Signal(object)
    nodeAddedByUserAction = Signal(object)
    _validity = Signal(bool)
    mrml_signals = {  # noqa: RUF012
        "currentNodeChanged(vtkMRMLNode*)": "currentNodeChanged",
        "currentNodeChanged(bool)": "_validity",
        "nodeActivated(vtkMRMLNode*)": "nodeActivated",
        "nodeAddedByUser(vtkMRMLNode*)": "nodeAddedByUser",
        "nodeAddedByUserAction(vtkMRMLNode*)": "nodeAddedByUserAction",
    }

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scene = None
        self._observed: list[tuple[Any, int]] = []
        self._observed_nodes: list[tuple[Any, int]] = []
        self._types: tuple[str, ...] = ()
        self._hidden_types: tuple[str, ...] = ()
        self._attributes: list[tuple[str, str, str | None]] = []
        self._base_names: dict[str, str] = {}
        self._labels: dict[str, str] = {}
        self._current = ""  # the current node's ID
        self._requested: str | None = None
        self._flags = {"noneEnabled": False, "addEnabled": True, "removeEnabled": True, "renameEnabled": False}
        self._flags |= {"editEnabled": False, "showHidden": False, "showChildNodeTypes": True}
        self._flags["selectNodeUponCreation"] = True
        self._none = "None"
        self._box = QComboBox()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._box)
        self.setSizePolicy(QSizePolicy.Preferred, QSizePolicy.Fixed)
        self._box.activated.connect(self._chosen)
        scene_s, nodes_s = self._observed, self._observed_nodes  # not the widget, which is gone then
        self.destroyed.connect(lambda *_: (_let_go(scene_s), _let_go(nodes_s)))
        self.setEnabled(False)

    # What is shown

    def _is_shown(self, node: Any) -> bool:
        if node.GetHideFromEditors() and not self._flags["showHidden"]:
            return False
        if any(node.IsA(name) for name in self._hidden_types):
            return False
        of_type = node.IsA if self._flags["showChildNodeTypes"] else node.GetClassName().__eq__
        return any(of_type(name) and self._fits(node, name) for name in self._types)

    def _fits(self, node: Any, node_type: str) -> bool:
        wanted = [(name, value) for kind, name, value in self._attributes if kind == node_type]
        return all(
            node.GetAttribute(name) is not None and (value is None or node.GetAttribute(name) == value)
            for name, value in wanted
        )

    def _nodes(self) -> list[Any]:
        if self._scene is None:
            return []
        return [n for n in map(self._scene.GetNthNode, range(self._scene.GetNumberOfNodes())) if self._is_shown(n)]

    def _refresh(self, caller: Any = None, event: str = "", removed: bool = False) -> None:
        if self._scene is None or self._scene.IsBatchProcessing():
            return
        row, nodes = self._box.currentIndex, self._nodes()
        self._watch_names(nodes)
        self._fill(nodes)
        ids = [node.GetID() for node in nodes]
        if self._current in ids or (not self._current and (self._has_extra_rows() or not ids)):
            self._show_current()
        elif not self._current:
            self._select(ids[0])  # Qt chooses the first row of a list that was empty
        else:  # Qt goes to the row before one that is removed alone
            kind, node_id = self._row(row - 1) if removed and row > 0 else (_NONE, "")
            self._select(node_id if kind != _ACTION else "")

    def _has_extra_rows(self) -> bool:
        return any(self._flags[name] for name in ("noneEnabled", "addEnabled", "removeEnabled"))

    def _fill(self, nodes: list[Any]) -> None:
        self._box.clear()
        if self._flags["noneEnabled"]:
            self._box.addItem(self._none, (_NONE, ""))
        for node in nodes:
            self._box.addItem(node.GetName() or "", (_NODE, node.GetID()))
        actions = [("CREATE", t) for t in self._types] if self._flags["addEnabled"] else []
        actions += [("DELETE", "")] if self._flags["removeEnabled"] else []
        for action, node_type in actions:
            label = self.nodeTypeLabel(node_type or (self._types[0] if len(self._types) == 1 else ""))
            text = f"Create new {label}" if action == "CREATE" else f"Delete current {label}"
            self._box.addItem(text, (_ACTION, f"{action}/{node_type}"))
        self._box.setPlaceholderText(f"Select a {self.nodeTypeLabel(self._types[0] if self._types else '')}")

    def _watch_names(self, nodes: list[Any]) -> None:
        _let_go(self._observed_nodes)
        self._observed_nodes += [(n, n.AddObserver(vtkCommand.ModifiedEvent, self._renamed)) for n in nodes]

    def _renamed(self, node: Any, event: str) -> None:
        if node.GetHideFromEditors() or not node.GetID():
            return self._refresh()
        for row in range(self._box.count):
            if self._box.itemData(row, Qt.UserRole) == (_NODE, node.GetID()):
                self._box.setItemText(row, node.GetName() or "")
        return None

    def _show_current(self) -> None:
        rows = [r for r in range(self._box.count) if self._row(r)[0] != _ACTION and self._row(r)[1] == self._current]
        self._box.setCurrentIndex(rows[0] if rows else -1)

    def _row(self, row: int) -> tuple[int, str]:
        return tuple(self._box.itemData(row, Qt.UserRole))

    # What is chosen

    def _select(self, node_id: str) -> None:
        changed = node_id != self._current
        self._current = node_id
        self._show_current()
        if changed:
            node = self.currentNode()
            self.currentNodeChanged.emit(node)
            self._validity.emit(node is not None)
            self.currentNodeIDChanged.emit(node_id)

    def _chosen(self, row: int) -> None:
        kind, value = self._row(row)
        if kind == _ACTION:
            self._show_current()
            return self._act(*value.split("/"))
        self._select(value)
        self.nodeActivated.emit(self.currentNode())
        return None

    def _act(self, action: str, node_type: str) -> None:
        if action == "DELETE":
            self.removeCurrentNode()
            return
        node = self.addNode(node_type)
        self.setCurrentNode(node)
        self.nodeAddedByUserAction.emit(node)

    def setMRMLScene(self, scene: Any) -> None:
        if scene is self._scene:
            return
        _let_go(self._observed)
        self._scene = scene
        self._watch_names([])
        if scene is not None:
            tags = [scene.AddObserver(getattr(scene, event), self._refresh) for event in _REFRESHING]
            tags.append(scene.AddObserver(scene.NodeRemovedEvent, lambda *_: self._refresh(removed=True)))
            self._observed += [(scene, tag) for tag in tags]
        self.setEnabled(scene is not None)
        self._refresh()
        if self._requested is not None:
            self.setCurrentNodeID(self._requested)

    def mrmlScene(self) -> Any:
        return self._scene

    def currentNode(self) -> Any:
        return self._scene.GetNodeByID(self._current) if self._scene is not None and self._current else None

    def setCurrentNode(self, node: Any) -> None:
        self.setCurrentNodeID(node.GetID() if isinstance(node, vtkMRMLNode) else "")

    def setCurrentNodeID(self, node_id: str) -> None:
        if self._scene is None:
            self._requested = node_id
            return
        self._select(node_id if node_id in [n.GetID() for n in self._nodes()] else "")

    def setCurrentNodeIndex(self, index: int) -> None:
        nodes = self._nodes()
        self._select(nodes[index].GetID() if 0 <= index < len(nodes) else "")

    def nodeCount(self) -> int:
        return len(self._nodes())

    def nodeFromIndex(self, index: int) -> Any:
        nodes = self._nodes()
        return nodes[index] if 0 <= index < len(nodes) else None

    def addNode(self, node_type: str = "") -> Any:
        node_type = node_type or self._types[0]
        name = self._base_names.get(node_type) or self.nodeTypeLabel(node_type)
        node = self._scene.AddNewNodeByClass(node_type, self._scene.GenerateUniqueName(name))
        for kind, attribute, value in self._attributes:
            if kind == node_type:
                node.SetAttribute(attribute, value or "")
        if self._flags["selectNodeUponCreation"]:
            self.setCurrentNode(node)
        self.nodeAddedByUser.emit(node)
        return node

    def removeCurrentNode(self) -> None:
        self._scene.RemoveNode(self.currentNode())

    def addAttribute(self, node_type: str, name: str, value: str | None = None) -> None:
        self._attributes.append((node_type, name, value))
        self._refresh()

    def removeAttribute(self, node_type: str, name: str) -> None:
        self._attributes = [a for a in self._attributes if a[:2] != (node_type, name)]
        self._refresh()

    def nodeTypeLabel(self, node_type: str) -> str:
        label = self._labels.get(node_type, "")
        if not label and isinstance(self._scene, vtkMRMLScene):
            label = self._scene.GetTypeDisplayNameByClassName(node_type)
        return label or "node"

    def setNodeTypeLabel(self, label: str, node_type: str) -> None:
        self._labels[node_type] = label
        self._refresh()

    def _set(self, name: str, value: Any) -> None:
        if name in self._flags:
            self._flags[name] = bool(value)
        else:
            setattr(self, name, tuple(v for v in value if v) if isinstance(value, list | tuple) else value)
        self._refresh()

    def _set_base_name(self, name: str) -> None:
        self._base_names.update(dict.fromkeys(self._types, name))

    currentNodeID = Property(str, lambda self: self._current, setCurrentNodeID)
    nodeTypes = Property("QStringList", lambda self: self._types, lambda self, v: self._set("_types", v))
    hideChildNodeTypes = Property(
        "QStringList", lambda self: self._hidden_types, lambda self, v: self._set("_hidden_types", v)
    )
    noneDisplay = Property(str, lambda self: self._none, lambda self, v: self._set("_none", v))
    baseName = Property(str, lambda self: self._base_names.get((*self._types, "")[0], ""), _set_base_name)
    noneEnabled = _flag("noneEnabled")
    addEnabled = _flag("addEnabled")
    removeEnabled = _flag("removeEnabled")
    renameEnabled = _flag("renameEnabled")
    editEnabled = _flag("editEnabled")
    showHidden = _flag("showHidden")
    showChildNodeTypes = _flag("showChildNodeTypes")
    selectNodeUponCreation = _flag("selectNodeUponCreation")


WIDGETS = (qMRMLWidget, qSlicerWidget, qMRMLNodeComboBox)
