"""Slice views drawn without a window: what Slicer's slice logic blends, with segments, legends and markups over it.

    views = SliceViews(("Red", "Green", "Yellow"))
    views.draw(path)                     # side by side, as they are now

The nodes are those of Slicer's layout, so that what a module does to the views is seen.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import slicer
import vtk

ORIENTATIONS = {"Red": "Axial", "Green": "Coronal", "Yellow": "Sagittal"}
_MANAGERS = (
    "vtkMRMLSegmentationsDisplayableManager2D",
    "vtkMRMLColorLegendDisplayableManager",
    "vtkMRMLMarkupsDisplayableManager",
)


class SliceViews:
    """Some slice views of Slicer's layout, each as large as given (pixels)."""

    def __init__(self, names: tuple[str, ...] = tuple(ORIENTATIONS), size: tuple[int, int] = (360, 400)) -> None:
        self._size = size
        factory = slicer.vtkMRMLSliceViewDisplayableManagerFactory.GetInstance()
        factory.SetMRMLApplicationLogic(slicer.app.applicationLogic())
        for manager in _MANAGERS:
            if not factory.IsDisplayableManagerRegistered(manager):
                factory.RegisterDisplayableManager(manager)
        logics = vtk.vtkCollection()
        self.logics = [self._add_logic(name) for name in names]
        for logic in self.logics:
            logics.AddItem(logic)
        slicer.app.applicationLogic().SetSliceLogics(logics)
        self._views = [_View(logic, size, factory) for logic in self.logics]

    def _add_logic(self, name: str) -> Any:
        logic = slicer.vtkMRMLSliceLogic()
        logic.SetMRMLApplicationLogic(slicer.app.applicationLogic())
        logic.SetMRMLScene(slicer.mrmlScene)
        node = logic.AddSliceNode(name)
        node.SetOrientation(ORIENTATIONS[name])
        node.SetDimensions(*self._size, 1)
        return logic

    def fit(self) -> None:
        """Let each view show the whole of its background."""
        for logic in self.logics:
            logic.FitSliceToBackground(*self._size)

    def draw(self, path: str | Path) -> Path:
        """Write a picture of the views side by side."""
        append = vtk.vtkImageAppend()
        for view in self._views:
            append.AddInputData(view.picture())
        writer = vtk.vtkPNGWriter()
        writer.SetInputConnection(append.GetOutputPort())
        writer.SetFileName(str(path))
        writer.Write()
        return Path(path)


class _View:
    """One view: the blended layers as a flat image, and the displayable managers' props over it."""

    def __init__(self, logic: Any, size: tuple[int, int], factory: Any) -> None:
        self._window = vtk.vtkRenderWindow()
        self._window.SetOffScreenRendering(1)
        self._window.SetSize(*size)
        self._window.SetMultiSamples(0)
        renderer = vtk.vtkRenderer()
        self._window.AddRenderer(renderer)
        self._mapper = vtk.vtkImageMapper()
        self._mapper.SetColorWindow(255)
        self._mapper.SetColorLevel(127.5)
        self._logic = logic
        actor = vtk.vtkActor2D()
        actor.SetMapper(self._mapper)
        actor.GetProperty().SetDisplayLocationToBackground()
        renderer.AddViewProp(actor)
        self._interactor = vtk.vtkRenderWindowInteractor()  # the managers ask for one
        self._window.SetInteractor(self._interactor)
        renderer.GetActiveCamera().ParallelProjectionOn()
        self._group = factory.InstantiateDisplayableManagers(renderer)
        self._group.SetMRMLDisplayableNode(logic.GetSliceNode())

    def picture(self) -> Any:
        """Return what is seen now as a vtkImageData."""
        self._mapper.SetInputConnection(self._logic.GetImageDataConnection())
        self._window.Render()
        grabbed = vtk.vtkWindowToImageFilter()
        grabbed.SetInput(self._window)
        grabbed.ReadFrontBufferOff()
        grabbed.Update()
        return grabbed.GetOutput()
