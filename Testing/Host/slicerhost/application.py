# ruff: noqa: N801, N802, N815 (the names are Slicer's)
"""`slicer.app` and what hangs on it: module manager, layout manager, input and output, the scene and its logics."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import slicer
from PySide6.QtCore import Property, QObject, QProcessEnvironment, QSettings, Signal
from PySide6.QtWidgets import QApplication
from vtk import vtkCollection

from .fileio import qSlicerCoreIOManager
from .hierarchy import follow_hierarchy

LOGICS: Mapping[str, str] = MappingProxyType(
    {
        "Colors": "vtkSlicerColorLogic",
        "Markups": "vtkSlicerMarkupsLogic",
        "Segmentations": "vtkSlicerSegmentationsModuleLogic",
        "SubjectHierarchy": "vtkSlicerSubjectHierarchyModuleLogic",
        "Tables": "vtkSlicerTablesLogic",
        "Terminologies": "vtkSlicerTerminologiesModuleLogic",
        "Texts": "vtkSlicerTextsLogic",
        "Transforms": "vtkSlicerTransformLogic",
        "Units": "vtkSlicerUnitsLogic",
        "Volumes": "vtkSlicerVolumesLogic",
    }
)
"""The modules of Slicer that the host has, by name, with the class of their logic."""


class qSlicerAbstractModule(QObject):
    """A module of Slicer's own, of which the host has the logic alone."""

    def __init__(self, name: str, logic: Any = None) -> None:
        super().__init__()
        self.setObjectName(name)
        self._name, self._logic = name, logic
        self._gone = False

    def logic(self) -> Any:
        if self._gone:
            raise ValueError(f"Trying to call 'logic' on a destroyed {self._name} module")
        return self._logic

    def widgetRepresentation(self) -> Any:
        return None

    name = Property(str, lambda self: self._name)


class qSlicerModuleManager(QObject):
    """The modules by name."""

    moduleAboutToBeUnloaded = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._modules: dict[str, Any] = {}

    def module(self, name: str) -> Any:
        return self._modules.get(name)

    def factoryManager(self) -> qSlicerModuleFactoryManager:
        return qSlicerModuleFactoryManager(self)


class qSlicerModuleFactoryManager(QObject):
    """The names of the modules."""

    def __init__(self, manager: qSlicerModuleManager) -> None:
        super().__init__()
        self._manager = manager

    def loadedModuleNames(self) -> list[str]:
        return list(self._manager._modules)


class qSlicerLayoutManager(QObject):
    """A layout without views."""

    threeDViewCount = Property(int, lambda self: 0)
    tableViewCount = Property(int, lambda self: 0)
    plotViewCount = Property(int, lambda self: 0)

    def sliceViewNames(self) -> tuple[str, ...]:
        return ()

    def mrmlSliceLogics(self) -> Any:
        return vtkCollection()

    def resetThreeDViews(self) -> None:
        pass

    def resetSliceViews(self) -> None:
        pass

    def setLayout(self, layout: int) -> None:
        pass


class qSlicerApplication(QApplication):
    """The application: real Qt, a real scene, real logics."""

    startupCompleted = Signal()

    def __init__(self) -> None:
        super().__init__(["Slicer"])
        self.setApplicationName("Slicer")
        self.setOrganizationName("slicerhost")
        self._folder = tempfile.TemporaryDirectory(prefix="slicerhost-", ignore_cleanup_errors=True)
        self._temporary = str(Path(self._folder.name, "tmp"))
        Path(self._temporary).mkdir()
        QSettings.setDefaultFormat(QSettings.IniFormat)
        QSettings.setPath(QSettings.IniFormat, QSettings.UserScope, self._folder.name)
        QSettings().setValue("Developer/SelfTestDisplayMessageDelay", 0)
        self._put_python_slicer_on_path()
        self._scene = slicer.vtkMRMLScene()
        self._logic = slicer.vtkSlicerApplicationLogic()
        self._manager, self._layout, self._io = qSlicerModuleManager(), qSlicerLayoutManager(), qSlicerCoreIOManager()
        self._logic.SetMRMLScene(self._scene)
        self._let_scenes_be_unpacked()
        self._load_logics()
        follow_hierarchy(self._scene)

    def _put_python_slicer_on_path(self) -> None:
        import sys

        script = Path(self._folder.name, "bin", "PythonSlicer")
        script.parent.mkdir()
        script.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
        script.chmod(0o755)
        os.environ["PATH"] = f"{script.parent}{os.pathsep}{os.environ.get('PATH', '')}"

    def _let_scenes_be_unpacked(self) -> None:
        self._remote, self._data = slicer.vtkMRMLRemoteIOLogic(), slicer.vtkDataIOManagerLogic()
        Path(self.cachePath).mkdir()
        self._remote.GetCacheManager().SetRemoteCacheDirectory(self.cachePath)
        self._data.SetMRMLApplicationLogic(self._logic)
        self._data.SetAndObserveDataIOManager(self._remote.GetDataIOManager())
        self._logic.SetMRMLSceneDataIO(self._scene, self._remote, self._data)

    def _load_logics(self) -> None:
        slicer.vtkMRMLScene.GlobalWarningDisplayOff()  # they miss color tables and terminologies that the wheel lacks
        for name, class_name in LOGICS.items():
            logic = getattr(slicer, class_name)()
            logic.SetMRMLApplicationLogic(self._logic)
            logic.SetMRMLScene(self._scene)
            self._logic.SetModuleLogic(name, logic)
            self._add_module(name, qSlicerAbstractModule(name, logic))
        slicer.vtkMRMLScene.GlobalWarningDisplayOn()
        # Slicer's Segmentations module registers its rules when it starts.
        factory = slicer.vtkSegmentationConverterFactory.GetInstance()
        factory.RegisterConverterRule(slicer.vtkBinaryLabelmapToClosedSurfaceConversionRule())
        factory.RegisterConverterRule(slicer.vtkClosedSurfaceToBinaryLabelmapConversionRule())

    def _add_module(self, name: str, module: Any) -> None:
        self._manager._modules[name] = module
        setattr(slicer.modules, name.lower(), module)
        setattr(slicer.moduleNames, name, name)

    def mrmlScene(self) -> Any:
        return self._scene

    def applicationLogic(self) -> Any:
        return self._logic

    def moduleLogic(self, name: str) -> Any:
        return self._logic.GetModuleLogic(name)

    def moduleManager(self) -> qSlicerModuleManager:
        return self._manager

    def layoutManager(self) -> qSlicerLayoutManager:
        return self._layout

    def coreIOManager(self) -> qSlicerCoreIOManager:
        return self._io

    def ioManager(self) -> qSlicerCoreIOManager:
        return self._io

    def userSettings(self) -> QSettings:
        return QSettings()

    def settings(self) -> QSettings:
        return QSettings()

    def startupEnvironment(self) -> QProcessEnvironment:
        return QProcessEnvironment.systemEnvironment()

    def testingEnabled(self) -> bool:
        return True

    def pauseRender(self) -> None:
        pass

    def resumeRender(self) -> None:
        pass

    def restart(self) -> None:
        raise RuntimeError("the host cannot restart itself")

    def dicomDatabase(self) -> Any:
        return None

    def extensionsManagerModel(self) -> Any:
        return None

    def moduleDocumentationUrl(self, name: str) -> str:
        return f"https://slicer.readthedocs.io/en/latest/user_guide/modules/{name.lower()}.html"

    temporaryPath = Property(str, lambda self: self._temporary, lambda self, path: setattr(self, "_temporary", path))
    cachePath = Property(str, lambda self: f"{self._folder.name}/cache")
    slicerHome = Property(str, lambda self: self._folder.name)
    majorVersion = Property(int, lambda self: int(slicer_version()[0]))
    minorVersion = Property(int, lambda self: int(slicer_version()[1]))
    os = Property(str, lambda self: "linux")
    applicationLocaleName = Property(str, lambda self: "en_US")


def slicer_version() -> list[str]:
    """Return the parts of the version of Slicer whose core the wheel holds."""
    from importlib.metadata import version

    return version("slicer-core").split(".")
