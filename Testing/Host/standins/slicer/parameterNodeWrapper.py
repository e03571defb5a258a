# ruff: noqa: N802, N803, N815 (the names are Slicer's)
"""Typed access to a parameter node, bound to widgets: a stand-in for Slicer's `slicer.parameterNodeWrapper`.

It knows str, int, float, bool, enums and nodes, and stores them in the node as Slicer does.
"""

from __future__ import annotations

import enum
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import ctk
import qt
import slicer
import vtk

__all__ = [
    "Choice",
    "Default",
    "SlicerParameterNamePropertyName",
    "WithinRange",
    "isParameterNodeWrapper",
    "parameterNodeWrapper",
]

SlicerParameterNamePropertyName = "SlicerParameterName"


@dataclass(frozen=True)
class Default:
    value: Any


@dataclass(frozen=True)
class WithinRange:
    minimum: float
    maximum: float

    def validate(self, value: Any) -> None:
        if not self.minimum <= value <= self.maximum:
            raise ValueError(f"{value} is not between {self.minimum} and {self.maximum}")


@dataclass(frozen=True)
class Choice:
    choices: typing.Sequence[Any]

    def validate(self, value: Any) -> None:
        if value not in self.choices:
            raise ValueError(f"{value!r} is none of {self.choices}")


class _Parameter:
    """One member of a wrapper class: its name, type, limits and default."""

    def __init__(self, name: str, hint: Any, owner: type) -> None:
        self.name, self.hint = name, hint
        self.type, *notes = typing.get_args(Annotated[hint, None])[:-1]
        self.validators = [note for note in notes if isinstance(note, WithinRange | Choice)]
        defaults = [note.value for note in notes if isinstance(note, Default)]
        named = typing.get_args(self.type)  # of a union, which has to name None as well
        if named and type(None) not in named:
            raise TypeError(f"{owner.__name__}.{name}: a union of node classes has None among them")
        self.classes = tuple(each for each in named if each is not type(None)) or (self.type,)
        self.is_node = all(issubclass(each, slicer.vtkMRMLNode) for each in self.classes)
        self.is_enum = not self.is_node and issubclass(self.type, enum.Enum)
        if not (self.is_node or self.is_enum or self.type in (str, int, float, bool)):
            raise TypeError(f"{owner.__name__}.{name}: the stand-in knows no parameters of type {self.type}")
        self.default = getattr(owner, name, defaults[0] if defaults else self._first())

    def _first(self) -> Any:
        return None if self.is_node else next(iter(self.type)) if self.is_enum else self.type()

    def check(self, value: Any) -> None:
        types = (int, float) if self.type is float else self.classes
        if not (isinstance(value, types) or (self.is_node and value is None)):
            raise TypeError(f"{self.name} must be {' or '.join(each.__name__ for each in types)}, not {value!r}")
        for validator in self.validators:
            validator.validate(value)

    def read(self, node: Any) -> Any:
        if self.is_node:
            return node.GetNodeReference(self.name)
        text = node.GetParameter(self.name)
        if self.is_enum:
            return self.type[text]
        return text == "True" if self.type is bool else self.type(text)

    def write(self, node: Any, value: Any) -> None:
        self.check(value)
        if self.is_node:
            node.SetParameter(self.name, "")
            node.SetNodeReferenceID(self.name, value.GetID() if value is not None else None)
        else:
            node.SetParameter(self.name, value.name if self.is_enum else str(value))


@dataclass(frozen=True)
class _Bond:
    """How a widget shows a parameter: the signal that tells of a change, and the way in and out."""

    signal: Any
    read: Callable[[], Any]
    write: Callable[[Any], None]
    changed: Callable[..., None]


def _attribute(widget: Any, name: str) -> tuple[Callable[[], Any], Callable[[Any], None]]:
    return lambda: getattr(widget, name), lambda value: setattr(widget, name, value)


def _make_way(widget: Any, parameter: _Parameter) -> tuple[Any, Callable[[], Any], Callable[[Any], None]]:
    """Return the signal, the reader and the writer of a widget of the right class for a parameter."""
    kind, widget_type = parameter.type, type(widget)
    if kind is bool and widget_type in (qt.QCheckBox, ctk.ctkCheckBox):
        return widget.stateChanged, *_attribute(widget, "checked")
    if kind is bool and widget_type is qt.QPushButton:
        widget.checkable = True
        return widget.toggled, *_attribute(widget, "checked")
    if kind is int and widget_type in (qt.QSlider, qt.QSpinBox):
        _limit(widget, parameter, needed=widget_type is qt.QSlider)
        return widget.valueChanged, *_attribute(widget, "value")
    if kind in (int, float) and widget_type in (qt.QDoubleSpinBox, ctk.ctkSliderWidget):
        _limit(widget, parameter, needed=widget_type is ctk.ctkSliderWidget)
        return widget.valueChanged, lambda: kind(widget.value), lambda value: setattr(widget, "value", value)
    if widget_type in (qt.QComboBox, ctk.ctkComboBox):
        return _make_list(widget, parameter)
    if kind is str and widget_type is qt.QLineEdit:
        return widget.textChanged, *_attribute(widget, "text")
    if parameter.is_node and widget_type is slicer.qMRMLNodeComboBox:
        widget.nodeTypes = tuple(each.__name__ for each in parameter.classes)
        return widget.currentNodeChanged, widget.currentNode, widget.setCurrentNode
    raise RuntimeError(f"Unable to bind {parameter.name} ({kind.__name__}) to a {widget_type.__name__}")


def _limit(widget: Any, parameter: _Parameter, needed: bool) -> None:
    limits = [v for v in parameter.validators if isinstance(v, WithinRange)]
    if limits:
        widget.minimum, widget.maximum = limits[0].minimum, limits[0].maximum
    elif needed:
        raise RuntimeError(f"{parameter.name}: a slider needs WithinRange")


def _make_list(widget: Any, parameter: _Parameter) -> tuple[Any, Callable[[], Any], Callable[[Any], None]]:
    choices = [v for v in parameter.validators if isinstance(v, Choice)]
    if not parameter.is_enum and not choices:
        raise RuntimeError(f"{parameter.name}: a combo box needs an enum or Choice")
    values = list(parameter.type) if parameter.is_enum else list(choices[0].choices)
    label = getattr(parameter.type, "label", lambda value: value.name) if parameter.is_enum else str
    widget.clear()
    for value in values:
        widget.addItem(label(value))
    return (
        widget.currentIndexChanged,
        lambda: values[widget.currentIndex],
        lambda value: setattr(widget, "currentIndex", values.index(value)),
    )


class _Wrapper:
    """What `parameterNodeWrapper` adds to a class."""

    allParameters: Mapping[str, _Parameter]

    def __init__(self, parameterNode: Any, prefix: str | None = None) -> None:
        self.parameterNode = parameterNode
        self._bonds: dict[int, dict[str, _Bond]] = {}
        self._observers: dict[int, int] = {}
        self._updating = False
        for parameter in self.allParameters.values():
            if not parameterNode.HasParameter(parameter.name):
                parameter.write(parameterNode, parameter.default)

    def getValue(self, name: str) -> Any:
        return self._parameter(name).read(self.parameterNode)

    def setValue(self, name: str, value: Any) -> None:
        with slicer.util.NodeModify(self.parameterNode):
            self._parameter(name).write(self.parameterNode, value)

    def default(self, name: str) -> Default:
        return Default(self._parameter(name).default)

    def dataType(self, name: str) -> Any:
        return self._parameter(name).hint

    def isCached(self, name: str) -> bool:
        return self._parameter(name) is not None

    def connectGui(self, gui: Any) -> int:
        widgets = gui.findChildren(qt.QWidget) if hasattr(gui, "isWidgetType") else vars(gui).values()
        named = {widget.property(SlicerParameterNamePropertyName): widget for widget in widgets}
        return self.connectParametersToGui({name: widget for name, widget in named.items() if name})

    def connectParametersToGui(self, mapping: Mapping[str, Any]) -> int:
        tag = max(self._bonds, default=-1) + 1
        self._bonds[tag] = {name: self._bond(name, widget) for name, widget in mapping.items()}
        for name, bond in self._bonds[tag].items():
            bond.write(self.getValue(name))
            bond.signal.connect(bond.changed)
        self._observers[tag] = self.AddObserver(vtk.vtkCommand.ModifiedEvent, lambda *_: self._show())
        return tag

    def disconnectGui(self, tag: int | None) -> None:
        for bond in self._bonds.pop(tag, {}).values():
            bond.signal.disconnect(bond.changed)
        if tag in self._observers:
            self.RemoveObserver(self._observers.pop(tag))

    def _parameter(self, name: str) -> _Parameter:
        if name not in self.allParameters:
            raise ValueError(f"Cannot find a parameter {name}; there are {', '.join(self.allParameters)}")
        return self.allParameters[name]

    def _bond(self, name: str, widget: Any) -> _Bond:
        signal, read, write = _make_way(widget, self._parameter(name))

        def changed(*_: Any) -> None:
            if not self._updating:
                self.setValue(name, read())

        return _Bond(signal, read, write, changed)

    def _show(self) -> None:
        if self._updating:
            return
        self._updating = True
        try:
            for bonds in self._bonds.values():
                for name, bond in bonds.items():
                    bond.write(self.getValue(name))
        finally:
            self._updating = False

    def StartModify(self) -> int:
        return self.parameterNode.StartModify()

    def EndModify(self, wasModified: int) -> int:
        return self.parameterNode.EndModify(wasModified)

    def Modified(self) -> None:
        self.parameterNode.Modified()

    def AddObserver(self, event: Any, callback: Callable[..., None], priority: float = 0.0) -> int:
        return self.parameterNode.AddObserver(event, callback, priority)

    def RemoveObserver(self, tag: int) -> None:
        self.parameterNode.RemoveObserver(tag)


_OF_EVERY_CLASS = {"__dict__", "__weakref__", "__doc__", "__module__", "__annotations__"}


def isParameterNodeWrapper(classOrObj: Any) -> bool:
    return hasattr(classOrObj, "allParameters")


def parameterNodeWrapper(classtype: type) -> type:
    """Give a class of annotated members the parameter node that its constructor is called with."""
    hints = typing.get_type_hints(classtype, include_extras=True)
    parameters = {name: _Parameter(name, hint, classtype) for name, hint in hints.items()}
    members = {name: member for name, member in vars(_Wrapper).items() if name not in _OF_EVERY_CLASS}
    for name, member in (members | {name: _member(name) for name in parameters}).items():
        setattr(classtype, name, member)
    classtype.allParameters = parameters  # type: ignore[attr-defined]
    return classtype


def _member(name: str) -> property:
    return property(lambda self: self.getValue(name), lambda self, value: self.setValue(name, value))
