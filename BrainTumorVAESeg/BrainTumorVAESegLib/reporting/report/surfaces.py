"""Surfaces drawn by VTK, in a process of its own: VTK may end the whole process where it finds no way to draw.

Nothing is imported here but numpy and VTK, so that the process starts quickly.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

from ...core.labels import REGIONS

_SIZE, _EDGE = 620, 6
"""Pixels: a side of what is drawn, and the margin that is left around it."""
_OPACITY = {"WT": 0.28, "TC": 0.35, "ET": 1.0}
_BRAIN_COLOR, _BRAIN_OPACITY = (0.82, 0.74, 0.70), 0.13


def draw(arrays: dict[str, Any], path: Path) -> None:
    """Draw the fields of `view3d` to a PNG by VTK, seen from the front, above, and the side that `from_left` says."""
    from vtkmodules import vtkRenderingOpenGL2  # noqa: F401 - gives the window its way to draw
    from vtkmodules.vtkImagingCore import vtkExtractVOI
    from vtkmodules.vtkIOImage import vtkPNGWriter
    from vtkmodules.vtkRenderingCore import vtkRenderer, vtkRenderWindow, vtkWindowToImageFilter

    renderer = vtkRenderer()
    renderer.SetBackground(1, 1, 1)
    renderer.SetUseDepthPeeling(True)
    renderer.SetMaximumNumberOfPeels(12)
    renderer.AddActor(_actor(arrays, "brain", _BRAIN_COLOR, _BRAIN_OPACITY))
    for region in REGIONS:
        if f"{region.key}_field" in arrays:
            renderer.AddActor(_actor(arrays, region.key, region.color, _OPACITY[region.key]))
    camera = renderer.GetActiveCamera()
    side = 1 if arrays.get("from_left", True) else -1
    camera.SetPosition(0.62 * side, -0.9, 0.45)  # x rises to the left, y to the back, z to the head
    camera.SetFocalPoint(0, 0, 0)
    camera.SetViewUp(0, 0, 1)
    renderer.ResetCamera()
    camera.Zoom(1.25)  # with room around: what is white is cut off
    window = vtkRenderWindow()
    window.SetOffScreenRendering(True)
    window.SetMultiSamples(0)
    window.SetAlphaBitPlanes(True)
    window.SetSize(_SIZE, _SIZE)
    window.AddRenderer(renderer)
    window.Render()
    grab = vtkWindowToImageFilter()
    grab.SetInput(window)
    grab.ReadFrontBufferOff()
    grab.ShouldRerenderOff()
    grab.Update()
    cut = vtkExtractVOI()
    cut.SetInputConnection(grab.GetOutputPort())
    cut.SetVOI(*_frame(grab.GetOutput()))
    writer = vtkPNGWriter()
    writer.SetFileName(str(path))
    writer.SetInputConnection(cut.GetOutputPort())
    writer.Write()


def _frame(image: Any) -> tuple[int, ...]:
    """Return the bounds (x, y, z) of what is not white in a picture, with a margin."""
    from vtkmodules.util.numpy_support import vtk_to_numpy

    width, height, _ = image.GetDimensions()
    drawn = (vtk_to_numpy(image.GetPointData().GetScalars()).reshape(height, width, -1)[..., :3] < 255).any(axis=-1)
    rows, columns = np.flatnonzero(drawn.any(axis=1)), np.flatnonzero(drawn.any(axis=0))
    if not rows.size:
        return 0, width - 1, 0, height - 1, 0, 0
    left, right = max(int(columns[0]) - _EDGE, 0), min(int(columns[-1]) + _EDGE, width - 1)
    low, high = max(int(rows[0]) - _EDGE, 0), min(int(rows[-1]) + _EDGE, height - 1)
    return left, right, low, high, 0, 0


def _actor(arrays: dict[str, Any], name: str, color: tuple[float, float, float], opacity: float) -> Any:
    """Return the surface of a field as something to draw."""
    from vtkmodules.util.numpy_support import numpy_to_vtk
    from vtkmodules.vtkCommonDataModel import vtkImageData
    from vtkmodules.vtkFiltersCore import vtkFlyingEdges3D, vtkPolyDataNormals, vtkWindowedSincPolyDataFilter
    from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper

    field = arrays[f"{name}_field"]
    image = vtkImageData()
    image.SetDimensions(*field.shape[::-1])
    image.SetSpacing(*arrays[f"{name}_spacing"])
    image.SetOrigin(*arrays[f"{name}_origin"])
    image.SetDirectionMatrix(*arrays[f"{name}_direction"])
    image.GetPointData().SetScalars(numpy_to_vtk(field.ravel(), deep=True))
    edges = vtkFlyingEdges3D()
    edges.SetInputData(image)
    edges.SetValue(0, 100)
    smooth = vtkWindowedSincPolyDataFilter()
    smooth.SetInputConnection(edges.GetOutputPort())
    smooth.SetNumberOfIterations(15)
    smooth.SetPassBand(0.08)
    normals = vtkPolyDataNormals()
    normals.SetInputConnection(smooth.GetOutputPort())
    normals.SplittingOff()
    mapper = vtkPolyDataMapper()
    mapper.SetInputConnection(normals.GetOutputPort())
    mapper.ScalarVisibilityOff()
    actor = vtkActor()
    actor.SetMapper(mapper)
    look = actor.GetProperty()
    look.SetColor(*color)
    look.SetOpacity(opacity)
    look.SetSpecular(0.15)
    return actor


def main() -> None:
    """Draw what the first argument's file holds to the second's."""
    source, target = map(Path, sys.argv[1:3])
    with np.load(source, allow_pickle=False) as arrays:
        draw(dict(arrays), target)
