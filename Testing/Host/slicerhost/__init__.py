"""A host for tests: Slicer's real MRML core and a real Qt, put together as a scripted module expects them.

    >>> import slicerhost
    >>> slicerhost.install()
    >>> module = slicerhost.load_module("BrainTumorVAESeg/BrainTumorVAESeg.py")

`install` must run before anything imports `slicer`, `qt` or `ctk` for the names it adds. The README lists where the
host departs from Slicer.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

STANDINS = Path(__file__).resolve().parents[1] / "standins"


def install() -> ModuleType:
    """Put `slicer`, `qt`, `ctk` and `SampleData` into this process, once; return `slicer`.

    Slicer's own Python files come from the checkout that the environment variable SLICER_SOURCE names, where it does;
    else the host's stand-ins serve.
    """
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    import slicer

    if hasattr(slicer, "app"):
        return slicer
    from .ctkwidgets import make_ctk
    from .pythonqt import make_qt

    qt = make_qt()
    sys.modules["qt"], sys.modules["ctk"] = qt, make_ctk()
    _remove_what_slicer_lacks(slicer)
    for name in ("modules", "moduleNames"):
        sys.modules[f"slicer.{name}"] = ModuleType(f"slicer.{name}")
        setattr(slicer, name, sys.modules[f"slicer.{name}"])
    _add_slicer_python(slicer)
    _add_classes(slicer, qt)
    return slicer


def _remove_what_slicer_lacks(slicer: ModuleType) -> None:
    # The wheel's `slicer` has all names of slicer.util too.
    for name in slicer.util.__all__:
        if name in vars(slicer):
            delattr(slicer, name)


def _add_slicer_python(slicer: ModuleType) -> None:
    source = os.environ.get("SLICER_SOURCE")
    if source:
        slicer.__path__.append(str(Path(source, "Base", "Python", "slicer")))
        sys.path.append(str(Path(source, "Modules", "Scripted", "SampleData")))
    else:
        slicer.__path__.append(str(STANDINS / "slicer"))
        sys.path.append(str(STANDINS))


def _add_classes(slicer: Any, qt: Any) -> None:
    from . import application, fonts, modules, mrmlwidgets
    from .uiloader import HostUiLoader

    qt.QUiLoader = HostUiLoader
    for cls in (
        *mrmlwidgets.WIDGETS,
        application.qSlicerApplication,
        modules.qSlicerScriptedLoadableModule,
        modules.qSlicerScriptedLoadableModuleWidget,
    ):
        setattr(slicer, cls.__name__, cls)
    for name in ("qMRMLSliderWidget", "qMRMLSpinBox", "qMRMLRangeWidget"):
        setattr(slicer, name, type(name, (), {}))  # Slicer's parameterNodeWrapper asks whether a widget is one of these
    slicer.app = application.qSlicerApplication()
    slicer.mrmlScene = slicer.app.mrmlScene()
    fonts.add_fonts()


def load_module(path: str | Path) -> Any:
    """Load a scripted module as Slicer does at its start, and return it as `slicer.modules` has it."""
    from .modules import load

    return load(Path(path).resolve())
