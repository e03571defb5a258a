"""Qt Designer's files, read with the host's widgets and with connections between scenes and selectors."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject
from PySide6.QtUiTools import QUiLoader

from . import ctkwidgets, mrmlwidgets


class HostUiLoader(QUiLoader):
    """A QUiLoader that knows the widgets of CTK and Slicer.

    The connections are made here, since C++ cannot connect signals that carry nodes from Python.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        for cls in (*ctkwidgets.WIDGETS, *mrmlwidgets.WIDGETS):
            self.registerCustomWidget(cls)

    def load(self, device: QIODevice, parent: Any = None) -> Any:
        tree = ElementTree.fromstring(bytes(device.readAll().data()))
        connections = tree.find("connections")
        if connections is not None:
            tree.remove(connections)
        buffer = QBuffer()
        buffer.setData(QByteArray(ElementTree.tostring(tree)))
        buffer.open(QIODevice.ReadOnly)
        widget = super().load(buffer, parent)
        for connection in () if connections is None else connections:
            sender, signal, receiver, slot = (connection.findtext(k) for k in ("sender", "signal", "receiver", "slot"))
            self._find(widget, sender).connect(signal, self._find(widget, receiver), slot)
        return widget

    def _find(self, widget: Any, name: str | None) -> Any:
        found = widget if widget.objectName == name else widget.findChild(QObject, name)
        if found is None:
            raise ValueError(f"the .ui file connects {name}, which is not in it")
        return found
