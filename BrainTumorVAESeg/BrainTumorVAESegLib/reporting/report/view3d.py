"""The tumor in 3D within the brain's surface, where VTK is installed and can draw without a screen."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from ...core.boxes import bounding_box
from ...core.geometry import Geometry
from ...core.labels import REGIONS, channels_from_labels
from ...core.segmentation import Segmentation
from ...images.itk import orient, resample
from . import surfaces

_SECONDS = 30.0
"""After which a drawing is given up."""
_BRAIN_MM, _LEAST_MM = 2.5, 1.0
"""Voxels of the brain's surface, and the smallest ones of the tumor's."""
_MARGIN = 2


class Drawing:
    """A 3D picture that is being drawn by another process while the report goes on.

    from_left: whether it is seen from the patient's left, where most of the tumor lies, or from the right.
    """

    def __init__(self, segmentation: Segmentation, brain: np.ndarray) -> None:
        """Begin to draw. brain: mask (z, y, x) on the segmentation's grid."""
        self.reason = ""
        self.from_left = _lies_left(segmentation, brain)
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        if segmentation.is_empty:
            self.reason = "there is no tumor to show"
        elif find_spec("vtkmodules") is None:
            self.reason = "VTK is not installed (pip install vtk)"
        else:
            self._begin(segmentation, brain)

    def _begin(self, segmentation: Segmentation, brain: np.ndarray) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="btvs-")
        source, self._target = (Path(self._folder.name) / name for name in ("surfaces.npz", "surfaces.png"))
        np.savez(source, from_left=self.from_left, **_arrays(segmentation, brain))
        # The folder that holds the library, so that the child finds it wherever it was started.
        library = str(Path(__file__).parents[3])
        code = f"import sys; sys.path.insert(0, {library!r}); from {surfaces.__name__} import main; main()"
        command = [sys.executable, "-c", code, str(source), str(self._target)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def finish(self) -> bytes | None:
        """Return the PNG, or None where it could not be drawn; `reason` then says why."""
        if self._folder is None:
            return None
        try:
            code = self._process.wait(_SECONDS)
            if code == 0 and self._target.is_file():
                return self._target.read_bytes()
            self.reason = "VTK cannot draw on this machine"
        except subprocess.TimeoutExpired:
            self.reason = "VTK did not draw in time"
        finally:
            self.stop()
        return None

    def stop(self) -> None:
        """End the drawing and remove what it left."""
        if self._folder is not None:
            self._process.kill()
            self._process.wait()
            self._folder.cleanup()
            self._folder = None


def _lies_left(segmentation: Segmentation, brain: np.ndarray) -> bool:
    """Say whether the middle of the tumor lies left of the middle of the brain (x of LPS rises to the left)."""
    middles = []
    for mask in (segmentation.labels > 0, brain):
        along = np.count_nonzero(orient(mask.astype(np.uint8), segmentation.geometry)[0], axis=(0, 1))
        middles.append(float(np.average(np.arange(len(along)), weights=along)) if along.any() else 0.0)
    return middles[0] >= middles[1]


def _arrays(segmentation: Segmentation, brain: np.ndarray) -> dict[str, Any]:
    """Return the fields to draw, 0 to 1, on grids of LPS axes with margins of background, each with its grid."""
    labels, geometry = orient(segmentation.labels, segmentation.geometry)
    box = bounding_box(labels > 0)
    assert box is not None
    arrays: dict[str, Any] = _field("brain", orient(brain, segmentation.geometry)[0], geometry, _BRAIN_MM)
    near = geometry.sub_grid(box)
    for region in REGIONS:
        mask = channels_from_labels(labels[box], (region.key,))[0]
        if mask.any():
            arrays |= _field(region.key, mask, near, max(_LEAST_MM, min(geometry.spacing)))
    return arrays


def _field(name: str, mask: np.ndarray, geometry: Geometry, spacing: float) -> dict[str, np.ndarray]:
    margin = _MARGIN * spacing
    size = [
        int(np.ceil((n * s + 2 * margin) / spacing)) + 1 for n, s in zip(geometry.size, geometry.spacing, strict=True)
    ]
    axes = np.reshape(geometry.direction, (3, 3))
    origin = np.asarray(geometry.origin) - margin * axes.sum(axis=1)
    x, y, z = (float(value) for value in origin)
    grid = Geometry((size[0], size[1], size[2]), (spacing,) * 3, (x, y, z), geometry.direction)
    values = resample(mask.astype(np.uint8), geometry, grid)
    return {
        f"{name}_field": np.rint(200 * values).astype(np.uint8),
        f"{name}_spacing": np.full(3, spacing),
        f"{name}_origin": origin,
        f"{name}_direction": np.asarray(geometry.direction),
    }
