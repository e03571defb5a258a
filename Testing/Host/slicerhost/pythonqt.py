"""The module `qt`: PySide6 with the habits of PythonQt, the binding that Slicer has.

Properties are attributes that are read and written, signals are connected by their signature, and all classes stand in
one flat module. Everything here changes PySide6's classes in this process for good.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import partial
from types import ModuleType
from typing import Any

from PySide6 import QtCore, QtGui, QtNetwork, QtTest, QtUiTools, QtWidgets
from shiboken6 import Shiboken

_VIRTUAL = {"sizeHint", "minimumSizeHint"}  # C++ looks these up by name in Python classes; they stay methods
_connections: dict[int, list[tuple[str, Any, Any]]] = {}
_attribute = QtCore.QObject.__getattribute__


class _Property:
    """A Qt property as an attribute; seen from the class it is what stood there before, as QTimer.singleShot."""

    def __init__(self, name: str, method: Any) -> None:
        self.name, self.method = name, method
        self.setter = f"set{name[0].upper()}{name[1:]}"

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        if instance is not None:
            return instance.property(self.name)
        return self.method.__get__(None, owner) if hasattr(self.method, "__get__") else self.method

    def __set__(self, instance: Any, value: Any) -> None:
        setter = getattr(instance, self.setter, None)
        if setter is not None:
            setter(value)
        elif not instance.setProperty(self.name, value):
            raise AttributeError(f"{type(instance).__name__}.{self.name} cannot be set to {value!r}")


def trimmed(slot: Callable[..., Any]) -> Callable[..., Any]:
    """Return a slot that takes any number of values and passes on as many as the function names, as PythonQt does."""
    code = getattr(getattr(slot, "__func__", slot), "__code__", None)
    if code is None or code.co_flags & inspect.CO_VARARGS:
        return lambda *values: slot(*values)
    count = code.co_argcount - inspect.ismethod(slot)
    return lambda *values: slot(*values[:count])


def _connect(self: QtCore.QObject, signal: str, *target: Any) -> bool:
    if not isinstance(signal, str):
        return bool(_attribute(self, "connect")(signal, *target))
    slot = target[0] if len(target) == 1 else getattr(target[0], target[1].partition("(")[0])
    own = getattr(type(self), "mrml_signals", {}).get(signal)
    if own is not None:
        connection = _attribute(self, own).connect(trimmed(slot))
    elif self.metaObject().indexOfSignal(QtCore.QMetaObject.normalizedSignature(signal).data().decode()) < 0:
        raise ValueError(f"{type(self).__name__} has no signal {signal}")
    else:
        connection = QtCore.QObject.connect(self, QtCore.SIGNAL(signal), trimmed(slot))
    address = Shiboken.getCppPointer(self)[0]
    if address not in _connections:
        _connections[address] = []
        self.destroyed.connect(lambda *_: _connections.pop(address, None))
    _connections[address].append((signal, slot, connection))
    return True


def _disconnect(self: QtCore.QObject, signal: str, *target: Any) -> bool:
    if not isinstance(signal, str):
        return bool(_attribute(self, "disconnect")(signal, *target))
    mine = _connections.get(Shiboken.getCppPointer(self)[0], [])
    found = [c for c in mine if c[0] == signal and (not target or c[1] == target[0])]
    for connection in found:
        mine.remove(connection)
        QtCore.QObject.disconnect(connection[2])
    return bool(found)


def _let_connect(cls: Any) -> None:
    # PySide6 answers these two names itself, before any method that is put on a class.
    original = cls.__getattribute__

    def look_up(self: QtCore.QObject, name: str) -> Any:
        if name == "connect":
            return partial(_connect, self)
        if name == "disconnect":
            return partial(_disconnect, self)
        return original(self, name)

    cls.__getattribute__ = look_up


def _give_properties(cls: type) -> None:
    meta = cls.staticMetaObject  # type: ignore[attr-defined]
    for index in range(meta.propertyOffset(), meta.propertyCount()):
        name = meta.property(index).name()
        if name not in _VIRTUAL:
            setattr(cls, name, _Property(name, inspect.getattr_static(cls, name, None)))


def make_qt() -> ModuleType:
    """Change PySide6's classes to PythonQt's habits and return the module `qt` with all of them."""
    qt = ModuleType("qt", "Qt's classes, flat.")
    for module in (QtCore, QtGui, QtNetwork, QtTest, QtUiTools, QtWidgets):
        for name in dir(module):
            cls = getattr(module, name)
            if name.startswith("Q") and isinstance(cls, type):
                setattr(qt, name, cls)
                if issubclass(cls, QtCore.QObject):
                    _give_properties(cls)
                    if "__getattribute__" in vars(cls):
                        _let_connect(cls)
    QtCore.QObject.name = _Property("objectName", None)
    QtCore.QObject.className = lambda self: self.metaObject().className()
    return qt
