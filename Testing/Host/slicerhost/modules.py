# ruff: noqa: N801, N802, N815 (the names are Slicer's)
"""Scripted modules: loaded, shown, entered, reloaded and unloaded as Slicer does it."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import slicer
from PySide6.QtCore import Property, QEvent
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QVBoxLayout, QWidget

from .application import qSlicerAbstractModule
from .mrmlwidgets import qSlicerWidget


def load(path: Path) -> qSlicerScriptedLoadableModule:
    """Import a module's file, make its module object and put it among `slicer.modules`."""
    name = path.stem
    if str(path.parent) not in sys.path:
        sys.path.insert(0, str(path.parent))
    spec = importlib.util.spec_from_file_location(name, path)
    code = importlib.util.module_from_spec(spec)
    sys.modules[name] = code
    spec.loader.exec_module(code)
    module = qSlicerScriptedLoadableModule(name, str(path))
    instance = getattr(code, name)(module)
    setattr(slicer.modules, f"{name}Instance", instance)
    slicer.app._add_module(name, module)
    if hasattr(instance, "setup"):
        instance.setup()
    return module


def unload(module: qSlicerScriptedLoadableModule, leave: bool = True) -> None:
    """Do to a module what Slicer does at its end: clean its widget up and delete it.

    leave: whether it is left before, as where a person closes the main window; `slicer.util.exit` leaves none.
    """
    name = module.name
    if module._widget is not None:
        if module._widget.isEntered and leave:
            module._widget.exit()
        with _after_later_ones(module):
            slicer.app.moduleManager().moduleAboutToBeUnloaded.emit(name)
        module._widget.deleteLater()
        module._widget = None
        slicer.app.sendPostedEvents(None, QEvent.DeferredDelete)
    for attribute in (name.lower(), f"{name}Instance", f"{name}Widget"):
        if hasattr(slicer.modules, attribute):
            delattr(slicer.modules, attribute)
    slicer.app.moduleManager()._modules.pop(name, None)
    getattr(slicer, "selfTests", {}).pop(name, None)
    sys.modules.pop(name, None)


@contextmanager
def _after_later_ones(module: qSlicerScriptedLoadableModule) -> Iterator[None]:
    """Let the modules be gone that Slicer loads later, by their names, and so unloads before: but for dependencies."""
    modules = slicer.app.moduleManager()._modules.values()
    gone = [other for other in modules if other.name > module.name and other.name not in (module.dependencies or ())]
    for other in gone:
        other._gone = True
    yield
    for other in gone:
        other._gone = False


class qSlicerScriptedLoadableModule(qSlicerAbstractModule):
    """A module written in Python; it is the `parent` of the module's first class."""

    def __init__(self, name: str, path: str) -> None:
        super().__init__(name)
        self._widget: qSlicerScriptedLoadableModuleWidget | None = None
        self._values: dict[str, Any] = {"path": path, "title": name, "icon": QIcon(), "hidden": False, "index": -1}

    def widgetRepresentation(self) -> qSlicerScriptedLoadableModuleWidget:
        if self._widget is None:
            self._widget = qSlicerScriptedLoadableModuleWidget(self.name, self.path)
            self._widget.reload()
            self._widget.setMRMLScene(slicer.mrmlScene)
        return self._widget


def _value(kind: Any, name: str) -> Property:
    return Property(kind, lambda self: self._values.get(name), lambda self, value: self._values.update({name: value}))


for _name in ("path", "title", "helpText", "acknowledgementText"):
    setattr(qSlicerScriptedLoadableModule, _name, _value(str, _name))
for _name in ("categories", "dependencies", "contributors", "associatedNodeTypes"):
    setattr(qSlicerScriptedLoadableModule, _name, _value("QStringList", _name))
for _name, _kind in (("icon", QIcon), ("hidden", bool), ("index", int)):
    setattr(qSlicerScriptedLoadableModule, _name, _value(_kind, _name))


class qSlicerScriptedLoadableModuleWidget(qSlicerWidget):
    """The widget that holds a scripted module's panel; it is the `parent` of the module's widget class."""

    def __init__(self, name: str, path: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._path, self._self, self._entered = name, path, None, False
        QVBoxLayout(self)

    def self(self) -> Any:
        return self._self

    def reload(self) -> None:
        self._self = getattr(sys.modules[self._name], f"{self._name}Widget")(self)
        setattr(slicer.modules, f"{self._name}Widget", self._self)
        self._self.setup()

    def enter(self) -> None:
        self._entered = True
        self._self.enter()

    def exit(self) -> None:
        self._entered = False
        self._self.exit()

    isEntered = Property(bool, lambda self: self._entered)
